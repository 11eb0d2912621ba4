/* Schemas that are compiled in, as text: runbox's own and the meta-schemas of JSON Schema. Nothing of
 * them is touched, let alone parsed, by a run that does not refer to one. */
#ifndef SCHEMAS_EMBEDDED_H
#define SCHEMAS_EMBEDDED_H

#include <stddef.h>

struct embedded {
    const char *name;       /* "manifest"; "" for a meta-schema */
    const char *uri;        /* its $id, without a fragment */
    const char *text, *end; /* JSON, not NUL-terminated */
};

extern const struct embedded embedded[];
extern const size_t embedded_count;

/* The schema whose $id is URI (no fragment), or NULL. */
const struct embedded *embedded_find(const char *uri);

#endif
