/* References (core, 8.2.3): a URI, resolved against its place, then a JSON pointer or an anchor in
 * what it names. Pointers and names are a bundle's. Any object or boolean that a pointer leads to may
 * become a subschema, also where no keyword makes it one. */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/fd.h"
#include "runtime/base/str.h"
#include "runtime/json/schema/compile.h"
#include "runtime/json/uri.h"

#define REF_MAX 4096 /* bytes */

/* Unescape the next token of *AT (RFC 6901, 4) into OUT; *AT moves to the '/' or end after it. */
static void next_token(const char **at, struct str *out)
{
    const char *p = *at;

    str_add(out, "", 0);
    for (; *p && *p != '/'; p++) {
        char c = *p;

        if (c == '~' && (p[1] == '0' || p[1] == '1'))
            c = *++p == '1' ? '/' : '~';
        str_addc(out, c);
    }
    *at = p;
}

static struct json_object *element(struct json_object *array, const char *token)
{
    char *end;
    unsigned long index = strtoul(token, &end, 10);

    if (*token < '0' || *token > '9' || *end || (*token == '0' && token[1]))
        return NULL;
    return index < json_object_array_length(array) ? json_object_array_get_idx(array, index) : NULL;
}

/* VALUE's member or element TOKEN, or NULL; *STEP is the path to it. */
static struct json_object *ref_enter(struct json_object *value, const char *token,
                                     struct path *step)
{
    const struct lh_entry *entry;

    if (json_object_is_type(value, json_type_array)) {
        step->index = strtoul(token, NULL, 10);
        return element(value, token);
    }
    entry = json_object_is_type(value, json_type_object)
                ? lh_table_lookup_entry(json_object_get_object(value), token)
                : NULL;
    if (!entry)
        return NULL;
    step->name = lh_entry_k(entry);
    return (struct json_object *)lh_entry_v(entry);
}

/* The JSON value that POINTER ("/a/b") names below ROOT, or NULL. With LINKS, the path to it is
 * kept in the schema, and *AT is its last step. */
static struct json_object *walk(struct compiler *c, const struct node *root, const char *pointer,
                                bool links, const struct path **at)
{
    struct json_object *value = root->json;

    *at = root->at;
    while (value && *pointer) {
        autostr struct str token = {0};
        struct path step = {.up = *at};
        struct link *link;

        if (*pointer++ != '/')
            return NULL;
        next_token(&pointer, &token);
        if (token.failed)
            compile_memory(c);
        value = token.failed ? NULL : ref_enter(value, token.data, &step);
        if (!value || !links)
            continue;
        if (!compile_bytes(c, *at, sizeof *link))
            return NULL;
        link = calloc(1, sizeof *link);
        if (!link)
            return NULL;
        *link = (struct link){c->schema->links, step};
        c->schema->links = link;
        *at = &link->path;
    }
    return value;
}

struct node *compiled_node(const struct schema *s, const struct json_object *json)
{
    for (struct node *node = s->nodes; node; node = node->next)
        if (node->json == json)
            return node;
    return NULL;
}

/* The subschema that POINTER names in RESOURCE, also where no keyword defines one. */
static struct node *pointed(struct compiler *c, struct resource *resource, const char *pointer)
{
    const struct path *at;
    struct json_object *json = walk(c, resource->root, pointer, false, &at);
    struct node *node = json ? compiled_node(c->schema, json) : NULL;
    struct resource *around = c->resource;

    if (!json || node)
        return node;
    if (!json_object_is_type(json, json_type_object) &&
        !json_object_is_type(json, json_type_boolean))
        return NULL;
    if (!walk(c, resource->root, pointer, true, &at)) {
        if (!c->over)
            compile_memory(c);
        return NULL;
    }
    c->resource = resource;
    c->pointed = true;
    node = compile_node(c, json, at, NULL);
    c->pointed = false;
    c->resource = around;
    return node;
}

/* The subschema that FRAGMENT (decoded) names in RESOURCE, or NULL. */
static struct node *fragment_node(struct compiler *c, struct rule *rule, struct resource *resource,
                                  const char *fragment)
{
    const struct anchor *anchor;

    if (!*fragment)
        return resource->root;
    if (*fragment == '/')
        return pointed(c, resource, fragment);
    anchor = anchor_find(resource, fragment);
    for (const struct anchor *a = anchor; a; a = a->next)
        if (a->dynamic && strcmp(a->name, fragment) == 0)
            rule->dynamic = a->name;
    return anchor ? anchor->node : NULL;
}

static bool resolve(struct compiler *c, struct rule *rule)
{
    const char *text = json_object_get_string(rule->value), *hash = strchrnul(text, '#');
    autostr struct str uri = {0}, fragment = {0};
    struct resource *resource = rule->node->resource;
    const struct schema *s = c->schema;
    char shown[BRIEF];

    /* Nodes, resources and anchors are searched in lists. */
    if (!compile_steps(c, &rule->at,
                       (s->node_count + s->resource_count + resource->anchor_count + strlen(text)) /
                           8))
        return false;
    uri_decode(*hash ? hash + 1 : hash, strlen(*hash ? hash + 1 : hash), &fragment);
    if (hash != text) {
        uri_resolve(resource->uri, text, &uri);
        resource = uri.failed ? NULL : resource_find(c, uri.data);
    }
    if (uri.failed || fragment.failed)
        return compile_memory(c);
    if (!resource && c->over)
        return false;
    if (!resource) {
        findings_add(
            c->f, &rule->at, NULL, false,
            "%s refers outside this schema: runbox fetches nothing and has no schema of that name "
            "built in",
            brief_text(text, shown));
        return false;
    }
    if (strlen(fragment.data) == fragment.len) /* else it holds a NUL, which no name does */
        rule->nodes[0] = fragment_node(c, rule, resource, fragment.data);
    if (!rule->nodes[0] && !c->f->no_memory && !c->over)
        findings_add(c->f, &rule->at, NULL, false, "%s refers to no subschema of this schema",
                     brief_text(text, shown));
    return rule->nodes[0];
}

bool shape_ref(struct compiler *c, struct rule *rule)
{
    if (!json_object_is_type(rule->value, json_type_string) || !json_c_string(rule->value))
        return compile_fail(c, rule, "a reference such as \"#/$defs/name\"");
    if (json_object_get_string_len(rule->value) > REF_MAX)
        return compile_fail(c, rule, "a reference of at most 4096 bytes");
    rule->next_ref = c->refs; /* resolved once all nodes exist */
    c->refs = rule;
    return compile_room(c, rule, 1, false);
}

bool shape_recursive_ref(struct compiler *c, struct rule *rule)
{
    if (!json_object_is_type(rule->value, json_type_string) ||
        strcmp(json_object_get_string(rule->value), "#") != 0)
        return compile_fail(c, rule, "\"#\"");
    return shape_ref(c, rule);
}

/* A resource that a reference brings in may hold further references. */
bool compile_refs(struct compiler *c)
{
    bool good = true;

    while (c->refs) {
        struct rule *rule = c->refs;

        c->refs = rule->next_ref;
        good = resolve(c, rule) && good;
    }
    return good && c->good;
}
