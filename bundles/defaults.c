/* Walks schemas as JSON, keyword by keyword, so that a property that is called "default" is not taken
 * for one. The schemas compiled: their shape is known, and they nest no deeper than JSON may. */
#include "bundles/defaults.h"

#include <json-c/json.h>
#include <string.h>

#include "schemas/schema.h"

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

/* Each default is a schema compiled and a value validated: a hostile manifest may hold thousands. */
#define DEFAULTS_MAX 256

struct walk {
    struct findings *f;
    unsigned left;
};

static void check_default(struct json_object *schema, const struct path *at, struct walk *w)
{
    const struct path here = {.up = at, .name = "default"};
    struct findings ignored = {0};
    struct json_object *value;
    struct schema *alone;

    if (!json_object_object_get_ex(schema, "default", &value) || w->left == 0)
        return;
    w->left--;
    alone = schema_compile(schema, NULL, &ignored);
    if (alone)
        schema_validate(alone, value, &here, w->f);
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

void defaults_check(const struct manifest *m, struct findings *f)
{
    const struct path arg = {.name = "arg"}, options = {.name = "options"};
    const struct path result = {.name = "result"};
    struct walk w = {.f = f, .left = DEFAULTS_MAX};

    if (m->arg_schema)
        walk(m->arg, &arg, &w);
    if (m->options_schema)
        walk(m->options, &options, &w);
    if (m->result_schema)
        walk(m->result, &result, &w);
}
