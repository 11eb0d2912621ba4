/* A set of texts that keeps only 16 bytes of each: a keyed digest (SipHash-2-4-128), so that a
 * chance collision among a million texts has a probability of 10^-26, and none can be forced. */
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

struct finished { /* 19 to 28 bytes a text; while growing, the old table too */
    struct finished_digest *slot;
    size_t count, cap;
    uint64_t key[2];
};

/* Draw the key. 0, or -1 and *WHY (SETUP). */
int finished_open(struct finished *s, struct fault *why);
void finished_close(struct finished *s); /* zero-initialised is fine */

/* Add a text. OK: a bit kept with it; the latest one counts. 0, or -1 and *WHY (SETUP: no
 * memory; INVALID: more than FINISHED_MAX). */
int finished_add(struct finished *s, const void *text, size_t n, bool ok, struct fault *why);
enum finished_as { FINISHED_NOT, FINISHED_OK, FINISHED_FAILED };
enum finished_as finished_as(const struct finished *s, const void *text, size_t n);

/* Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF"; 128 bits as in their
 * siphash.c. */
struct finished_digest finished_digest(const uint64_t key[2], const void *text, size_t n);

#endif
