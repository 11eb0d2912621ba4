/* Chunked memory for a bundle: paths and contents lie side by side, so that a small bundle touches
 * a page or two (a page fault costs more than reading a file). */
#include "bundles/chunk.h"

#include <stdlib.h>

#define CHUNK_SIZE 16384

char *chunk_take(struct bundle_chunk **chunks, size_t n)
{
    struct bundle_chunk *c = *chunks;

    if (!c || c->size - c->used < n) {
        size_t size = n > CHUNK_SIZE ? n : CHUNK_SIZE;

        c = malloc(sizeof *c + size);
        if (!c)
            return NULL;
        c->size = size;
        c->used = 0;
        if (*chunks && n > CHUNK_SIZE / 2) { /* for one large file: keep filling the first chunk */
            c->next = (*chunks)->next;
            (*chunks)->next = c;
        } else {
            c->next = *chunks;
            *chunks = c;
        }
    }
    c->used += n;
    return c->data + c->used - n;
}

void chunk_free(struct bundle_chunk *chunks)
{
    while (chunks) {
        struct bundle_chunk *next = chunks->next;

        free(chunks);
        chunks = next;
    }
}
