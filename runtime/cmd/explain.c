/* `runbox explain`: the plan of a bundle under the given grants on this host; nothing is run. It
 * prints what `runbox run` would apply: both call plan_make(). */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "bundles/exports.h"
#include "runtime/base/str.h"
#include "runtime/cmd/apart.h"
#include "runtime/cmd/cmd.h"
#include "runtime/host/resolve.h"
#include "runtime/monitor/remote.h"
#include "runtime/plan/plan.h"

static const char help[] =
    "usage: runbox explain [OPTION]... BUNDLE\n\n"
    "Print what the bundle asks for, what is granted and by whom (option, host policy, user\n"
    "policy), and what would be applied by which layer.\n\n"
    "  --export NAME            what holds for this function of those that the manifest exports\n"
    "  -l, --limit NAME=VALUE   as for runbox run\n"
    "  -g, --grant WHAT         as for runbox run\n"
    "  --cgroup-parent PATH     as for runbox run\n"
    "  --json                   the plan as JSON: bytes, nanoseconds, thousandths of a CPU;\n"
    "                           null is unlimited\n"
    "  -h, --help               this text\n\n"
    "Exit status: 0 all granted, 2 usage, 3 something does not validate, 4 a grant is missing,\n"
    "125 this host cannot enforce a limit.\n";

static const struct option longs[] = {
    {"export", required_argument, NULL, 'e'},
    {"limit", required_argument, NULL, 'l'},
    {"grant", required_argument, NULL, 'g'},
    {"cgroup-parent", required_argument, NULL, 'c'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

struct explain {
    const char *path, *cgroup_parent, *export;
    struct grants grants; /* .what.item points into argv */
    bool json;
    struct bundle *bundle;
    struct manifest *manifest;
    struct findings findings;
    struct plan *plan;
};

/* 0: continue; 1: --help was printed; -1: a usage error was. */
static int explain_parse(struct explain *e, int argc, char **argv)
{
    struct fault why;
    int c;

    optind = 1;
    while ((c = getopt_long(argc, argv, "l:g:h", longs, NULL)) != -1) {
        if (c == 'h')
            return cmd_help(help), 1;
        if (c == '?')
            return cmd_usage_told("explain"), -1;
        if (c == 'j')
            e->json = true;
        else if (c == 'e')
            e->export = optarg;
        else if (c == 'c')
            e->cgroup_parent = optarg;
        else if (c == 'g') {
            e->grants.what.item[e->grants.what.count++] = optarg;
            if (cmd_grant("explain", optarg))
                return -1;
        } else if (grants_override(&e->grants, optarg, &why) < 0)
            return cmd_usage("explain", "%s: %s", why.where, why.what), -1;
    }
    if (cmd_parent("explain", e->cgroup_parent) || cmd_export("explain", e->export))
        return -1;
    if (optind == argc)
        return cmd_usage("explain", "name the bundle's directory"), -1;
    if (optind != argc - 1)
        return cmd_usage("explain", "one bundle at a time: \"%s\" is one too many",
                         argv[optind + 1]),
               -1;
    e->path = argv[optind];
    return cmd_path("explain", "BUNDLE", e->path, true) ? -1 : 0;
}

/* Without one: what the limits of each may lower. */
static int explain_choose(struct explain *e, struct fault *why)
{
    const struct export *chosen;

    if (!e->export)
        return 0;
    if (exports_choose(e->manifest, e->export, &chosen, why) < 0) {
        exports_usage(why);
        return -1;
    }
    exports_lower(e->manifest, chosen);
    return 0;
}

static int explain_make(struct explain *e, struct remote *r, struct fault *why)
{
    struct policy_grants policy;
    struct host host;

    if (remote_bundle(r, e->path, &e->bundle, why) < 0 ||
        manifest_load(e->bundle, &e->manifest, &e->findings, why) < 0 ||
        explain_choose(e, why) < 0 || remote_site(r, e->manifest->name, &host, &policy, why) < 0)
        return -1;
    if (plan_at(&host, &policy, e->bundle->digest, e->manifest, &e->grants, &e->plan, why) == 0) {
        if (e->export)
            snprintf(e->plan->export, sizeof e->plan->export, "%s", e->export);
        return 0;
    }
    manifest_place(e->bundle, why);
    return -1;
}

static int explain_print(const struct explain *e, struct fault *why)
{
    autostr struct str text = {0};

    if (e->json)
        plan_json(e->plan, &text);
    else
        plan_table(e->plan, &text);
    if (text.failed)
        return fault_set(why, STATUS_SETUP, ENOMEM, "explain", "writing the plan");
    if (fwrite(text.data, 1, text.len, stdout) != text.len || fflush(stdout) != 0)
        return fault_set(why, STATUS_SETUP, errno, "stdout", "writing the plan");
    return 0;
}

/* The table shows what is missing; with JSON, one line on stderr does. */
static int explain_finish(const struct explain *e)
{
    struct fault why;

    if (explain_print(e, &why) < 0)
        return cmd_fault(&why);
    if (plan_refusal(e->plan, &why) == 0)
        return 0;
    return e->json ? cmd_fault(&why) : status_exit(why.status, 0);
}

static int explain(void *of, struct remote *r)
{
    struct explain *e = of;
    struct fault why = {0};

    if (explain_make(e, r, &why) == 0)
        return explain_finish(e);
    if (!findings_any(&e->findings))
        return cmd_fault(&why);

    autostr struct str where = {0};

    str_addf(&where, "%s/manifest.json", e->path);
    cmd_findings(&e->findings, where.failed ? "manifest.json" : where.data);
    return status_exit(why.status, 0);
}

int cmd_explain(int argc, char **argv)
{
    struct explain e = {.grants.what.item = calloc((size_t)argc, sizeof(char *))};
    struct apart a = {.policies = true, .keep = -1, .body = explain, .of = &e};
    int rc;

    limits_clear(&e.grants.override);
    if (!e.grants.what.item)
        return cmd_fault(&(struct fault){STATUS_SETUP, 0, "explain", "out of memory"});
    rc = explain_parse(&e, argc, argv);
    a.path = e.path;
    a.cgroup_parent = e.cgroup_parent;
    if (rc)
        rc = rc > 0 ? 0 : status_exit(STATUS_USAGE, 0);
    else
        rc = apart_run(&a);
    free(e.grants.what.item);
    return rc;
}
