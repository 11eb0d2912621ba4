/* `runbox check`: everything that can be known about a bundle without running it. The manifest is
 * read here; the sources are compiled in a box (monitor/lint.h), since Lua's compiler never sees
 * untrusted text outside one. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundles/arguments.h"
#include "bundles/defaults.h"
#include "bundles/manifest.h"
#include "runtime/base/path.h"
#include "runtime/cmd/apart.h"
#include "runtime/cmd/check.h"
#include "runtime/cmd/cmd.h"
#include "runtime/cmd/remarks.h"
#include "runtime/cmd/texts.h"
#include "runtime/json/json.h"
#include "runtime/json/schema/schema.h"
#include "runtime/monitor/lint.h"
#include "runtime/monitor/remote.h"
#include "runtime/plan/plan.h"

static const char help[] =
    "usage: runbox check [--json] PATH...\n\n"
    "Check bundles, or manifests alone, without running anything: the manifest and its schemas,\n"
    "their defaults, whether the sources parse, and what they use that the manifest does not\n"
    "ask for or a box does not have. The sources are compiled in a box.\n\n"
    "  --json       one JSON object a line for each PATH: bundle, valid, errors, warnings\n"
    "  -h, --help   this text\n\n"
    "Exit status: 0 no errors (there may be warnings), 2 usage, 3 errors, 125 runbox itself\n"
    "failed.\n";

static const struct option longs[] = {
    {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};

/* A run without options still gets {}, filled with defaults and validated: if that alone exhausts
 * the budget, no run can start. */
static void check_no_options(const struct manifest *m, struct findings *f)
{
    const struct path at = {.name = "options"};
    struct json_object *options = NULL;
    struct meter work = m->meter;
    struct findings found = {0};
    struct fault ignored;

    arguments_options(m, &options, NULL, 0, &work, &found, &ignored);
    if (work.spent)
        findings_add(f, &at, NULL, false, "too costly to check even when none are given: %s",
                     meter_why(&work));
    findings_free(&found);
    json_free(options);
}

/* Faults with which every run would fail. */
static void check_plan(struct remarks *r, const char *dir, const char *file, const char *text,
                       size_t n, const struct manifest *m, struct fault *why)
{
    char pointer[MANIFEST_POINTER];
    struct fault found;
    const char *what;

    if (plan_check(m, &found) == 0)
        return;
    if (manifest_wrong(&found, pointer, &what))
        remarks_add(r, true, dir, file, json_locate(text, n, pointer, false), pointer, "%s", what);
    else
        *why = found;
}

/* What a schema lets pass, and hardly means. */
static void check_schema(struct remarks *r, const struct schema *s, const struct path *up,
                         const char *name, struct findings *f)
{
    const struct path at = {.up = up, .name = name};
    size_t before = f->count;

    if (s)
        schema_strays(s, f);
    if (s && f->count == before && !up && strcmp(name, "options") == 0 &&
        schema_lacks_properties(s, &r->no_memory))
        findings_add(f, &at, NULL, true,
                     "no \"properties\": -o NAME=VALUE can give none, and a start line any");
}

/* The bundle's own SCHEMA beside its exports'. */
static void check_unused(const struct json_object *schema, const struct manifest *m,
                         const char *name, struct findings *f)
{
    const struct path at = {.name = name};

    if (schema && m->export_count)
        findings_add(f, &at, NULL, true, "no run is held to it: each export has its own \"%s\"",
                     name);
}

static void check_schemas(struct remarks *r, const char *dir, const char *file, const char *text,
                          size_t n, const struct manifest *m)
{
    const struct path exports = {.name = "exports"};
    struct findings f = {0};

    check_schema(r, m->own.arg_schema, NULL, "arg", &f);
    check_schema(r, m->options_schema, NULL, "options", &f);
    check_schema(r, m->own.result_schema, NULL, "result", &f);
    for (size_t i = 0; i < m->export_count; i++) {
        const struct path at = {.up = &exports, .name = m->exports[i].name};

        check_schema(r, m->exports[i].arg_schema, &at, "arg", &f);
        check_schema(r, m->exports[i].result_schema, &at, "result", &f);
    }
    check_unused(m->own.arg, m, "arg", &f);
    check_unused(m->own.result, m, "result", &f);
    findings_locate(&f, text, n);
    remarks_findings(r, false, dir, file, &f);
    findings_free(&f);
}

static bool is_json_file(const char *path)
{
    const char *end = strrchr(path, '.');

    return end && strcmp(end, ".json") == 0;
}

/* Check the manifest TEXT (FILE in DIR, or DIR itself); then, for a bundle, its sources. */
static void check_text(struct remarks *r, struct remote *remote, const char *dir, const char *file,
                       const char *text, size_t n, const struct bundle *b, struct fault *why)
{
    struct findings found = {0}, defaults = {0};
    struct manifest *m = NULL;

    if (manifest_examine(text, n, MANIFEST, b, &m, &found, why) == 0)
        check_plan(r, dir, file, text, n, m, why);
    else if (!findings_any(&found))
        check_fault(r, dir, why);
    if (!b && !m && !is_json_file(dir))
        findings_hint(&found, "a file is read as a manifest; a bundle is checked by its directory");
    remarks_findings(r, true, dir, file, &found);
    if (m) {
        if (defaults_check(m, &defaults))
            check_no_options(m, &defaults);
        findings_locate(&defaults, text, n);
        remarks_findings(r, true, dir, file, &defaults);
        check_schemas(r, dir, file, text, n, m);
    }
    if (b && why->status != STATUS_SETUP)
        check_sources(r, remote, b, m, why);
    findings_free(&found);
    findings_free(&defaults);
    manifest_free(m);
}

