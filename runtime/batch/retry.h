/* Jobs waiting to be tried again: what outlives an attempt, ordered by when it is due. They hold
 * no slot. */
#ifndef BATCH_RETRY_H
#define BATCH_RETRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/str.h"

/* A job between two attempts, and during one. All else is made again from .text each time. */
struct attempt {
    uint64_t line, ticket; /* its line number; its place in the order */
    unsigned count;        /* attempts so far */
    unsigned lacks;        /* ... that there was no room for, and which do not count */
    uint64_t due;          /* ns: do not begin before */
    struct str text;       /* the line, which may hold keys; empty: no further attempt */
};

void attempt_free(struct attempt *a); /* overwrites its text; zero-initialised is fine */

struct retry { /* a heap: none is due before the first */
    struct attempt *heap;
    size_t count, cap;
    size_t bytes; /* allocated for the texts */
};

void retry_close(struct retry *r); /* zero-initialised is fine */

/* Take over A, which is then empty. 0, or -1: no memory, and A stays the caller's. */
int retry_put(struct retry *r, struct attempt *a);

/* When the next job is due; UINT64_MAX: none waits. */
uint64_t retry_due(const struct retry *r);

/* Take the job that is due first: true and *A, now the caller's. */
bool retry_take(struct retry *r, struct attempt *a);

#endif
