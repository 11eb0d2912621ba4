/* A set of texts of which only 16 bytes each are kept: a keyed digest (SipHash-2-4-128), so that two of a
 * million texts meet by chance once in 10^26 times, and nobody can make them meet on purpose. */
#ifndef BATCH_KNOWN_H
#define BATCH_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/fault.h"

#define KNOWN_MAX (1u << 26) /* texts: 1.9 GB at most */

struct known_digest {
    uint64_t a, b;
};

struct known { /* 19 to 28 bytes a text; while it grows, for a moment, the old table too */
    struct known_digest *slot;
    size_t count, cap;
    uint64_t key[2];
};

/* Draws the key. 0, or -1 and *WHY (SETUP). */
int known_open(struct known *s, struct fault *why);
void known_close(struct known *s); /* zero-initialised is fine */

/* OK: a bit of each text's own; that of the last time it was added counts. 0, or -1 and *WHY (SETUP: no memory;
 * INVALID: more than KNOWN_MAX). */
int known_add(struct known *s, const void *text, size_t n, bool ok, struct fault *why);
enum known_as { KNOWN_NOT, KNOWN_OK, KNOWN_FAILED };
enum known_as known_as(const struct known *s, const void *text, size_t n);

/* Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF"; 128 bits as in their siphash.c. */
struct known_digest known_digest(const uint64_t key[2], const void *text, size_t n);

#endif
