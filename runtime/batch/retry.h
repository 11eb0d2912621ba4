/* Jobs that wait to be tried again: what outlives an attempt, ordered by when it is due. They hold no slot. */
#ifndef BATCH_RETRY_H
#define BATCH_RETRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/str.h"

/* One job between two attempts, and during one. All else is made anew from .text each time. */
struct attempt {
    uint64_t line, ticket; /* its number in the input; its place in the order */
    unsigned count;        /* attempts so far */
    uint64_t due;          /* ns: not before */
    struct str text; /* the line, which may hold keys; empty where there will be no other attempt */
};

void attempt_free(struct attempt *a); /* its text is overwritten; zero-initialised is fine */

struct retry { /* a heap: none is due before the first */
    struct attempt *heap;
    size_t count, cap;
    size_t bytes; /* that the texts take */
};

void retry_close(struct retry *r); /* zero-initialised is fine */

/* Take A over, which is empty then. 0, or -1: no memory, and A stays the caller's. */
int retry_put(struct retry *r, struct attempt *a);

/* When the next is due; UINT64_MAX: there is none. */
uint64_t retry_due(const struct retry *r);

/* The one that is due first, the caller's from now on: true and *A. */
bool retry_take(struct retry *r, struct attempt *a);

#endif
