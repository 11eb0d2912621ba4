/* "exports": a table of functions by name, each with schemas and limits of its own. All of it is
 * untrusted; the schemas cost what others do. */
#include "bundles/exports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundles/loader.h"
#include "runtime/json/schema/schema.h"
#include "schemas/export.h"
#include "schemas/limits.h"

#define SHOWN 16 /* names that a message lists */

/* Those that are counted for each call; the others hold for the box as a whole. */
static bool may_limit(enum limit id)
{
    return id == LIMIT_CPU_TIME || id == LIMIT_WALL_TIME || id == LIMIT_INSTRUCTIONS ||
           id == LIMIT_OUTPUT;
}

static void load_description(struct loader *l, const struct path *at, struct json_object *value,
                             const struct member *row, void *base)
{
    struct export *e = base;

    load_prose(l, at, value, row, base);
    e->description = value;
}

static void load_export_limits(struct loader *l, const struct path *at, struct json_object *value,
                               const struct member *row, void *base)
{
    struct export *e = base;

    (void)row;
    load_limits_of(l, at, value, may_limit, &e->limits);
}

static const struct member export_rows[] = {
    MEMBER("description", IS_STRING, load_description, .max = 4096),
    MEMBER("arg", IS_OBJECT | IS_BOOLEAN, load_arg),
    MEMBER("result", IS_OBJECT | IS_BOOLEAN, load_result),
    MEMBER("limits", IS_OBJECT, load_export_limits),
};

static void load_export(struct loader *l, const struct path *at, struct json_object *value)
{
    struct export *e = &l->m->exports[l->m->export_count];
    char shown[BRIEF];

    if (!export_is_name(at->name)) {
        findings_add(l->f, at, NULL, true, "%s is not an export's name (" EXPORT_NAME_SHAPE ")",
                     brief_text(at->name, shown));
        return;
    }
    if (!type_is(l, at, value, IS_OBJECT))
        return;
    l->m->export_count++;
    e->name = at->name;
    limits_clear(&e->limits);
    load_members(l, at, value, export_rows, MEMBER_COUNT(export_rows), e);
}

void load_exports(struct loader *l, const struct path *at, struct json_object *value,
                  const struct member *row, void *base)
{
    struct manifest *m = base;
    size_t count = (size_t)json_object_object_length(value);

    (void)row;
    if (count == 0 || count > EXPORTS_MAX) {
        if (count)
            wrong(l, at, "too many exports: %zu, at most %d allowed", count, EXPORTS_MAX);
        else
            wrong(l, at, "it names no function (without \"exports\" there is one, the entry)");
        return;
    }
    m->exports = calloc(count, sizeof *m->exports);
    if (!m->exports) {
        l->f->no_memory = true;
        return;
    }
    if (l->meter)
        meter_bytes(l->meter, count * sizeof *m->exports);
    json_object_object_foreach(value, name, one)
    {
        const struct path here = {.up = at, .name = name};

        load_export(l, &here, one);
    }
}

static void check_limit(struct loader *l, const struct export *e, enum limit id)
{
    const struct path exports = {.name = "exports"}, of = {.up = &exports, .name = e->name};
    const struct path limits = {.up = &of, .name = "limits"};
    const struct path at = {.up = &limits, .name = limit_info[id].text};
    uint64_t asked = l->m->asked.value[id], most = asked;
    char value[32], own[32];

    if (most == LIMIT_NONE)
        most = limit_info[id].dflt;
    if (e->limits.value[id] == LIMIT_NONE || e->limits.value[id] <= most)
        return;
    limit_print(id, e->limits.value[id], value, sizeof value);
    limit_print(id, most, own, sizeof own);
    wrong(l, &at, "%s is above the bundle's own limit, %s%s: an export only lowers it", value, own,
          asked == LIMIT_NONE ? ", the default" : "");
}

void exports_check(struct loader *l)
{
    for (size_t i = 0; i < l->m->export_count; i++)
        for (int id = 0; id < LIMIT__COUNT; id++)
            check_limit(l, &l->m->exports[i], (enum limit)id);
}

const struct export *exports_find(const struct manifest *m, const char *name)
{
    for (size_t i = 0; i < m->export_count; i++)
        if (strcmp(m->exports[i].name, name) == 0)
            return &m->exports[i];
    return !m->export_count && strcmp(m->own.name, name) == 0 ? &m->own : NULL;
}

/* Say which names there are, and which of them is the nearest to NAME. */
static void tell_names(const struct manifest *m, const char *name, struct fault *why)
{
    const struct export *all = m->export_count ? m->exports : &m->own;
    size_t count = m->export_count ? m->export_count : 1;
    struct suggestion near = suggest(name);

    for (size_t i = 0; i < count && *name; i++)
        suggest_try(&near, all[i].name);
    if (*name && near.best)
        fault_add(why, ": did you mean \"%s\"?", near.best);
    fault_add(why, *name && near.best ? " It has" : ": it has");
    for (size_t i = 0; i < count && i < SHOWN; i++)
        fault_add(why, "%s %s", i ? "," : "", all[i].name);
    if (count > SHOWN)
        fault_add(why, " and %zu more (runbox describe lists them)", count - SHOWN);
}

int exports_choose(const struct manifest *m, const char *name, const struct export **e,
                   struct fault *why)
{
    *e = *name ? exports_find(m, name) : m->export_count ? NULL : &m->own;
    if (*e)
        return 0;
    if (*name)
        fault_set(why, STATUS_INVALID, 0, "export", "%s has no export \"%s\"", m->name, name);
    else
        fault_set(why, STATUS_INVALID, 0, "export", "%s names exports, and none was chosen",
                  m->name);
    tell_names(m, name, why);
    return -1;
}

void exports_usage(struct fault *why)
{
    why->status = STATUS_USAGE;
    snprintf(why->where, sizeof why->where, "--export");
}

void exports_lower(struct manifest *m, const struct export *e)
{
    for (int id = 0; id < LIMIT__COUNT; id++)
        if (e->limits.value[id] != LIMIT_NONE)
            m->asked.value[id] = e->limits.value[id];
}

static void export_free(struct export *e)
{
    schema_free(e->arg_schema);
    schema_free(e->result_schema);
}

void exports_free(struct manifest *m)
{
    export_free(&m->own);
    for (size_t i = 0; i < m->export_count; i++)
        export_free(&m->exports[i]);
    free(m->exports);
}
