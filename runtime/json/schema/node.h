/* Inside schema*.c: a schema after compiling. A node is a subschema, a rule one keyword of it. */
#ifndef JSON_SCHEMA_NODE_H
#define JSON_SCHEMA_NODE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/json/schema/format.h"
#include "runtime/json/schema/keyword.h"
#include "runtime/json/schema/resource.h"
#include "runtime/json/schema/schema.h"

#define SCHEMA_NODES_MAX 4096 /* subschemas of one schema */

struct node;
struct pattern;
struct scratch; /* schema_scratch.h */

struct rule {
    const struct keyword *keyword;
    const struct node *node; /* whose keyword it is */
    struct json_object *value;
    struct path at;             /* in the schema */
    unsigned applies;           /* as the keyword's */
    const struct rule *mate[2]; /* the keyword's mates beside it, or NULL */
    struct rule *next_ref;      /* of the references to be resolved */
    const char *dynamic; /* $dynamicRef: the anchor that the dynamic scope decides, or NULL */
    format_check *format;
    size_t count;              /* of the following arrays, where the shape has them */
    struct node **nodes;       /* subschemas */
    const char **names;        /* their names, in maps */
    struct pattern **patterns; /* one, or one for each name */
    uint64_t work;             /* steps that one check takes, whatever the value */
    unsigned types;            /* SHAPE_TYPES: TYPE_* bits */
    long double number;        /* exact for every int64, uint64 and double */
};

#define TYPE_INTEGER (1u << 16) /* beside the bits of json_type: a number without a fraction */

struct node {
    struct node *next; /* of all nodes of the schema */
    struct json_object *json;
    const struct path *at; /* in the schema; &link, the keyword's, or NULL for the root */
    struct path link;
    struct resource *resource;
    bool never;     /* the schema `false` */
    size_t count;   /* of the rules that hold */
    uint64_t stamp; /* of the last walk that came by: schema_same.c */
    size_t total;   /* beyond those: what draft-07 ignores beside $ref */
    struct rule *rules;
};

struct schema {
    struct node *root, *nodes;
    size_t node_count;
    struct schema_mode mode;
    struct resource *resources;
    size_t resource_count;
    struct document *documents; /* embedded ones that are referred to */
    struct link *links;
    bool tracks;  /* has unevaluatedItems or unevaluatedProperties */
    char *origin; /* the pointer of the schema in its document */
    struct scratch *scratch;
};

/* The rule of NODE for the keyword NAME, or NULL. */
const struct rule *node_rule(const struct node *node, const char *name);

#endif
