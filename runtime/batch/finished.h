/* A set of texts of which only 16 bytes each are kept: a keyed digest (SipHash-2-4-128), so that two of a
 * million texts meet by chance once in 10^26 times, and nobody can make them meet on purpose. */
#ifndef BATCH_FINISHED_H
#define BATCH_FINISHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/fault.h"

#define FINISHED_MAX (1u << 26) /* texts: 1.9 GB at most */

struct finished_digest {
    uint64_t a, b;
};

struct finished { /* 19 to 28 bytes a text; while it grows, for a moment, the old table too */
    struct finished_digest *slot;
    size_t count, cap;
    uint64_t key[2];
};

/* Draws the key. 0, or -1 and *WHY (SETUP). */
int finished_open(struct finished *s, struct fault *why);
void finished_close(struct finished *s); /* zero-initialised is fine */

/* OK: a bit of each text's own; that of the last time it was added counts. 0, or -1 and *WHY (SETUP: no memory;
 * INVALID: more than FINISHED_MAX). */
int finished_add(struct finished *s, const void *text, size_t n, bool ok, struct fault *why);
enum finished_as { FINISHED_NOT, FINISHED_OK, FINISHED_FAILED };
enum finished_as finished_as(const struct finished *s, const void *text, size_t n);

/* Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF"; 128 bits as in their siphash.c. */
struct finished_digest finished_digest(const uint64_t key[2], const void *text, size_t n);

#endif
