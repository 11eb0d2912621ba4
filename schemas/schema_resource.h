/* Inside schema*.c: what a schema's parts are called, and what it brings in from elsewhere. */
#ifndef SCHEMAS_SCHEMA_RESOURCE_H
#define SCHEMAS_SCHEMA_RESOURCE_H

#include <stdbool.h>

#include "schemas/finding.h"
#include "schemas/schema_keyword.h"

struct json_object;
struct node;

struct anchor {
    struct anchor *next; /* of the same resource */
    const char *name;
    struct node *node;
    bool dynamic;
};

/* What a URI names: a document, or a subschema with an $id (core, 4.3.5). */
struct resource {
    struct resource *next; /* of the schema */
    char *uri;             /* without a fragment; "" where there is no $id above */
    struct node *root;
    enum dialect dialect;
    bool foreign; /* of an embedded document */
    struct anchor *anchors;
};

struct link { /* of a way to a subschema that stands where no keyword has one */
    struct link *next;
    struct path path;
};

struct document {
    struct document *next;
    struct json_object *json;
};

#endif
