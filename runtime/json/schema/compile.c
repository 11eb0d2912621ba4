/* Compiles a schema: checks each keyword's value by its shape, turns subschemas into nodes,
 * resolves references last. A bundle's schema is untrusted: nodes are counted, depth is the
 * document's own. */
#include <stdlib.h>
#include <string.h>

#include "runtime/json/schema/compile.h"

#define MEMBER_STEPS 16 /* to find a keyword by name, at most three times */
#define NODE_STEPS   16
#define NODE_BYTES   (sizeof(struct node) + 32)

static void node_free(struct node *node)
{
    for (size_t i = 0; i < node->total; i++) {
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

/* Pop the first item of a list whose type has .next. */
#define pop(list)                         \
    (__extension__({                      \
        __typeof__(list) first_ = (list); \
        (list) = first_->next;            \
        first_;                           \
    }))

void schema_free(struct schema *s)
{
    if (!s)
        return;
    while (s->nodes)
        node_free(pop(s->nodes));
    while (s->resources) {
        struct resource *resource = pop(s->resources);

        while (resource->anchors)
            free(pop(resource->anchors));
        free(resource->uri);
        free(resource);
    }
    while (s->links)
        free(pop(s->links));
    while (s->documents) {
        struct document *document = pop(s->documents);

        json_object_put(document->json);
        free(document);
    }
    scratch_free(s->scratch);
    free(s->origin);
    free(s);
}

bool compile_fail_at(struct compiler *c, const struct path *at, struct json_object *value,
                     const char *right)
{
    char shown[BRIEF];

    findings_add(c->f, at, NULL, false, "must be %s, not %s", right, brief_value(value, shown));
    return false;
}

bool compile_fail(struct compiler *c, const struct rule *rule, const char *right)
{
    return compile_fail_at(c, &rule->at, rule->value, right);
}

bool compile_memory(struct compiler *c)
{
    c->f->no_memory = true;
    return false;
}

/* The meter is spent: report it once, where it happened first. */
static bool compile_over(struct compiler *c, const struct path *at)
{
    if (c->over)
        return false;
    c->over = true;
    if (c->meter->spent == METER_STOPPED)
        c->f->stopped = true;
    else
        findings_add(c->f, at, NULL, false, "too costly to compile: %s here", meter_why(c->meter));
    return false;
}

bool compile_steps(struct compiler *c, const struct path *at, uint64_t n)
{
    return meter_steps(c->meter, n) || compile_over(c, at);
}

bool compile_bytes(struct compiler *c, const struct path *at, uint64_t n)
{
    return meter_bytes(c->meter, n) || compile_over(c, at);
}

uint64_t name_work(const char *name)
{
    return 1 + strlen(name) / 32;
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
    [SHAPE_SCHEMA_OR_SCHEMAS] = shape_schema_or_schemas,
    [SHAPE_SCHEMA_MAP] = shape_schema_map,
    [SHAPE_PATTERN_MAP] = shape_pattern_map,
    [SHAPE_DEPENDENCIES] = shape_dependencies,
    [SHAPE_REF] = shape_ref,
    [SHAPE_RECURSIVE_REF] = shape_recursive_ref,
    [SHAPE_RECURSIVE_ANCHOR] = shape_recursive_anchor,
    [SHAPE_DIALECT] = shape_dialect,
    [SHAPE_ID] = shape_id,
    [SHAPE_ANCHOR] = shape_anchor,
    [SHAPE_VOCABULARY] = shape_vocabulary,
    [SHAPE_FORMAT] = shape_format,
    [SHAPE_UNSUPPORTED] = shape_unsupported,
};

static void compile_rule(struct compiler *c, struct node *node, const struct keyword *keyword,
                         struct json_object *value)
{
    struct rule *rule = &node->rules[node->total++];

    *rule = (struct rule){
        .keyword = keyword, .node = node, .value = value, .applies = keyword->applies};
    rule->at = (struct path){.up = node->at, .name = keyword->name};
    c->good = shapes[keyword->shape](c, rule) && c->good;
    if (c->meter->spent) /* perhaps by a pattern, whose compiler reports nothing */
        c->good = compile_over(c, &rule->at);
}

static bool is_unevaluated(const struct keyword *keyword)
{
    return strncmp(keyword->name, "unevaluated", strlen("unevaluated")) == 0;
}

/* Keywords that depend on the results of others come last. Up to draft-07 a $ref disables its
 * siblings, but these may still be referred to: they are compiled after the active ones. */
static void compile_rules(struct compiler *c, struct node *node)
{
    enum dialect dialect = node->resource->dialect;
    bool alone = dialect & DRAFTS_OLD && json_object_object_get_ex(node->json, "$ref", NULL);
    size_t count = (size_t)json_object_object_length(node->json);

    node->count = node->total = 0;
    if (!count || !compile_steps(c, node->at, count * MEMBER_STEPS))
        return;
    if (count > KEYWORDS_MAX) /* other names have no meaning */
        count = KEYWORDS_MAX;
    if (!compile_bytes(c, node->at, count * sizeof *node->rules))
        return;
    node->rules = calloc(count, sizeof *node->rules);
    if (!node->rules) {
        compile_memory(c);
        return;
    }
    for (int pass = 0; pass < 2; pass++) {
        json_object_object_foreach(node->json, name, value)
        {
            const struct keyword *keyword = keyword_find(name, dialect);

            if (!keyword)
                continue;
            c->schema->tracks |= is_unevaluated(keyword);
            if (pass == (alone ? strcmp(name, "$ref") != 0 : is_unevaluated(keyword)))
                compile_rule(c, node, keyword, value);
        }
        if (pass == 0 || !alone)
            node->count = node->total;
    }
    for (size_t i = 0; i < node->count; i++)
        for (size_t j = 0; j < 2 && node->rules[i].keyword->mates[j]; j++)
            node->rules[i].mate[j] = node_rule(node, node->rules[i].keyword->mates[j]);
}

static struct node *node_new(struct compiler *c, struct json_object *json, const struct path *at,
                             const struct path *link)
{
    struct schema *s = c->schema;
    struct node *node;

    if (s->node_count++ >= SCHEMA_NODES_MAX) {
        if (s->node_count == SCHEMA_NODES_MAX + 1)
            findings_add(c->f, link ? link : at, NULL, false,
                         "more than %d subschemas in one schema", SCHEMA_NODES_MAX);
        return NULL;
    }
    if (!compile_steps(c, link ? link : at, NODE_STEPS) ||
        !compile_bytes(c, link ? link : at, NODE_BYTES))
        return NULL;
    node = calloc(1, sizeof *node);
    if (!node) {
        compile_memory(c);
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
    return node;
}

/* Draft-04 has true and false for additionalItems and additionalProperties alone. */
static bool may_be_boolean(const struct compiler *c, const struct path *at, const struct path *link)
{
    return resource_dialect(c) != DRAFT_04 ||
           (!link && at && at->name && strncmp(at->name, "additional", strlen("additional")) == 0);
}

struct node *compile_node(struct compiler *c, struct json_object *json, const struct path *at,
                          const struct path *link)
{
    struct resource *around = c->resource;
    bool boolean = may_be_boolean(c, at, link);
    struct node *node;
    char shown[BRIEF];

    if (!json_object_is_type(json, json_type_object) &&
        !(boolean && json_object_is_type(json, json_type_boolean))) {
        findings_add(c->f, link ? link : at, NULL, false,
                     boolean ? "must be a schema (an object, true or false), not %s"
                             : "must be a schema (an object), not %s",
                     brief_value(json, shown));
        return NULL;
    }
    /* Pointers may lead to a subschema first, then to one around it. */
    if (c->pointed && !compile_steps(c, link ? link : at, c->schema->node_count / 8))
        return NULL;
    node = c->pointed ? compiled_node(c->schema, json) : NULL;
    if (node)
        return node;
    node = node_new(c, json, at, link);
    if (!node || !resource_enter(c, node))
        return NULL;
    if (json_object_is_type(json, json_type_boolean))
        node->never = !json_object_get_boolean(json);
    else
        compile_rules(c, node);
    c->resource = around;
    return node;
}

/* AT lives on the caller's stack: paths in the finished schema start at its root. */
static void forget_origin(struct node *root)
{
    root->at = NULL;
    for (size_t i = 0; i < root->total; i++)
        root->rules[i].at.up = NULL;
}

static struct schema *schema_new(struct schema_mode mode, const struct path *at, struct meter *m)
{
    struct schema *s = calloc(1, sizeof *s);
    struct str origin = {0};

    if (!s)
        return NULL;
    s->mode = mode;
    path_print(at, &origin);
    s->origin = origin.data;
    s->scratch = scratch_new();
    if (!origin.failed && s->scratch) {
        s->scratch->meter = m;
        return s;
    }
    schema_free(s);
    return NULL;
}

struct schema *schema_compile_within(struct json_object *json, struct schema_mode mode,
                                     const struct path *at, struct meter *m, struct findings *f)
{
    struct schema *s = schema_new(mode, at, m);
    struct compiler c = {.schema = s, .f = f, .meter = m, .good = true};

    if (!s) {
        compile_memory(&c);
        return NULL;
    }
    if (!compile_node(&c, json, at, NULL) || !c.good || !compile_refs(&c) || f->no_memory ||
        c.over) {
        schema_free(s);
        return NULL;
    }
    forget_origin(s->root);
    scratch_reset(s->scratch);
    return s;
}

struct schema *schema_compile_as(struct json_object *json, struct schema_mode mode,
                                 const struct path *at, struct findings *f)
{
    struct meter whole = {0};

    return schema_compile_within(json, mode, at, &whole, f);
}

struct schema *schema_compile(struct json_object *json, const struct path *at, struct findings *f)
{
    return schema_compile_as(json, (struct schema_mode){0}, at, f);
}
