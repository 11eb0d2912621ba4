/* How a schema names its parts: $schema, $id, $anchor, $dynamicAnchor (core, 8.1 and 8.2), and the
 * embedded documents that it refers to. Names are a bundle's: they are compared, never fetched. */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/fd.h"
#include "runtime/json/schema/compile.h"
#include "runtime/json/uri.h"
#include "schemas/embedded.h"

#define URI_MAX    2048 /* bytes of a URI in a schema */
#define ANCHOR_MAX 256  /* bytes */

#define DOCUMENT_COST 16 /* bytes of memory per byte of an embedded schema's text */

static const struct {
    const char *name;  /* between the scheme and the fragment */
    const char *canon; /* as the meta-schema is called */
    int draft;         /* struct schema_mode */
    enum dialect dialect;
} dialects[] = {
    {"json-schema.org/draft-04/schema", "http://json-schema.org/draft-04/schema", 4, DRAFT_04},
    {"json-schema.org/draft-06/schema", "http://json-schema.org/draft-06/schema", 6, DRAFT_06},
    {"json-schema.org/draft-07/schema", "http://json-schema.org/draft-07/schema", 7, DRAFT_07},
    {"json-schema.org/draft/2019-09/schema", "https://json-schema.org/draft/2019-09/schema", 2019,
     DRAFT_2019_09},
    {"json-schema.org/draft/2020-12/schema", "https://json-schema.org/draft/2020-12/schema", 2020,
     DRAFT_2020_12},
};

#define DIALECTS (sizeof dialects / sizeof *dialects)

/* The number of the dialect that URI names, with either scheme and maybe an empty fragment; or
 * DIALECTS. */
static size_t dialect_number(const char *uri)
{
    size_t i = 0;

    if (strncmp(uri, "http://", 7) != 0 && strncmp(uri, "https://", 8) != 0)
        return DIALECTS;
    uri = strchr(uri, ':') + 3;
    for (; i < DIALECTS; i++) {
        size_t n = strlen(dialects[i].name);

        if (strncmp(uri, dialects[i].name, n) == 0 && (!uri[n] || strcmp(uri + n, "#") == 0))
            break;
    }
    return i;
}

/* The dialect of URI; 0 if unknown. */
static enum dialect dialect_named(const char *uri)
{
    size_t i = dialect_number(uri);

    return i < DIALECTS ? dialects[i].dialect : 0;
}

static const char *text_member(struct json_object *json, const char *name)
{
    struct json_object *value;

    if (!json_object_object_get_ex(json, name, &value) ||
        !json_object_is_type(value, json_type_string))
        return NULL;
    return json_c_string(value);
}

enum dialect resource_dialect(const struct compiler *c)
{
    if (c->resource)
        return c->resource->dialect;
    for (size_t i = 0; i < DIALECTS; i++)
        if (dialects[i].draft == c->schema->mode.draft)
            return dialects[i].dialect;
    return DRAFT_2020_12;
}

static enum dialect own_dialect(const struct compiler *c, struct json_object *json)
{
    const char *text = text_member(json, "$schema");
    enum dialect named = text ? dialect_named(text) : 0;

    return named ? named : resource_dialect(c);
}

/* The $id of JSON, of DIALECT if it has one, if it begins a resource: not an anchor ("#name") of an
 * old draft, nor one that such a draft ignores beside a $ref. */
static const char *own_id(const struct compiler *c, struct json_object *json, enum dialect dialect)
{
    const char *id = text_member(json, dialect == DRAFT_04 ? "id" : "$id");

    if (!id || !*id || *id == '#' || strlen(id) > URI_MAX)
        return NULL;
    if (c->resource && c->resource->dialect & DRAFTS_OLD &&
        json_object_object_get_ex(json, "$ref", NULL))
        return NULL;
    return id;
}

uint32_t name_hash(const char *name)
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    while (*name)
        hash = (hash ^ (unsigned char)*name++) * 16777619u;
    return hash;
}

static struct resource *schema_resource_find(const struct schema *s, const char *uri)
{
    uint32_t hash = name_hash(uri);

    for (struct resource *r = s->resources; r; r = r->next)
        if (r->hash == hash && strcmp(r->uri, uri) == 0)
            return r;
    return NULL;
}

bool resource_enter(struct compiler *c, struct node *node)
{
    enum dialect dialect = own_dialect(c, node->json);
    const char *id = own_id(c, node->json, dialect);
    struct str uri = {0};
    struct resource *r;

    node->resource = c->resource;
    if (c->resource && !id)
        return true;
    r = calloc(1, sizeof *r);
    uri_resolve(c->resource ? c->resource->uri : "", id ? id : "", &uri);
    if (!r || uri.failed) {
        free(r);
        str_free(&uri);
        return compile_memory(c);
    }
    r->uri = uri.data;
    r->hash = name_hash(r->uri);
    r->root = node;
    r->dialect = dialect;
    r->foreign = c->resource ? c->resource->foreign : c->schema->documents != NULL;
    if (id && schema_resource_find(c->schema, r->uri)) {
        findings_add(c->f, node->at, NULL, false, "two subschemas have the $id \"%s\"", r->uri);
        c->good = false;
    }
    r->next = c->schema->resources;
    c->schema->resources = r;
    c->schema->resource_count++;
    c->resource = node->resource = r;
    return compile_steps(c, node->at, c->schema->resource_count / 8 + uri.len / 8) &&
           compile_bytes(c, node->at, sizeof *r + uri.cap);
}

