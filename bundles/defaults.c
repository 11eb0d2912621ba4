/* Walks schemas as JSON, keyword by keyword, so that a property named "default" is not mistaken for
 * one. The schemas compiled: they are well-formed, and nest no deeper than JSON may. */
#include "bundles/defaults.h"

#include <json-c/json.h>
#include <string.h>

#include "runtime/json/schema/schema.h"

enum holds { ONE, LIST, MAP };

static const struct {
    const char *name;
    enum holds holds;
} keywords[] = {
    {"properties", MAP},
    {"patternProperties", MAP},
    {"$defs", MAP},
    {"definitions", MAP},
    {"dependentSchemas", MAP},
    {"additionalProperties", ONE},
    {"items", ONE},
    {"contains", ONE},
    {"propertyNames", ONE},
    {"not", ONE},
    {"if", ONE},
    {"then", ONE},
    {"else", ONE},
    {"unevaluatedItems", ONE},
    {"allOf", LIST},
    {"anyOf", LIST},
    {"oneOf", LIST},
    {"prefixItems", LIST},
    {"items", LIST},
    {"unevaluatedProperties", ONE},
};

/* Each default costs a compilation and a validation: a hostile manifest may have thousands. */
struct walk {
    struct findings *f;
    struct meter meter;
};

static void check_default(struct json_object *schema, const struct path *at, struct walk *w)
{
    const struct path here = {.up = at, .name = "default"};
    struct findings ignored = {0};
    struct meter one = w->meter; /* the bytes are given back at the end, the steps are not */
    struct json_object *value;
    struct schema *alone;

    if (w->meter.spent || !json_object_object_get_ex(schema, "default", &value))
        return;
    alone = schema_compile_within(schema, (struct schema_mode){0}, NULL, &one, &ignored);
    if (alone)
        schema_validate_within(alone, value, &here, &one, w->f);
    else if (one.spent)
        findings_add(w->f, &here, NULL, false, "not checked: %s", meter_why(&one));
    w->meter.steps = one.steps;
    w->meter.spent = one.spent;
    schema_free(alone);
    findings_free(&ignored);
}

static void walk(struct json_object *schema, const struct path *at, struct walk *w);

static void walk_inside(struct json_object *inside, enum holds holds, const struct path *at,
                        struct walk *w)
{
    if (holds == ONE) {
        walk(inside, at, w);
    } else if (holds == LIST && json_object_is_type(inside, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(inside); i++) {
            const struct path here = {.up = at, .index = i};

            walk(json_object_array_get_idx(inside, i), &here, w);
        }
    } else if (holds == MAP && json_object_is_type(inside, json_type_object)) {
        json_object_object_foreach(inside, name, one)
        {
            const struct path here = {.up = at, .name = name};

            walk(one, &here, w);
        }
    }
}

static void walk(struct json_object *schema, const struct path *at, struct walk *w)
{
    if (!json_object_is_type(schema, json_type_object))
        return;
    check_default(schema, at, w);
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        const struct path here = {.up = at, .name = keywords[i].name};
        struct json_object *inside;

        if (json_object_object_get_ex(schema, keywords[i].name, &inside))
            walk_inside(inside, keywords[i].holds, &here, w);
    }
}

static void walk_export(const struct export *e, const struct path *at, struct walk *w)
{
    const struct path arg = {.up = at, .name = "arg"}, result = {.up = at, .name = "result"};

    if (e->arg_schema)
        walk(e->arg, &arg, w);
    if (e->result_schema)
        walk(e->result, &result, w);
}

bool defaults_check(const struct manifest *m, struct findings *f)
{
    const struct path options = {.name = "options"}, exports = {.name = "exports"};
    struct walk w = {.f = f, .meter = m->meter};

    walk_export(&m->own, NULL, &w);
    if (m->options_schema)
        walk(m->options, &options, &w);
    for (size_t i = 0; i < m->export_count; i++) {
        const struct path at = {.up = &exports, .name = m->exports[i].name};

        walk_export(&m->exports[i], &at, &w);
    }
    return !w.meter.spent;
}
