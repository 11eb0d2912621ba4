/* Inside schema_compile.c, schema_shapes.c and schema_ref.c: the state of one compilation. */
#ifndef SCHEMAS_SCHEMA_COMPILE_H
#define SCHEMAS_SCHEMA_COMPILE_H

#include "schemas/schema_run.h"

struct compiler {
    struct schema *schema;
    struct findings *f;
    bool good; /* no keyword failed so far */
};

/* JSON as a subschema. It stands at AT, which lives as long as the schema, or at LINK, which is
 * copied. NULL and a finding. */
struct node *compile_node(struct compiler *c, struct json_object *json, const struct path *at,
                          const struct path *link);

/* Resolve every $ref. False, with findings, where one leads nowhere. */
bool compile_refs(struct compiler *c);

/* "must be RIGHT, not ...": a finding at RULE's value. Returns false. */
bool compile_fail(struct compiler *c, const struct rule *rule, const char *right);

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

/* The json_type bits (and TYPE_INTEGER) of a type's name; 0 where there is no such type. */
unsigned type_named(const char *name);

#endif
