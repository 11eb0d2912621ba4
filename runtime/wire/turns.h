/* Whose turn it is on the wire while calls and callbacks nest, which functions the box has lent,
 * and which of its objects the caller has named: the only valid numbers and ids. */
#ifndef WIRE_TURNS_H
#define WIRE_TURNS_H

#include <stdint.h>

#include "runtime/base/str.h"
#include "runtime/wire/caller.h"
#include "runtime/wire/event.h"
#include "schemas/fault.h"
#include "schemas/setup.h"

#define TURNS_IDS_MAX 16384 /* object ids in a run: at most 2 MiB of text */

struct turns { /* zero-initialised: a run that has not begun */
    /* Open calls and callbacks: of .depth, the 1st, 3rd, ... are calls. Odd: the caller's turn. */
    int depth;
    uint64_t lent; /* functions lent so far, numbered in the order of the lines' text */
    struct {
        uint64_t first, end; /* function numbers lent by the params: [first, end) */
    } call[WIRE_CALLS_DEEP / 2];

    struct str ids;      /* for each, a length byte, then the text */
    uint32_t *slots;     /* a hash table of offsets in .ids, plus one; 0: empty */
    uint32_t count, cap; /* of the table; .cap is a power of 2, or 0 */
};

void turns_free(struct turns *t);

/* Note the objects that the box's start line names, in its argument only. As turns_named(). */
int turns_start(struct turns *t, const char *line, size_t n, struct fault *why);

/* The box calls: now it is the caller's turn. On a mistake of the box: -1 and *WHAT (static). */
int turns_call(struct turns *t, const struct event *e, const char **what);

/* The call was answered. */
void turns_answered(struct turns *t);

/* The box returns from a callback: now it is the caller's turn. Or -1 and *WHAT. */
int turns_return(struct turns *t, const struct event *e, const char **what);

/* Check a value in which the box may lend nothing: 0, or -1 and *WHAT. */
int turns_value(struct turns *t, struct span value, const char **what);

/* The caller invokes a function: now it is the box's turn. Or -1 and *WHY (INVALID). */
int turns_invoke(struct turns *t, const struct invoke *i, struct fault *why);

/* The caller sends N bytes of JSON: the objects it names are valid from now on. 0, or -1 and *WHY
 * (INVALID: too many; SETUP: no memory). */
int turns_named(struct turns *t, const char *text, size_t n, struct fault *why);

#endif
