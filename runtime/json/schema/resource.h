/* Inside schema*.c: what a schema's parts are called, and what it brings in from elsewhere. */
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
    struct anchor *next; /* of the same resource */
    uint32_t hash;       /* of its name: most looks end there */
    const char *name;
    struct node *node;
    bool dynamic;
};

/* What a URI names: a document, or a subschema with an $id (core, 4.3.5). */
struct resource {
    struct resource *next; /* of the schema */
    uint32_t hash;         /* of its URI */
    char *uri;             /* without a fragment; "" where there is no $id above */
    struct node *root;
    enum dialect dialect;
    bool foreign; /* of an embedded document */
    struct anchor *anchors;
    size_t anchor_count;
};

/* The hash of a name of either. */
uint32_t name_hash(const char *name);

struct link { /* of a way to a subschema that stands where no keyword has one */
    struct link *next;
    struct path path;
};

struct document {
    struct document *next;
    struct json_object *json;
};

#endif
