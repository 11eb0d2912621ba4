/* Internal to schema/: a compiled schema. A node is a subschema, a rule one of its keywords. */
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

#define SCHEMA_NODES_MAX 4096 /* subschemas in one schema */

struct node;
struct pattern;
struct scratch; /* scratch.h */

struct rule {
    const struct keyword *keyword;
    const struct node *node; /* that has the keyword */
    struct json_object *value;
    struct path at;             /* in the schema */
    unsigned applies;           /* as in the keyword */
    const struct rule *mate[2]; /* the sibling keywords .mates, or NULL */
    struct rule *next_ref;      /* in the list of unresolved references */
    const char *dynamic;        /* $dynamicRef: anchor to resolve in the dynamic scope, or NULL */
    const struct format *format;
    size_t count;              /* of the arrays below, if the shape has them */
    struct node **nodes;       /* subschemas */
    const char **names;        /* their names, in maps */
    struct pattern **patterns; /* one, or one per name */
    uint64_t work;             /* fixed steps of each check */
    unsigned types;            /* SHAPE_TYPES: TYPE_* bits */
    long double number;        /* exact for every int64, uint64 and double */
};

#define TYPE_INTEGER (1u << 16) /* in addition to json_type bits: a number without a fraction */

struct node {
    struct node *next; /* in the list of all nodes */
    struct json_object *json;
    const struct path *at; /* in the schema; &link, the keyword's, or NULL for the root */
    struct path link;
    struct resource *resource;
    bool never;     /* the schema `false` */
    size_t count;   /* of active rules */
    uint64_t stamp; /* of the last walk that visited it: same.c */
    size_t total;   /* including rules that draft-07 ignores beside $ref */
    struct rule *rules;
};

struct schema {
    struct node *root, *nodes;
    size_t node_count;
    struct schema_mode mode;
    struct resource *resources;
    size_t resource_count;
    struct document *documents; /* embedded ones, if referred to */
    struct link *links;
    bool tracks;  /* has unevaluatedItems or unevaluatedProperties */
    char *origin; /* pointer to the schema in its document */
    struct scratch *scratch;
};

/* NODE's rule for the keyword NAME, or NULL. */
const struct rule *node_rule(const struct node *node, const char *name);

#endif
