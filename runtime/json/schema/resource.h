/* Internal to schema/: names of a schema's parts, and what it includes from elsewhere. */
#ifndef JSON_SCHEMA_RESOURCE_H
#define JSON_SCHEMA_RESOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/json/finding.h"
#include "runtime/json/schema/keyword.h"

struct json_object;
struct node;

struct anchor {
    struct anchor *next; /* in the same resource */
    uint32_t hash;       /* of the name: settles most comparisons */
    const char *name;
    struct node *node;
    bool dynamic;
};

/* A document, or a subschema with an $id (core, 4.3.5), that a URI names. */
struct resource {
    struct resource *next; /* in the schema */
    uint32_t hash;         /* of the URI */
    char *uri;             /* without fragment; "" if no $id applies */
    struct node *root;
    enum dialect dialect;
    bool foreign;   /* from an embedded document */
    bool recursive; /* $recursiveAnchor */
    struct anchor *anchors;
    size_t anchor_count;
};

/* The hash of either kind of name. */
uint32_t name_hash(const char *name);

struct link { /* in the path to a subschema that no keyword defines */
    struct link *next;
    struct path path;
};

struct document {
    struct document *next;
    struct json_object *json;
};

#endif
