/* Why an operation failed: filled once, where it failed, and passed up unchanged. A value without
 * pointers, small enough (< PIPE_BUF) to cross a pipe in one atomic write. */
#ifndef SCHEMAS_FAULT_H
#define SCHEMAS_FAULT_H

#include "schemas/status.h"

struct fault {
    enum status status; /* the status it gives the run: SETUP, INVALID, REFUSED, ... */
    int err;            /* errno where it failed, or 0 */
    char where[512];    /* file[:line:column], option, controller, step: printed first; may be "" */
    char what[1536];    /* what was being done to which object, and what would be right */
};

_Static_assert(sizeof(struct fault) < 4096, "one atomic pipe write");

/* Fill *WHY and return -1, so that a failing function ends with `return fault_set(why, ...)`. WHERE
 * may be NULL. If ERR is not 0, ": " and its strerror(3) text are appended. Text that does not fit
 * is truncated with "...". */
int fault_set(struct fault *why, enum status status, int err, const char *where, const char *fmt,
              ...) __attribute__((format(printf, 5, 6)));
/* For compilers and analyzers, which see one file at a time: the result is always -1. */
#define fault_set(...)          \
    (__extension__({            \
        fault_set(__VA_ARGS__); \
        -1;                     \
    }))

/* Add text to .what, behind what it has. Text that does not fit is truncated with "...". */
void fault_add(struct fault *why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Return the errno of WHY if it is a lack of something that the end of other processes may free
 * (processes, memory, descriptors); else 0. */
int fault_lack(const struct fault *why);

#endif
