/* Values of keywords without subschemas: numbers, names, types. They are from a bundle's schema. */
#include <string.h>

#include "runtime/json/decimal.h"
#include "runtime/json/schema/compile.h"

bool shape_any(struct compiler *c, struct rule *rule)
{
    (void)c;
    (void)rule;
    return true;
}

bool shape_text(struct compiler *c, struct rule *rule)
{
    return json_object_is_type(rule->value, json_type_string) || compile_fail(c, rule, "a string");
}

static bool is_number(struct json_object *value)
{
    return json_object_is_type(value, json_type_int) ||
           json_object_is_type(value, json_type_double);
}

/* exclusiveMinimum and exclusiveMaximum: draft-04's stand beside a bound, later ones are it. */
static bool is_exclusive(const struct rule *rule)
{
    return strncmp(rule->keyword->name, "exclusive", strlen("exclusive")) == 0;
}

bool shape_boolean(struct compiler *c, struct rule *rule)
{
    if (json_object_is_type(rule->value, json_type_boolean))
        return true;
    return compile_fail(c, rule,
                        is_exclusive(rule) && is_number(rule->value)
                            ? "true or false, since \"$schema\" is draft-04's (a number from "
                              "draft-06 on)"
                            : "true or false");
}

bool shape_list(struct compiler *c, struct rule *rule)
{
    return json_object_is_type(rule->value, json_type_array) || compile_fail(c, rule, "a list");
}

bool shape_number(struct compiler *c, struct rule *rule)
{
    if (!is_number(rule->value))
        return compile_fail(c, rule,
                            is_exclusive(rule) &&
                                    json_object_is_type(rule->value, json_type_boolean)
                                ? "a number (true and false are draft-04's, which \"$schema\" "
                                  "would have to say)"
                                : "a number");
    rule->number = json_number_of(rule->value);
    return true;
}

bool shape_positive(struct compiler *c, struct rule *rule)
{
    if (!shape_number(c, rule))
        return false;
    return json_sign(rule->value) > 0 || compile_fail(c, rule, "greater than 0");
}

bool shape_count(struct compiler *c, struct rule *rule)
{
    if (!shape_number(c, rule))
        return false;
    return (json_sign(rule->value) >= 0 && json_is_whole(rule->value)) ||
           compile_fail(c, rule, "a whole number, 0 or more");
}

static const struct {
    const char *name;
    unsigned bits;
} types[] = {
    {"null", 1u << json_type_null},
    {"boolean", 1u << json_type_boolean},
    {"object", 1u << json_type_object},
    {"array", 1u << json_type_array},
    {"number", 1u << json_type_int | 1u << json_type_double},
    {"string", 1u << json_type_string},
    {"integer", TYPE_INTEGER},
};

unsigned type_named(const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name) == 0)
            return types[i].bits;
    return 0;
}

static unsigned type_of(struct json_object *name)
{
    const char *text = json_object_is_type(name, json_type_string) ? json_c_string(name) : NULL;

    return text ? type_named(text) : 0;
}

#define TYPES       "\"string\", \"integer\", \"number\", \"boolean\", \"object\", \"array\" or \"null\""
#define TYPES_RIGHT TYPES ", or a list of them without duplicates"

static bool listed_twice(struct compiler *c, const struct path *at, struct json_object *name)
{
    char shown[BRIEF];

    findings_add(c->f, at, NULL, false, "%s is listed twice", brief_value(name, shown));
    return false;
}

bool shape_types(struct compiler *c, struct rule *rule)
{
    size_t n;

    if (json_object_is_type(rule->value, json_type_string)) {
        rule->types = type_of(rule->value);
        return rule->types || compile_fail(c, rule, TYPES_RIGHT);
    }
    n = json_object_is_type(rule->value, json_type_array) ? json_object_array_length(rule->value)
                                                          : 0;
    if (n == 0 || n > sizeof types / sizeof *types)
        return compile_fail(c, rule, TYPES_RIGHT);
    for (size_t i = 0; i < n; i++) {
        struct json_object *type = json_object_array_get_idx(rule->value, i);
        const struct path here = {.up = &rule->at, .index = i};
        unsigned bits = type_of(type);

        if (bits == 0)
            return compile_fail_at(c, &here, type, TYPES);
        if ((rule->types & bits) == bits)
            return listed_twice(c, &here, type);
        rule->types |= bits;
    }
    return true;
}

