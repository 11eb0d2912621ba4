/* Why something could not be done: filled once, where it failed, and passed up unchanged.
 * A value without pointers, small enough (< PIPE_BUF) to cross a pipe in one atomic write. */
#ifndef SCHEMAS_FAULT_H
#define SCHEMAS_FAULT_H

#include "schemas/status.h"

struct fault {
    enum status status; /* what it makes of the run: SETUP, INVALID, REFUSED, ... */
    int err;            /* errno at the place of failure, or 0 */
    char where[512];    /* file[:line:column], option, controller, step: printed first; may be "" */
    char what[1536];    /* what was being done to which object, and what would be right */
};

_Static_assert(sizeof(struct fault) < 4096, "one atomic pipe write");

/* Fill *WHY and return -1, so that a failing function ends with `return fault_set(why, ...)`.
 * WHERE may be NULL. When ERR is not 0, ": " and its strerror text are appended to WHAT.
 * Text that does not fit is cut with "...". */
int fault_set(struct fault *why, enum status status, int err, const char *where, const char *fmt,
              ...) __attribute__((format(printf, 5, 6)));
/* Compilers and analyzers see one file at a time: thus they know that it is always -1. */
#define fault_set(...)          \
    (__extension__({            \
        fault_set(__VA_ARGS__); \
        -1;                     \
    }))

#endif