#define BELOW_SHOWN 8 /* bundles that are named */

/* Whether there are bundles below the directory B, which is none: then each is to be checked by
 * itself, and what its sources require is looked for there. */
static bool check_below(struct remarks *r, const struct bundle *b)
{
    autostr struct str list = {0};
    size_t count = 0;

    for (size_t i = 0; i < b->count; i++) {
        const char *path = b->files[i].path;
        size_t n = strlen(path), own = sizeof "/" MANIFEST - 1;

        if (n <= own || strcmp(path + n - own, "/" MANIFEST) != 0)
            continue;
        if (count++ < BELOW_SHOWN)
            str_addf(&list, "%s%.*s", list.len ? ", " : "", (int)(n - own), path);
    }
    r->no_memory |= list.failed;
    if (count && !list.failed)
        remarks_add(r, true, b->path, NULL, (struct json_place){0}, "",
                    "there is no " MANIFEST
                    " in it, but in %zu director%s below: check %s%s by name",
                    count, count > 1 ? "ies" : "y", list.data, count > BELOW_SHOWN ? ", ..." : "");
    return count;
}

static void check_bundle(struct remarks *r, struct remote *remote, const char *path,
                         struct fault *why)
{
    const struct bundle_file *file;
    struct bundle *b = NULL;

    if (remote_bundle(remote, path, &b, why) < 0) {
        check_fault(r, path, why);
        return;
    }
    file = bundle_find(b, MANIFEST);
    if (file) {
        check_text(r, remote, path, MANIFEST, file->bytes, file->size, b, why);
    } else if (!check_below(r, b)) {
        remarks_add(r, true, path, NULL, (struct json_place){0}, "",
                    "there is no " MANIFEST " in it (runbox new DIR writes a starting bundle)");
        check_sources(r, remote, b, NULL, why);
    }
    bundle_free(b);
}

/* FD: opened by the broker; if negative, errno says why. */
static void check_manifest(struct remarks *r, int fd, const char *path, struct fault *why)
{
    autostr struct str text = {0};

    if (text_read(fd, path, MANIFEST_MAX, &text, why) < 0)
        check_fault(r, path, why);
    else
        check_text(r, NULL, path, NULL, text.len ? text.data : "", text.len, NULL, why);
}

struct check {
    const char *path;
    bool json, is_file;
    int file, error; /* of a lone manifest: its descriptor, or -1 and the errno of open(2) */
};

/* 0, or an exit status. */
static int check(void *of, struct remote *remote)
{
    const struct check *c = of;
    const char *path = c->path;
    bool json = c->json;
    autostr struct str out = {0};
    struct remarks r = {0};
    struct fault why = {0};
    int rc;

    errno = c->error;
    if (c->is_file)
        check_manifest(&r, c->file, path, &why);
    else
        check_bundle(&r, remote, path, &why);
    remarks_sort(&r);
    if (json && why.status != STATUS_SETUP) /* otherwise its validity is unknown */
        remarks_json(&r, path, &out);
    else if (!json)
        remarks_text(&r, &out);
    rc = text_print(&out);
    if (!rc && why.status == STATUS_SETUP)
        rc = cmd_fault(&why);
    if (!rc && r.errors)
        rc = status_exit(STATUS_INVALID, 0);
    remarks_free(&r);
    return rc;
}

/* Each PATH gets a monitor of its own: none can affect what is said of another. */
static int check_apart(const char *path, bool json)
{
    struct grants grants = {.best_effort = true};
    struct neutral neutral;
    struct check c = {.path = path, .json = json, .file = -1};
    struct apart a = {.keep = -1, .body = check, .of = &c};
    struct stat st;
    int status;

    limits_clear(&grants.override);
    c.is_file = stat(path, &st) == 0 && S_ISREG(st.st_mode);
    if (c.is_file) {
        c.file = a.keep = open(path, O_RDONLY | O_CLOEXEC);
        c.error = errno;
    } else {
        a.path = path;
        a.broker.grants = &grants;
        a.broker.checks = true;
        lint_neutral(&neutral);
        a.broker.neutral = &neutral;
    }
    status = apart_run(&a);
    if (c.file >= 0)
        close(c.file);
    return status;
}

int cmd_check(int argc, char **argv)
{
    bool json = false;
    int c, worst = 0;

    optind = 1;
    while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
        if (c == 'h')
            return cmd_help(help), 0;
        if (c == '?')
            return cmd_usage_told("check");
        json = true;
    }
    if (optind == argc)
        return cmd_usage("check", "name at least one bundle or manifest");
    for (int i = optind; i < argc; i++) {
        int one = cmd_path("check", "BUNDLE", argv[i], true);

        if (!one)
            one = check_apart(argv[i], json);

        worst = one > worst ? one : worst;
    }
    return worst;
}
