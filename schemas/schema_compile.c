/* Compiles a schema: each keyword's value is checked by its shape, subschemas become nodes,
 * references are resolved last. A bundle's schema is untrusted: nodes are counted, depth is the
 * document's own. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/schema_compile.h"

#define DIALECT "https://json-schema.org/draft/2020-12/schema"

void schema_free(struct schema *s)
{
    if (!s)
        return;
    while (s->nodes) {
        struct node *node = s->nodes;

        s->nodes = node->next;
        for (size_t i = 0; i < node->count; i++) {
            struct rule *rule = &node->rules[i];

            for (size_t j = 0; rule->patterns && j < rule->count; j++)
                pattern_free(rule->patterns[j]);
            free(rule->patterns);
            free(rule->nodes);
            free(rule->names);
        }
        free(node->rules);
        free(node);
    }
    free(s);
}

bool compile_fail(struct compiler *c, const struct rule *rule, const char *right)
{
    char shown[BRIEF];

    findings_add(c->f, &rule->at, NULL, false, "must be %s, not %s", right,
                 brief_value(rule->value, shown));
    return false;
}

static bool no_memory(struct compiler *c)
{
    c->f->no_memory = true;
    return false;
}

/* Room for COUNT subschemas, names and, where wanted, patterns. */
static bool make_room(struct compiler *c, struct rule *rule, size_t count, bool patterns)
{
    if (count == 0)
        return true;
    rule->nodes = calloc(count, sizeof *rule->nodes);
    rule->names = calloc(count, sizeof *rule->names);
    if (patterns)
        rule->patterns = calloc(count, sizeof *rule->patterns);
    if (!rule->nodes || !rule->names || (patterns && !rule->patterns))
        return no_memory(c);
    rule->count = count;
    return true;
}

static bool shape_schema(struct compiler *c, struct rule *rule)
{
    if (json_object_is_type(rule->value, json_type_array))
        return compile_fail(c, rule, "a schema (a list of them is \"prefixItems\")");
    if (!make_room(c, rule, 1, false))
        return false;
    rule->nodes[0] = compile_node(c, rule->value, &rule->at, NULL);
    return rule->nodes[0];
}

static bool shape_schemas(struct compiler *c, struct rule *rule)
{
    bool good = true;

    if (!json_object_is_type(rule->value, json_type_array) ||
        json_object_array_length(rule->value) == 0)
        return compile_fail(c, rule, "a list of schemas, not empty");
    if (!make_room(c, rule, json_object_array_length(rule->value), false))
        return false;
    for (size_t i = 0; i < rule->count; i++) {
        const struct path here = {.up = &rule->at, .index = i};

        rule->nodes[i] = compile_node(c, json_object_array_get_idx(rule->value, i), NULL, &here);
        good = rule->nodes[i] && good;
    }
    return good;
}

static bool compile_map(struct compiler *c, struct rule *rule, bool patterns)
{
    bool good = true;
    size_t i = 0;

    if (!json_object_is_type(rule->value, json_type_object))
        return compile_fail(c, rule, "an object of schemas");
    if (!make_room(c, rule, (size_t)json_object_object_length(rule->value), patterns))
        return false;
    json_object_object_foreach(rule->value, name, schema)
    {
        const struct path here = {.up = &rule->at, .name = name};

        rule->names[i] = name;
        rule->nodes[i] = compile_node(c, schema, NULL, &here);
        if (patterns)
            rule->patterns[i] = pattern_compile(name, &here, c->f);
        good = rule->nodes[i] && (!patterns || rule->patterns[i]) && good;
        i++;
    }
    return good;
}

static bool shape_schema_map(struct compiler *c, struct rule *rule)
{
    return compile_map(c, rule, false);
}

static bool shape_pattern_map(struct compiler *c, struct rule *rule)
{
    return compile_map(c, rule, true);
}

static bool shape_pattern(struct compiler *c, struct rule *rule)
{
    if (!json_object_is_type(rule->value, json_type_string))
        return compile_fail(c, rule, "a regular expression");
    rule->patterns = calloc(1, sizeof *rule->patterns);
    if (!rule->patterns)
        return no_memory(c);
    rule->count = 1;
    rule->patterns[0] = pattern_compile(json_object_get_string(rule->value), &rule->at, c->f);
    return rule->patterns[0];
}

static bool shape_unsupported(struct compiler *c, struct rule *rule)
{
    findings_add(c->f, &rule->at, NULL, true, "this keyword is not supported by this runbox");
    return false;
}

static bool shape_ref(struct compiler *c, struct rule *rule)
{
    if (!json_object_is_type(rule->value, json_type_string))
        return compile_fail(c, rule, "a reference such as \"#/$defs/name\"");
    if (json_object_get_string(rule->value)[0] != '#')
        return compile_fail(c, rule, "a reference within this schema (\"#...\")");
    return make_room(c, rule, 1, false); /* resolved when every node is there */
}

