/* Whose turn it is on the wire while calls and callbacks nest, which functions the box has lent, and which
 * of its objects the caller has named: what makes a number or an id good. */
#ifndef WIRE_TURNS_H
#define WIRE_TURNS_H

#include <stdint.h>

#include "runtime/base/str.h"
#include "runtime/wire/caller.h"
#include "runtime/wire/event.h"
#include "schemas/fault.h"
#include "schemas/setup.h"

#define TURNS_IDS_MAX 16384 /* of objects, in a run: at most 2 MiB of text */

struct turns { /* zero-initialised is a run that has not begun */
    /* Calls and callbacks open: of .depth, the 1st, 3rd, ... are calls. Odd: the caller's turn. */
    int depth;
    uint64_t lent; /* functions so far; each has the next number, in the order of the lines' text */
    struct {
        uint64_t first, end; /* numbers that the params lent: [first, end) */
    } call[WIRE_CALLS_DEEP / 2];

    struct str ids;      /* a byte of length, then the text; of each */
    uint32_t *slots;     /* a hash table of places in .ids, plus one; 0: empty */
    uint32_t count, cap; /* of it; .cap is a power of 2, or 0 */
};

void turns_free(struct turns *t);

/* The start line as the box gets it: of its members the argument alone may name objects. As turns_named(). */
int turns_start(struct turns *t, const char *line, size_t n, struct fault *why);

/* The box calls, and it is the caller's turn; or the box's mistake: -1 and *WHAT (static). */
int turns_call(struct turns *t, const struct event *e, const char **what);

/* The call was answered. */
void turns_answered(struct turns *t);

/* The box returns from a callback, and it is the caller's turn; or -1 and *WHAT. */
int turns_return(struct turns *t, const struct event *e, const char **what);

/* A value in which the box lends nothing; or -1 and *WHAT. */
int turns_value(struct turns *t, struct span value, const char **what);

/* The caller invokes, and it is the box's turn; or -1 and *WHY (INVALID). */
int turns_invoke(struct turns *t, const struct invoke *i, struct fault *why);

/* The caller says N bytes of JSON: the objects that it names are good from now on. 0, or -1 and *WHY (INVALID:
 * they are too many; SETUP: no memory). */
int turns_named(struct turns *t, const char *text, size_t n, struct fault *why);

#endif
