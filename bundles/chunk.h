/* Inside bundles/: memory that grows in chunks, never moves and is freed at once. */
#ifndef BUNDLES_CHUNK_H
#define BUNDLES_CHUNK_H

#include <stddef.h>

struct bundle_chunk {
    struct bundle_chunk *next;
    size_t used, size;
    char data[];
};

/* N bytes, not aligned, or NULL for want of memory. */
char *chunk_take(struct bundle_chunk **chunks, size_t n);
void chunk_free(struct bundle_chunk *chunks);

#endif
