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
#include "runtime/cmd/cmd.h"
#include "runtime/cmd/hints.h"
#include "runtime/cmd/remarks.h"
#include "runtime/cmd/texts.h"
#include "runtime/json/brief.h"
#include "runtime/json/json.h"
#include "runtime/json/schema/schema.h"
#include "runtime/monitor/lint.h"
#include "runtime/monitor/remote.h"
#include "runtime/plan/plan.h"
#include "schemas/setup.h"

#define MANIFEST "manifest.json"

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

static bool listed(const struct names *names, const char *text)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->item[i], text) == 0)
            return true;
    return false;
}

#define SUGGEST_STEPS (METER_STEPS / 6)

/* ": did you mean "x"?", or "", also if the search costs too much. OUT >= BRIEF + 32 bytes. */
static const char *near_name(struct remarks *r, const struct names *names, const char *text,
                             char *out)
{
    struct suggestion near = suggest(text);
    char shown[BRIEF];

    r->suggested += names->count * suggest_cost(&near);
    for (size_t i = 0; i < names->count && r->suggested <= SUGGEST_STEPS; i++)
        suggest_try(&near, names->item[i]);
    out[0] = '\0';
    if (near.best)
        snprintf(out, BRIEF + 32, ": did you mean %s?", brief_text(near.best, shown));
    return out;
}

static void remark_names(struct remarks *r, const char *dir, const char *file,
                         struct json_place place, const struct names *names, const char *what,
                         const char *member, const char *text)
{
    char shown[BRIEF], near[BRIEF + 32];

    if (!listed(names, text))
        remarks_add(r, true, dir, file, place, "",
                    "%s %s, which \"%s\" in manifest.json does not list%s", what,
                    brief_text(text, shown), member, near_name(r, names, text, near));
}

/* A name that a box does not have, or which does nothing there. */
static void remark_name(struct remarks *r, const char *dir, const char *file,
                        struct json_place place, const struct lint_finding *one)
{
    char shown[BRIEF], hint[HINT_LONGEST];

    if (one->kind == CHECK_GLOBAL)
        remarks_add(r, false, dir, file, place, "",
                    "global %s does not exist in a box, and no source sets it%s",
                    brief_text(one->text, shown), hint_name(one->text, hint));
    else if (strcmp(one->text, "io.open") == 0)
        remarks_add(r, false, dir, file, place, "",
                    "io.open opens no file without \"seccomp\": {\"profile\": \"files\"} in "
                    "manifest.json");
    else
        remarks_add(r, false, dir, file, place, "", "%s does not exist in a box%s", one->text,
                    hint_name(one->text, hint));
}

/* M may be NULL: what the bundle asks for is then unknown. */
static void remark_source(struct remarks *r, const char *dir, const struct manifest *m,
                          const struct lint_finding *one)
{
    const char *file = one->file ? one->file->path : MANIFEST;
    struct json_place place = {.line = one->line};
    char shown[BRIEF], hint[HINT_LONGEST];

    if (one->kind == CHECK_SYNTAX || one->kind == CHECK_MODULE)
        remarks_add(r, true, dir, file, place, "", "%s", one->text);
    else if (one->kind == CHECK_REQUIRE)
        remarks_add(r, true, dir, file, place, "", "module %s is not in the bundle%s",
                    brief_text(one->text, shown), hint_module(one->text, hint));
    else if (one->kind == CHECK_GLOBAL || one->kind == CHECK_FIELD)
        remark_name(r, dir, file, place, one);
    else if (one->kind == CHECK_PATH)
        remarks_add(r, false, dir, file, place, "",
                    "package.%s is set, but require looks in the bundle alone: a.b is a/b.lua or "
                    "a/b/init.lua",
                    one->text);
    else if (one->kind == CHECK_ENTRY)
        remarks_add(r, true, dir, file, place, "/entry", "no source sets a global function %s",
                    brief_text(one->text, shown));
    else if (one->kind == CHECK_CALL && m)
        remark_names(r, dir, file, place, &m->calls, "box.call of", "calls", one->text);
    else if (one->kind == CHECK_KEYRING && m)
        remark_names(r, dir, file, place, &m->keyring_access, "box.keyring of", "keyring_access",
                     one->text);
    else if (one->kind == CHECK_OPTION && m && (m->options_schema || !m->options) &&
             !(m->options_schema && schema_type_of(m->options_schema, one->text, &r->no_memory)))
        remarks_add(r, false, dir, file, place, "",
                    "option %s: \"options\" in manifest.json has no such property",
                    brief_text(one->text, shown));
}

/* A failure of the host is no error of the bundle: check() reports it. */
static void remark_fault(struct remarks *r, const char *path, const struct fault *why)
{
    const char *place = why->where;
    size_t n = path_length(path);

    if (why->status == STATUS_SETUP)
        return;
    if (strncmp(place, path, n) == 0 && place[n] == '/')
        remarks_add(r, true, path, place + n + 1, (struct json_place){0}, "", "%s", why->what);
    else
        remarks_add(r, true, path, NULL, (struct json_place){0}, "", "%s", why->what);
}

static void check_sources(struct remarks *r, struct remote *remote, const struct bundle *b,
                          const struct manifest *m, struct fault *why)
{
    struct lint lint = {0};

    if (lint_run(remote, b, m && m->profile != PROFILE_COMPUTE,
                 m && m->entry_named ? m->entry : NULL, &lint, why) < 0)
        remark_fault(r, b->path, why);
    for (size_t i = 0; i < lint.count; i++)
        remark_source(r, b->path, m, &lint.item[i]);
    r->more += lint.more;
    lint_free(&lint);
}

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

/* Check the manifest TEXT (FILE in DIR, or DIR itself); then, for a bundle, its sources. */
static void check_text(struct remarks *r, struct remote *remote, const char *dir, const char *file,
                       const char *text, size_t n, const struct bundle *b, struct fault *why)
{
    struct findings found = {0}, defaults = {0};
    struct manifest *m = NULL;

    if (manifest_examine(text, n, MANIFEST, b, &m, &found, why) == 0)
        check_plan(r, dir, file, text, n, m, why);
    else if (!findings_any(&found))
        remark_fault(r, dir, why);
    remarks_findings(r, true, dir, file, &found);
    if (m) {
        if (defaults_check(m, &defaults))
            check_no_options(m, &defaults);
        findings_locate(&defaults, text, n);
        remarks_findings(r, true, dir, file, &defaults);
    }
    if (b && why->status != STATUS_SETUP)
        check_sources(r, remote, b, m, why);
    findings_free(&found);
    findings_free(&defaults);
    manifest_free(m);
}

static void check_bundle(struct remarks *r, struct remote *remote, const char *path,
                         struct fault *why)
{
    const struct bundle_file *file;
    struct bundle *b = NULL;

    if (remote_bundle(remote, path, &b, why) < 0) {
        remark_fault(r, path, why);
        return;
    }
    file = bundle_find(b, MANIFEST);
    if (file) {
        check_text(r, remote, path, MANIFEST, file->bytes, file->size, b, why);
    } else {
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
        remark_fault(r, path, why);
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
            return cmd_usage("check", "see above");
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
