/* `runbox describe`: what a bundle takes and gives, from its manifest. Nothing is run. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

#include "bundles/describe.h"
#include "bundles/manifest.h"
#include "runtime/cmd/apart.h"
#include "runtime/cmd/cmd.h"
#include "runtime/cmd/texts.h"
#include "runtime/monitor/remote.h"
#include "runtime/plan/plan.h"
#include "runtime/wire/text.h"

static const char help[] =
    "usage: runbox describe [--json] BUNDLE\n\n"
    "Print what the bundle takes and returns: its argument, options and result, or those of each\n"
    "function that it exports, the methods that it calls on its caller and the keyring namespaces\n"
    "that it asks for.\n\n"
    "  --json       one JSON object, with full schemas: name, version, description, inputSchema,\n"
    "               outputSchema, options, calls, keyring_access, exports\n"
    "  -h, --help   this text\n\n"
    "Exit status: 0, 2 usage, 3 the bundle does not validate, 125 runbox itself failed.\n";

static const struct option longs[] = {
    {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};

static int describe_print(const struct manifest *m, bool json)
{
    autostr struct str text = {0}, visible = {0};

    if (json)
        describe_json(m, &text);
    else
        describe_text(m, &text);
    if (text.failed)
        visible.failed = true;
    else if (json)
        text_json_visible(&visible, (struct span){text.data, text.len});
    else
        text_visible(&visible, text.data, text.len);
    return text_print(&visible);
}

struct describe {
    const char *path;
    bool json;
};

static int describe(void *of, struct remote *r)
{
    const struct describe *d = of;
    const char *path = d->path;
    struct manifest *m = NULL;
    struct bundle *b = NULL;
    struct findings f = {0};
    struct fault why = {0};
    int rc;

    if (remote_bundle(r, path, &b, &why) == 0 && manifest_load(b, &m, &f, &why) == 0 &&
        plan_check(m, &why) == 0) {
        rc = describe_print(m, d->json);
    } else if (findings_any(&f)) {
        autostr struct str where = {0};

        str_addf(&where, "%s/manifest.json", path);
        cmd_findings(&f, where.failed ? "manifest.json" : where.data);
        rc = status_exit(why.status, 0);
    } else {
        if (m)
            manifest_place(b, &why);
        rc = cmd_fault(&why);
    }
    findings_free(&f);
    manifest_free(m);
    bundle_free(b);
    return rc;
}

int cmd_describe(int argc, char **argv)
{
    struct describe d = {0};
    struct apart a = {.keep = -1, .body = describe, .of = &d};
    int c;

    optind = 1;
    while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
        if (c == 'h')
            return cmd_help(help), 0;
        if (c == '?')
            return cmd_usage_told("describe");
        d.json = true;
    }
    if (optind == argc)
        return cmd_usage("describe", "name the bundle's directory");
    if (optind != argc - 1)
        return cmd_usage("describe", "one bundle at a time: \"%s\" is one too many",
                         argv[optind + 1]);
    c = cmd_path("describe", "BUNDLE", argv[optind], true);
    a.path = d.path = argv[optind];
    return c ? c : apart_run(&a);
}
