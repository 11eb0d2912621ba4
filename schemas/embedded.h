/* Schemas that are compiled in, as text: runbox's own and the meta-schemas of JSON Schema. Nothing of
 * them is touched, let alone parsed, by a run that does not refer to one. */
#ifndef SCHEMAS_EMBEDDED_H
#define SCHEMAS_EMBEDDED_H

#include <stddef.h>

struct embedded {
    const char *name;       /* "manifest"; of a meta-schema its URI, without a fragment */
    const char *text, *end; /* the file, byte for byte, not NUL-terminated */
};

/* runbox's own, sorted by name. */
extern const struct embedded embedded_schemas[];
extern const size_t embedded_count;

/* Of these the one called NAME, or NULL. */
const struct embedded *embedded_find(const char *name);

/* The one of all whose $id is URI (no fragment), or NULL: "urn:runbox:schema:manifest" and the
 * meta-schemas' own. */
const struct embedded *embedded_uri(const char *uri);

#endif
