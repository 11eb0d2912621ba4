/* Loads a manifest: strict JSON, then the table of its members, then checks across members and
 * against the bundle. The text is untrusted; only manifest_examine() returns a manifest that has
 * findings. */
#include "bundles/manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundles/exports.h"
#include "bundles/manifest_rows.h"
#include "bundles/shape.h"
#include "runtime/base/fd.h"
#include "runtime/base/path.h"
#include "runtime/json/schema/schema.h"

#define NAME "manifest.json"

void manifest_free(struct manifest *m)
{
    if (!m)
        return;
    exports_free(m);
    schema_free(m->options_schema);
    free(m->keyring_access.item);
    free(m->calls.item);
    free(m->allow.item);
    free(m->capabilities.item);
    free(m->mounts);
    free(m->env);
    json_object_put(m->root);
    free(m);
}

static void cleanup_manifest(struct manifest **m)
{
    manifest_free(*m);
}

static struct manifest *manifest_new(void)
{
    static char main_file[] = "main.lua", entry[] = "run", hostname[] = MANIFEST_HOSTNAME;
    struct manifest *m = calloc(1, sizeof *m);

    if (!m)
        return NULL;
    m->main = main_file;
    m->entry = entry;
    m->hostname = hostname;
    limits_clear(&m->asked);
    limits_clear(&m->own.limits);
    return m;
}

static void check_main(struct loader *l)
{
    const struct path at = {.name = "main"};
    struct suggestion near = suggest(l->m->main);
    char shown[BRIEF];

    if (!l->bundle || bundle_find(l->bundle, l->m->main))
        return;
    for (size_t i = 0; i < l->bundle->count; i++)
        if (shape_lua_file(l->bundle->files[i].path))
            suggest_try(&near, l->bundle->files[i].path);
    if (!json_object_object_get_ex(l->m->root, "main", NULL))
        wrong(l, NULL, "the bundle has no main.lua, and \"main\" names no other file");
    else
        wrong(l, &at, "%s is not in the bundle%s%s%s", brief_text(l->m->main, shown),
              near.best ? ": did you mean \"" : "", near.best ? near.best : "",
              near.best ? "\"?" : "");
}

static void check_profile(struct loader *l)
{
    const struct path at = {.name = "filesystem"};

    if (l->filesystem && l->m->profile == PROFILE_COMPUTE && !l->profile_wrong)
        wrong(l, &at,
              "profile \"compute\" cannot open files: this needs \"seccomp\": "
              "{\"profile\": \"files\"} (or \"network\")");
}

/* The only finding of a text that is not JSON, or costs too much. */
static int not_json(const char *text, size_t n, const char *where, const struct json_error *e,
                    struct findings *f, struct fault *why)
{
    findings_unread(f, text, n, e);
    return findings_fault(f, where, why);
}

static int manifest_parse(const char *text, size_t n, const char *where, struct manifest *m,
                          struct findings *f, struct fault *why)
{
    struct json_error e = {.what = "larger than 1 MiB, the limit for a manifest"};

    if (n > MANIFEST_MAX)
        return not_json(text, n, where, &e, f, why);
    meter_steps(&m->meter, n / 16);
    if (json_read(text, n, &m->meter, &m->root, &e) == 0)
        return 0;
    return e.what ? not_json(text, n, where, &e, f, why)
                  : fault_set(why, STATUS_SETUP, 0, where, "not enough memory to read it");
}

/* Set *OUT to what could be read, if anything. 0 if nothing is wrong, else -1 and *WHY. */
static int examine(const char *text, size_t n, const char *where, const struct bundle *b,
                   struct manifest **out, struct findings *f, struct fault *why)
{
    __attribute__((cleanup(cleanup_manifest))) struct manifest *m = manifest_new();
    struct loader l = {.bundle = b, .m = m, .f = f};

    if (!m)
        return fault_set(why, STATUS_SETUP, 0, where, "not enough memory to read it");
    if (b)
        m->meter = b->meter;
    l.meter = &m->meter;
    if (manifest_parse(text, n, where, m, f, why) < 0)
        return -1;
    if (type_is(&l, NULL, m->root, IS_OBJECT)) {
        load_members(&l, NULL, m->root, manifest_rows, MANIFEST_ROWS, m);
        check_main(&l);
        check_profile(&l);
        exports_check(&l);
    }
    m->own.name = m->entry;
    *out = steal_pointer(&m);
    if (!findings_any(f))
        return 0;
    findings_locate(f, text, n);
    return findings_fault(f, where, why);
}

int manifest_read(const char *text, size_t n, const char *where, const struct bundle *b,
                  struct manifest **out, struct findings *f, struct fault *why)
{
    __attribute__((cleanup(cleanup_manifest))) struct manifest *m = NULL;

    if (examine(text, n, where, b, &m, f, why) < 0)
        return -1;
    *out = steal_pointer(&m);
    return 0;
}

int manifest_examine(const char *text, size_t n, const char *where, const struct bundle *b,
                     struct manifest **m, struct findings *f, struct fault *why)
{
    *m = NULL;
    return examine(text, n, where, b, m, f, why);
}

bool manifest_wrong(const struct fault *why, char pointer[MANIFEST_POINTER], const char **what)
{
    const char *colon = strstr(why->what, ": ");
    size_t n = colon ? (size_t)(colon - why->what) : 0;

    if (strcmp(why->where, NAME) != 0 || why->what[0] != '/' || !colon || n >= MANIFEST_POINTER)
        return false;
    memcpy(pointer, why->what, n);
    pointer[n] = '\0';
    *what = colon + 2;
    return true;
}

void manifest_place(const struct bundle *b, struct fault *why)
{
    const struct bundle_file *file = bundle_find(b, NAME);
    char pointer[MANIFEST_POINTER];
    struct json_place at;
    const char *what;

    if (!file || !manifest_wrong(why, pointer, &what))
        return;
    at = json_locate(file->bytes, file->size, pointer, false);
    snprintf(why->where, sizeof why->where, "%.*s/" NAME ":%u:%u", (int)path_length(b->path),
             b->path, at.line, at.column);
}

int manifest_load(const struct bundle *b, struct manifest **m, struct findings *f,
                  struct fault *why)
{
    const struct bundle_file *file = bundle_find(b, NAME);
    char where[sizeof why->where];

    if (!file)
        return fault_set(why, STATUS_INVALID, 0, b->path,
                         "no " NAME " in it (runbox new DIR creates a bundle to start from)");
    snprintf(where, sizeof where, "%.*s/" NAME, (int)path_length(b->path), b->path);
    return manifest_read(file->bytes, file->size, where, b, m, f, why);
}
