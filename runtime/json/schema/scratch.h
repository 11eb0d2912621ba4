/* Internal to schema/: a compiled schema's working memory, and patterns, whose memory counts
 * too. */
#ifndef JSON_SCHEMA_SCRATCH_H
#define JSON_SCHEMA_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/meter.h"
#include "runtime/json/finding.h"

struct node;
struct pattern;

struct scratch {
    struct meter *meter; /* of the schema's current user; NULL: none */
    size_t held;         /* bytes of patterns, and for matching */
    bool refused;        /* they would be more than the meter grants */
    void *stack;         /* match.c's, between matches */
    uint32_t *regs;
    size_t stack_size, regs_size; /* bytes */
    bool remembers;               /* for tests: matches remember choices from the start */
    uint64_t stamp;               /* of the last walk over nodes */
};

/* Count N steps; false if the meter is spent. */
bool scratch_steps(struct scratch *s, uint64_t n);

/* realloc(3) from HAD to SIZE bytes, counted; 0 frees. NULL: S->refused, or there is no memory. */
void *scratch_resize(struct scratch *s, void *old, size_t had, size_t size);

struct scratch *scratch_new(void); /* NULL if out of memory */
void scratch_free(struct scratch *s);

/* Free what only the finished validation needed. */
void scratch_reset(struct scratch *s);

/* Compile N bytes of TEXT with memory of S. NULL and a finding at AT, or S->refused, or its meter is
 * spent. */
struct pattern *pattern_compile(struct scratch *s, const char *text, size_t n,
                                const struct path *at, struct findings *f);
void pattern_free(struct pattern *p);

/* Schemas that apply to the same value as NODE: itself, its $ref, all of allOf, and so on, each
 * once, depth first. */
struct same {
    const struct node **node;
    size_t count, cap;
};

/* 0, or -1 if out of memory. Call same_free() in either case. */
int same_collect(struct scratch *s, const struct node *node, struct same *same);
void same_free(struct same *same);

#endif
