/* Schemas compiled in as text: runbox's own and the meta-schemas of JSON Schema. A run that refers
 * to none does not touch them, let alone parse them. */
#ifndef SCHEMAS_EMBEDDED_H
#define SCHEMAS_EMBEDDED_H

#include <stddef.h>

struct embedded {
    const char *name;       /* "manifest"; for a meta-schema its URI, without a fragment */
    const char *text, *end; /* the file, byte for byte, not NUL-terminated */
};

/* runbox's own, sorted by name. */
extern const struct embedded embedded_schemas[];
extern const size_t embedded_count;

/* The one of these called NAME, or NULL. */
const struct embedded *embedded_find(const char *name);

/* The schema, of either kind, whose $id is URI (no fragment), or NULL: "urn:runbox:schema:manifest"
 * or a meta-schema's own URI. */
const struct embedded *embedded_uri(const char *uri);

#endif