/* Make an embedded document part of the schema. */
static struct resource *resource_load(struct compiler *c, const struct embedded *e)
{
    struct document *document = calloc(1, sizeof *document);
    struct resource *around = c->resource;
    struct node *root;
    int built = 0;

    if (!compile_bytes(c, NULL, (size_t)(e->end - e->text) * DOCUMENT_COST)) {
        free(document);
        return NULL;
    }
    if (document)
        document->json = json_build(e->text, (size_t)(e->end - e->text), &built);
    if (!built) {
        free(document);
        compile_memory(c);
        return NULL;
    }
    document->next = c->schema->documents;
    c->schema->documents = document;
    c->resource = NULL;
    root = compile_node(c, document->json, NULL, NULL);
    c->resource = around;
    return root ? root->resource : NULL;
}

struct resource *resource_find(struct compiler *c, const char *uri)
{
    struct resource *r = schema_resource_find(c->schema, uri);
    size_t dialect = r ? DIALECTS : dialect_number(uri);
    const struct embedded *e = r ? NULL : embedded_uri(uri);

    if (!r && !e && dialect < DIALECTS)
        return resource_find(c, dialects[dialect].canon);
    return e ? resource_load(c, e) : r;
}

const struct anchor *anchor_find(const struct resource *resource, const char *name)
{
    uint32_t hash = name_hash(name);

    for (const struct anchor *a = resource->anchors; a; a = a->next)
        if (a->hash == hash && strcmp(a->name, name) == 0)
            return a;
    return NULL;
}

/* Core, 8.2.2: a letter or '_', then letters, '_', digits, '-' and '.'. In 2019-09, 8.2.3: a letter
 * first, and ':' too. */
static bool is_anchor(const char *name, enum dialect dialect)
{
    static const char letters[] = "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    bool old = dialect == DRAFT_2019_09;
    size_t n = strspn(name, letters);

    while (name[n] &&
           (strchr(letters, name[n]) || strchr(old ? "0123456789-.:" : "0123456789-.", name[n])))
        n++;
    return *name && strchr(letters + old, *name) && !name[n] && n <= ANCHOR_MAX;
}

static bool add_anchor(struct compiler *c, struct rule *rule, const char *name, bool dynamic)
{
    struct resource *resource = rule->node->resource;
    const struct anchor *same = anchor_find(resource, name);
    struct anchor *a;

    if (same && same->node != rule->node) {
        findings_add(c->f, &rule->at, NULL, false, "two subschemas have the anchor \"%s\"", name);
        return false;
    }
    a = calloc(1, sizeof *a);
    if (!a)
        return compile_memory(c);
    *a = (struct anchor){resource->anchors, name_hash(name), name, (struct node *)rule->node,
                         dynamic};
    resource->anchors = a;
    resource->anchor_count++;
    return compile_steps(c, &rule->at, resource->anchor_count / 8) &&
           compile_bytes(c, &rule->at, sizeof *a);
}

bool shape_anchor(struct compiler *c, struct rule *rule)
{
    const char *name =
        json_object_is_type(rule->value, json_type_string) ? json_c_string(rule->value) : NULL;

    if (!name || !is_anchor(name, rule->node->resource->dialect))
        return compile_fail(
            c, rule, "a name (at most 256 letters, digits, '_', '-', '.'; a letter or '_' first)");
    return add_anchor(c, rule, name, strcmp(rule->keyword->name, "$dynamicAnchor") == 0);
}

bool shape_id(struct compiler *c, struct rule *rule)
{
    const char *id, *fragment;

    if (!json_object_is_type(rule->value, json_type_string) || !json_c_string(rule->value))
        return compile_fail(c, rule, "a URI");
    id = json_object_get_string(rule->value);
    fragment = strchr(id, '#');
    if (strlen(id) > URI_MAX)
        return compile_fail(c, rule, "a URI of at most 2048 bytes");
    if (!fragment || !fragment[1])
        return true;
    if (!(rule->node->resource->dialect & DRAFTS_OLD))
        return compile_fail(c, rule, "a URI without a fragment");
    return fragment != id || add_anchor(c, rule, id + 1, false);
}

bool shape_dialect(struct compiler *c, struct rule *rule)
{
    if (!json_object_is_type(rule->value, json_type_string) || !json_c_string(rule->value) ||
        !dialect_named(json_object_get_string(rule->value)))
        return compile_fail(c, rule,
                            "\"https://json-schema.org/draft/2020-12/schema\", or that of draft "
                            "2019-09, \"http://json-schema.org/draft-07/schema#\", or that of "
                            "draft-06 or draft-04");
    return true;
}

bool shape_recursive_anchor(struct compiler *c, struct rule *rule)
{
    struct resource *resource = rule->node->resource;

    if (!shape_boolean(c, rule))
        return false;
    if (resource->root == rule->node)
        resource->recursive = json_object_get_boolean(rule->value);
    return true;
}
