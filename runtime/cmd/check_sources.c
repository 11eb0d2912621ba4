/* What `runbox check` says of a bundle's sources. The box that compiled them is trusted as little as
 * they are: what it says is only looked up and printed. */
#include <stdio.h>
#include <string.h>

#include "bundles/exports.h"
#include "runtime/base/path.h"
#include "runtime/cmd/check.h"
#include "runtime/cmd/hints.h"
#include "runtime/json/brief.h"
#include "runtime/json/schema/schema.h"
#include "runtime/monitor/lint.h"
#include "schemas/setup.h"

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

/* A library's name that a box does not have: "NEAREST NAME", or "- NAME". */
static void remark_field(struct remarks *r, const char *dir, const char *file,
                         struct json_place place, const char *text)
{
    const char *name = strchr(text, ' ');
    char hint[HINT_LONGEST];
    int near = name ? (int)(name - text) : 0;

    name = name ? name + 1 : text;
    if (strcmp(name, "io.open") == 0)
        remarks_add(r, false, dir, file, place, "",
                    "io.open opens no file without \"seccomp\": {\"profile\": \"files\"} in "
                    "manifest.json");
    else if (*hint_name(name, hint) || near == 0 || *text == '-')
        remarks_add(r, false, dir, file, place, "", "%s does not exist in a box%s", name,
                    hint_name(name, hint));
    else
        remarks_add(r, false, dir, file, place, "",
                    "%s does not exist in a box: did you mean %.*s?", name, near, text);
}

/* NAME is the box's word: of an export that M has, or of none. */
static void remark_export(struct remarks *r, const char *dir, const struct bundle *b,
                          const struct manifest *m, const char *name)
{
    const struct path exports = {.name = "exports"}, at = {.up = &exports, .name = name};
    const struct bundle_file *file = bundle_find(b, MANIFEST);
    autostr struct str pointer = {0};
    char shown[BRIEF];

    if (!file || !exports_find(m, name))
        return;
    path_print(&at, &pointer);
    r->no_memory |= pointer.failed;
    if (!pointer.failed)
        remarks_add(
            r, true, dir, MANIFEST, json_locate(file->bytes, file->size, pointer.data, true),
            pointer.data,
            "%s returns no table with this member, and no source sets a global of this name",
            brief_text(m->main, shown));
}

/* M may be NULL: what the bundle asks for is then unknown. */
static void remark_source(struct remarks *r, const struct bundle *b, const struct manifest *m,
                          const struct lint_finding *one)
{
    const char *dir = b->path;
    const char *file = one->file ? one->file->path : MANIFEST;
    struct json_place place = {.line = one->line};
    char shown[BRIEF], hint[HINT_LONGEST];

    if (one->kind == CHECK_SYNTAX || one->kind == CHECK_MODULE)
        remarks_add(r, true, dir, file, place, "", "%s", one->text);
    else if (one->kind == CHECK_REQUIRE)
        remarks_add(r, true, dir, file, place, "", "module %s is not in the bundle%s",
                    brief_text(one->text, shown), hint_module(one->text, hint));
    else if (one->kind == CHECK_GLOBAL)
        remarks_add(r, false, dir, file, place, "",
                    "global %s does not exist in a box, and no source sets it%s",
                    brief_text(one->text, shown), hint_name(one->text, hint));
    else if (one->kind == CHECK_FIELD)
        remark_field(r, dir, file, place, one->text);
    else if (one->kind == CHECK_PATH)
        remarks_add(r, false, dir, file, place, "",
                    "package.%s is set, but require looks in the bundle alone: a.b is a/b.lua or "
                    "a/b/init.lua",
                    one->text);
    else if (one->kind == CHECK_ENTRY)
        remarks_add(r, true, dir, file, place, "/entry", "no source sets a global function %s",
                    brief_text(one->text, shown));
    else if (one->kind == CHECK_EXPORT && m)
        remark_export(r, dir, b, m, one->text);
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

void check_fault(struct remarks *r, const char *path, const struct fault *why)
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

void check_sources(struct remarks *r, struct remote *remote, const struct bundle *b,
                   const struct manifest *m, struct fault *why)
{
    struct lint lint = {0};

    if (lint_run(remote, b, m, &lint, why) < 0)
        check_fault(r, b->path, why);
    for (size_t i = 0; i < lint.count; i++)
        remark_source(r, b, m, &lint.item[i]);
    r->more += lint.more;
    lint_free(&lint);
}
