/* Values of keywords with subschemas or patterns, from a bundle's schema. Depth is the document's
 * own; subschemas are counted where they are made. */
#include <stdlib.h>
#include <string.h>

#include "runtime/json/schema/compile.h"

bool compile_room(struct compiler *c, struct rule *rule, size_t count, bool patterns)
{
    if (count == 0)
        return true;
    if (!compile_steps(c, &rule->at, count) ||
        !compile_bytes(c, &rule->at, count * (patterns ? 3 : 2) * sizeof(void *)))
        return false;
    rule->nodes = calloc(count, sizeof *rule->nodes);
    rule->names = calloc(count, sizeof *rule->names);
    if (patterns)
        rule->patterns = calloc(count, sizeof *rule->patterns);
    if (!rule->nodes || !rule->names || (patterns && !rule->patterns))
        return compile_memory(c);
    rule->count = count;
    return true;
}

bool shape_schema(struct compiler *c, struct rule *rule)
{
    if (json_object_is_type(rule->value, json_type_array))
        return compile_fail(c, rule,
                            strcmp(rule->keyword->name, "items") == 0
                                ? "a schema (for a list of schemas, use \"prefixItems\")"
                                : "a schema (several are one as \"allOf\" or \"anyOf\")");
    if (!compile_room(c, rule, 1, false))
        return false;
    rule->nodes[0] = compile_node(c, rule->value, &rule->at, NULL);
    return rule->nodes[0];
}

static bool compile_list(struct compiler *c, struct rule *rule)
{
    bool good = true;

    if (!compile_room(c, rule, json_object_array_length(rule->value), false))
        return false;
    for (size_t i = 0; i < rule->count; i++) {
        const struct path here = {.up = &rule->at, .index = i};

        rule->nodes[i] = compile_node(c, json_object_array_get_idx(rule->value, i), NULL, &here);
        good = rule->nodes[i] && good;
    }
    return good;
}

bool shape_schemas(struct compiler *c, struct rule *rule)
{
    if (!json_object_is_type(rule->value, json_type_array) ||
        json_object_array_length(rule->value) == 0)
        return compile_fail(c, rule, "a non-empty list of schemas");
    return compile_list(c, rule);
}

bool shape_schema_or_schemas(struct compiler *c, struct rule *rule)
{
    return json_object_is_type(rule->value, json_type_array) ? compile_list(c, rule)
                                                             : shape_schema(c, rule);
}

static bool compile_map(struct compiler *c, struct rule *rule, bool patterns)
{
    bool good = true;
    size_t i = 0;

    if (!json_object_is_type(rule->value, json_type_object))
        return compile_fail(c, rule, "an object of schemas");
    if (!compile_room(c, rule, (size_t)json_object_object_length(rule->value), patterns))
        return false;
    json_object_object_foreach(rule->value, name, schema)
    {
        const struct path here = {.up = &rule->at, .name = name};

        rule->names[i] = name;
        rule->work += name_work(name);
        rule->nodes[i] = compile_node(c, schema, NULL, &here);
        if (patterns)
            rule->patterns[i] =
                pattern_compile(c->schema->scratch, name, strlen(name), &here, c->f);
        good = rule->nodes[i] && (!patterns || rule->patterns[i]) && good;
        i++;
    }
    return good;
}

bool shape_schema_map(struct compiler *c, struct rule *rule)
{
    return compile_map(c, rule, false);
}

bool shape_pattern_map(struct compiler *c, struct rule *rule)
{
    return compile_map(c, rule, true);
}

/* A list of names has no node: its check reads the value. */
bool shape_dependencies(struct compiler *c, struct rule *rule)
{
    bool good = true;
    size_t i = 0;

    if (!json_object_is_type(rule->value, json_type_object))
        return compile_fail(c, rule, "an object whose values are schemas or lists of names");
    if (!compile_room(c, rule, (size_t)json_object_object_length(rule->value), false))
        return false;
    json_object_object_foreach(rule->value, name, value)
    {
        const struct path here = {.up = &rule->at, .name = name};

        rule->names[i] = name;
        rule->work += name_work(name);
        if (!json_object_is_type(value, json_type_array))
            good = (rule->nodes[i] = compile_node(c, value, NULL, &here)) && good;
        else
            good = are_names(c, rule, &here, value) && good;
        i++;
    }
    return good;
}

bool shape_pattern(struct compiler *c, struct rule *rule)
{
    if (!json_object_is_type(rule->value, json_type_string))
        return compile_fail(c, rule, "a regular expression");
    rule->patterns = calloc(1, sizeof *rule->patterns);
    if (!rule->patterns)
        return compile_memory(c);
    rule->count = 1;
    rule->patterns[0] =
        pattern_compile(c->schema->scratch, json_object_get_string(rule->value),
                        (size_t)json_object_get_string_len(rule->value), &rule->at, c->f);
    return rule->patterns[0];
}