static bool shape_dialect(struct compiler *c, struct rule *rule)
{
    const char *text;

    if (!json_object_is_type(rule->value, json_type_string))
        return compile_fail(c, rule, "\"" DIALECT "\"");
    text = json_object_get_string(rule->value);
    if (strncmp(text, DIALECT, strlen(DIALECT)) != 0 || !strchr("#", text[strlen(DIALECT)]))
        return compile_fail(c, rule, "\"" DIALECT "\"");
    return true;
}

static bool shape_id(struct compiler *c, struct rule *rule)
{
    if (!json_object_is_type(rule->value, json_type_string))
        return compile_fail(c, rule, "a URI");
    return rule->node == c->schema->root || shape_unsupported(c, rule);
}

static bool (*const shapes[SHAPE__COUNT])(struct compiler *c, struct rule *rule) = {
    [SHAPE_ANY] = shape_any,
    [SHAPE_TEXT] = shape_text,
    [SHAPE_BOOLEAN] = shape_boolean,
    [SHAPE_LIST] = shape_list,
    [SHAPE_NUMBER] = shape_number,
    [SHAPE_POSITIVE] = shape_positive,
    [SHAPE_COUNT] = shape_count,
    [SHAPE_TYPES] = shape_types,
    [SHAPE_NAMES] = shape_names,
    [SHAPE_NAMES_MAP] = shape_names_map,
    [SHAPE_PATTERN] = shape_pattern,
    [SHAPE_SCHEMA] = shape_schema,
    [SHAPE_SCHEMAS] = shape_schemas,
    [SHAPE_SCHEMA_MAP] = shape_schema_map,
    [SHAPE_PATTERN_MAP] = shape_pattern_map,
    [SHAPE_REF] = shape_ref,
    [SHAPE_DIALECT] = shape_dialect,
    [SHAPE_ID] = shape_id,
    [SHAPE_UNSUPPORTED] = shape_unsupported,
};

static void compile_rules(struct compiler *c, struct node *node)
{
    size_t count = (size_t)json_object_object_length(node->json);

    node->rules = count ? calloc(count, sizeof *node->rules) : NULL;
    if (count && !node->rules) {
        no_memory(c);
        return;
    }
    json_object_object_foreach(node->json, name, value)
    {
        const struct keyword *keyword = keyword_find(name);
        struct rule *rule = &node->rules[node->count];

        if (!keyword)
            continue;
        node->count++;
        *rule = (struct rule){.keyword = keyword, .node = node, .value = value};
        rule->at = (struct path){.up = node->at, .name = keyword->name};
        c->good = shapes[keyword->shape](c, rule) && c->good;
    }
}

struct node *compile_node(struct compiler *c, struct json_object *json, const struct path *at,
                          const struct path *link)
{
    struct schema *s = c->schema;
    struct node *node;
    char shown[BRIEF];

    if (!json_object_is_type(json, json_type_object) &&
        !json_object_is_type(json, json_type_boolean)) {
        findings_add(c->f, link ? link : at, NULL, false,
                     "must be a schema (an object, true or false), not %s",
                     brief_value(json, shown));
        return NULL;
    }
    if (s->node_count++ >= SCHEMA_NODES_MAX) {
        if (s->node_count == SCHEMA_NODES_MAX + 1)
            findings_add(c->f, link ? link : at, NULL, false,
                         "more than %d subschemas in one schema", SCHEMA_NODES_MAX);
        return NULL;
    }
    node = calloc(1, sizeof *node);
    if (!node) {
        no_memory(c);
        return NULL;
    }
    node->json = json;
    if (link)
        node->link = *link;
    node->at = link ? &node->link : at;
    node->next = s->nodes;
    s->nodes = node;
    if (!s->root)
        s->root = node;
    if (json_object_is_type(json, json_type_boolean))
        node->never = !json_object_get_boolean(json);
    else
        compile_rules(c, node);
    return node;
}

/* AT lives on the caller's stack: the finished schema's own pointers begin at its root. */
static void forget_origin(struct node *root)
{
    root->at = NULL;
    for (size_t i = 0; i < root->count; i++)
        root->rules[i].at.up = NULL;
}

struct schema *schema_compile(struct json_object *json, const struct path *at, struct findings *f)
{
    struct schema *s = calloc(1, sizeof *s);
    struct compiler c = {.schema = s, .f = f, .good = true};

    if (!s) {
        no_memory(&c);
        return NULL;
    }
    if (!compile_node(&c, json, at, NULL) || !c.good || !compile_refs(&c) || f->no_memory) {
        schema_free(s);
        return NULL;
    }
    forget_origin(s->root);
    return s;
}