static bool is_name(struct compiler *c, const struct path *at, struct json_object *name)
{
    char shown[BRIEF];

    if (!json_object_is_type(name, json_type_string))
        return compile_fail_at(c, at, name, "a member's name, a string");
    if (json_c_string(name))
        return true;
    findings_add(c->f, at, NULL, false, "%s holds \\u0000, which no member's name may",
                 brief_value(name, shown));
    return false;
}

/* Duplicates do no harm in these lists, but the specification forbids them; a list too long to
 * search is accepted as it is. */
static bool are_distinct(struct compiler *c, const struct path *at, struct json_object *list,
                         size_t i)
{
    const struct path here = {.up = at, .index = i};
    struct json_object *name = json_object_array_get_idx(list, i);
    const char *text = json_object_get_string(name);

    for (size_t j = 0; j < i; j++)
        if (strcmp(json_object_get_string(json_object_array_get_idx(list, j)), text) == 0)
            return listed_twice(c, &here, name);
    return true;
}

bool are_names(struct compiler *c, struct rule *rule, const struct path *at,
               struct json_object *list)
{
    size_t n = json_object_array_length(list);

    if (!compile_steps(c, &rule->at, n <= 256 ? n + n * n / 8 : n))
        return true; /* already reported */
    for (size_t i = 0; i < n; i++) {
        const struct path here = {.up = at, .index = i};
        struct json_object *name = json_object_array_get_idx(list, i);

        if (!is_name(c, &here, name) || (n <= 256 && !are_distinct(c, at, list, i)))
            return false;
        rule->work += name_work(json_object_get_string(name));
    }
    return true;
}

bool shape_names(struct compiler *c, struct rule *rule)
{
    if (json_object_is_type(rule->value, json_type_boolean))
        return compile_fail(c, rule,
                            "a list of unique names, of the members of this object (true "
                            "and false, of a member itself, are draft-03's)");
    if (!json_object_is_type(rule->value, json_type_array))
        return compile_fail(c, rule, "a list of unique names");
    return are_names(c, rule, &rule->at, rule->value);
}

bool shape_names_map(struct compiler *c, struct rule *rule)
{
    if (!json_object_is_type(rule->value, json_type_object))
        return compile_fail(c, rule, "an object of lists of names");
    json_object_object_foreach(rule->value, name, list)
    {
        const struct path here = {.up = &rule->at, .name = name};

        rule->work += name_work(name);
        if (!json_object_is_type(list, json_type_array))
            return compile_fail_at(c, &here, list, "a list of unique names");
        if (!are_names(c, rule, &here, list))
            return false;
    }
    return true;
}

bool shape_vocabulary(struct compiler *c, struct rule *rule)
{
    if (!json_object_is_type(rule->value, json_type_object))
        return compile_fail(c, rule, "an object whose values are true or false");
    json_object_object_foreach(rule->value, name, required)
    {
        (void)name;
        if (!json_object_is_type(required, json_type_boolean))
            return compile_fail(c, rule, "an object whose values are true or false");
    }
    return true;
}

bool shape_format(struct compiler *c, struct rule *rule)
{
    if (!shape_text(c, rule))
        return false;
    rule->format = c->schema->mode.format && json_c_string(rule->value)
                       ? format_find(json_object_get_string(rule->value))
                       : NULL;
    if (!rule->format)
        rule->applies = 0;
    return true;
}

/* What one of the two newest drafts has in place of the other's keyword. */
bool shape_unsupported(struct compiler *c, struct rule *rule)
{
    bool newest = rule->node->resource->dialect == DRAFT_2020_12;

    findings_add(c->f, &rule->at, NULL, true,
                 newest ? "this keyword is draft 2019-09's: either \"$schema\" says so, or "
                          "\"$dynamicRef\" and \"$dynamicAnchor\" take its place"
                        : "this keyword is draft 2020-12's: either \"$schema\" says so, or "
                          "\"$recursiveRef\" and \"$recursiveAnchor\" take its place");
    return false;
}
