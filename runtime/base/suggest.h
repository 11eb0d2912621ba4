/* The nearest of some known names to one that is none of them. */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <stddef.h>
#include <stdint.h>

/* "did you mean": try every candidate; then .best is the nearest, or NULL if none is near. */
struct suggestion {
    const char *name, *best;
    size_t distance; /* of .best; initially one more than what counts as near */
};

struct suggestion suggest(const char *name);
void suggest_try(struct suggestion *s, const char *candidate);

/* Meter steps for each suggest_try(). */
uint64_t suggest_cost(const struct suggestion *s);

#endif
