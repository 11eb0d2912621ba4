/* Internal to the compiling half of schema/: the state of a compilation, the shapes of values. */
#ifndef JSON_SCHEMA_COMPILE_H
#define JSON_SCHEMA_COMPILE_H

#include "runtime/json/schema/run.h"
#include "runtime/json/schema/scratch.h"

struct compiler {
    struct schema *schema;
    struct findings *f;
    struct meter *meter;
    bool over;                 /* the meter is spent, and that was reported */
    bool good;                 /* no keyword has failed so far */
    struct resource *resource; /* around the current subschema */
    struct rule *refs;         /* not resolved yet */
    bool pointed;              /* compiling what a pointer leads to, where no keyword does */
};

/* Compile JSON as a subschema. It is at AT, which must live as long as the schema, or at LINK,
 * which is copied. NULL and a finding on error. */
struct node *compile_node(struct compiler *c, struct json_object *json, const struct path *at,
                          const struct path *link);

/* The node of JSON, if it was compiled already, or NULL. */
struct node *compiled_node(const struct schema *s, const struct json_object *json);

/* Set NODE's resource, and c->resource: the one around it, or the one that begins here. False if
 * out of memory. */
bool resource_enter(struct compiler *c, struct node *node);

/* The dialect around the current subschema. */
enum dialect resource_dialect(const struct compiler *c);

/* The resource called URI: in this schema, else a compiled-in one, which becomes part of it now.
 * NULL if there is none, or (with findings) if it does not compile. */
struct resource *resource_find(struct compiler *c, const char *uri);

/* RESOURCE's anchor NAME, or NULL. */
const struct anchor *anchor_find(const struct resource *resource, const char *name);

/* Resolve every $ref. False, with findings, if one leads nowhere. */
bool compile_refs(struct compiler *c);

/* Add a finding at RULE's value: "must be RIGHT, not ...". Returns false. */
bool compile_fail(struct compiler *c, const struct rule *rule, const char *right);

/* The same about VALUE at AT. */
bool compile_fail_at(struct compiler *c, const struct path *at, struct json_object *value,
                     const char *right);

bool compile_memory(struct compiler *c); /* out of memory; returns false */

/* Charge N steps, or bytes of memory, at AT: false, with a finding, if the meter is spent. */
bool compile_steps(struct compiler *c, const struct path *at, uint64_t n);
bool compile_bytes(struct compiler *c, const struct path *at, uint64_t n);

/* Steps to look up NAME, in a table or in a list. */
uint64_t name_work(const char *name);

/* Allocate room for COUNT subschemas, names and, if wanted, patterns. */
bool compile_room(struct compiler *c, struct rule *rule, size_t count, bool patterns);

/* Keywords with subschemas or patterns (subschemas.c). */
bool shape_schema(struct compiler *c, struct rule *rule);
bool shape_schemas(struct compiler *c, struct rule *rule);
bool shape_schema_or_schemas(struct compiler *c, struct rule *rule);
bool shape_schema_map(struct compiler *c, struct rule *rule);
bool shape_dependencies(struct compiler *c, struct rule *rule);
bool shape_pattern_map(struct compiler *c, struct rule *rule);
bool shape_pattern(struct compiler *c, struct rule *rule);

/* Keywords with names and references (resource.c, ref.c). */
bool shape_id(struct compiler *c, struct rule *rule);
bool shape_anchor(struct compiler *c, struct rule *rule);
bool shape_dialect(struct compiler *c, struct rule *rule);
bool shape_ref(struct compiler *c, struct rule *rule);
bool shape_recursive_ref(struct compiler *c, struct rule *rule);
bool shape_recursive_anchor(struct compiler *c, struct rule *rule);

/* Keywords without subschemas (shapes.c): check RULE's value, prepare what its check needs. */
bool shape_any(struct compiler *c, struct rule *rule);
bool shape_text(struct compiler *c, struct rule *rule);
bool shape_boolean(struct compiler *c, struct rule *rule);
bool shape_list(struct compiler *c, struct rule *rule);
bool shape_number(struct compiler *c, struct rule *rule);
bool shape_positive(struct compiler *c, struct rule *rule);
bool shape_count(struct compiler *c, struct rule *rule);
bool shape_types(struct compiler *c, struct rule *rule);
bool shape_names(struct compiler *c, struct rule *rule);
bool shape_names_map(struct compiler *c, struct rule *rule);
bool shape_vocabulary(struct compiler *c, struct rule *rule);
bool shape_format(struct compiler *c, struct rule *rule);
bool shape_unsupported(struct compiler *c, struct rule *rule);

/* Whether the array LIST, at AT, has only distinct names, which RULE's check will look up; adds a
 * finding if not. */
bool are_names(struct compiler *c, struct rule *rule, const struct path *at,
               struct json_object *list);

/* The json_type bits (and TYPE_INTEGER) of a type's name; 0 if there is no such type. */
unsigned type_named(const char *name);

#endif
