/* Inside the compiling half of schema*.c: the state of one compilation, and the shapes of values. */
#ifndef JSON_SCHEMA_COMPILE_H
#define JSON_SCHEMA_COMPILE_H

#include "runtime/json/schema/run.h"
#include "runtime/json/schema/scratch.h"

struct compiler {
    struct schema *schema;
    struct findings *f;
    struct meter *meter;
    bool over;                 /* the meter is spent, and that is told */
    bool good;                 /* no keyword failed so far */
    struct resource *resource; /* around what is compiled now */
    struct rule *refs;         /* not yet resolved */
};

/* JSON as a subschema. It stands at AT, which lives as long as the schema, or at LINK, which is
 * copied. NULL and a finding. */
struct node *compile_node(struct compiler *c, struct json_object *json, const struct path *at,
                          const struct path *link);

/* NODE's resource: the one around it, or the one that begins here; c->resource from now on. False for
 * want of memory. */
bool resource_enter(struct compiler *c, struct node *node);

/* The resource called URI: of this schema, else one that is compiled in and becomes part of it now.
 * NULL where there is none, or (with findings) where it cannot be compiled. */
struct resource *resource_find(struct compiler *c, const char *uri);

/* Of RESOURCE, or NULL. */
const struct anchor *anchor_find(const struct resource *resource, const char *name);

/* Resolve every $ref. False, with findings, where one leads nowhere. */
bool compile_refs(struct compiler *c);

/* "must be RIGHT, not ...": a finding at RULE's value. Returns false. */
bool compile_fail(struct compiler *c, const struct rule *rule, const char *right);

bool compile_memory(struct compiler *c); /* ran out; returns false */

/* N steps of work, or bytes of memory, at AT: false, with a finding, where they are not left. */
bool compile_steps(struct compiler *c, const struct path *at, uint64_t n);
bool compile_bytes(struct compiler *c, const struct path *at, uint64_t n);

/* Steps that looking for NAME takes, in a table or in a list. */
uint64_t name_work(const char *name);

/* Room for COUNT subschemas, names and, where wanted, patterns. */
bool compile_room(struct compiler *c, struct rule *rule, size_t count, bool patterns);

/* Keywords with subschemas or patterns (schema_subschemas.c). */
bool shape_schema(struct compiler *c, struct rule *rule);
bool shape_schemas(struct compiler *c, struct rule *rule);
bool shape_schema_or_schemas(struct compiler *c, struct rule *rule);
bool shape_schema_map(struct compiler *c, struct rule *rule);
bool shape_dependencies(struct compiler *c, struct rule *rule);
bool shape_pattern_map(struct compiler *c, struct rule *rule);
bool shape_pattern(struct compiler *c, struct rule *rule);

/* Keywords that name things (schema_resource.c, schema_ref.c). */
bool shape_id(struct compiler *c, struct rule *rule);
bool shape_anchor(struct compiler *c, struct rule *rule);
bool shape_dialect(struct compiler *c, struct rule *rule);
bool shape_ref(struct compiler *c, struct rule *rule);

/* Keywords without subschemas: check RULE's value, prepare what its check needs. */
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

/* A list of different texts, which RULE's check will look for. */
bool are_names(struct compiler *c, struct rule *rule, struct json_object *list);

/* The json_type bits (and TYPE_INTEGER) of a type's name; 0 where there is no such type. */
unsigned type_named(const char *name);

#endif
