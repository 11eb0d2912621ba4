/* Internal to bundles/: memory that grows in chunks, never moves and is freed all together. */
#ifndef BUNDLES_CHUNK_H
#define BUNDLES_CHUNK_H

#include <stddef.h>

struct bundle_chunk {
    struct bundle_chunk *next;
    size_t used, size;
    char data[];
};

/* Allocate N bytes, not aligned; NULL if out of memory. */
char *chunk_take(struct bundle_chunk **chunks, size_t n);
void chunk_free(struct bundle_chunk *chunks);

#endif
