/* Inside schema*.c: what a compiled schema keeps to work with, and patterns, whose memory is counted too. */
#ifndef JSON_SCHEMA_SCRATCH_H
#define JSON_SCHEMA_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/meter.h"
#include "runtime/json/finding.h"

struct node;
struct pattern;
struct pcre2_real_general_context_8;
struct pcre2_real_match_context_8;
struct pcre2_real_match_data_8;

struct scratch {
    struct meter *meter; /* whoever works with the schema now; NULL: nobody */
    size_t held;         /* bytes that PCRE2 has */
    size_t compiled;     /* of them when the schema was compiled */
    bool refused;        /* it asked for more than the meter gives */
    struct pcre2_real_general_context_8 *general;
    struct pcre2_real_match_context_8 *context;
    struct pcre2_real_match_data_8 *data; /* NULL until the first match, and after a large one */
    struct pattern *counted; /* a list: those with code that counts, until the run is over */
    uint64_t stamp;          /* of the last walk over nodes */
};

struct scratch *scratch_new(void); /* NULL for want of memory */
void scratch_free(struct scratch *s);

/* A validation is over: what it alone needed is freed. */
void scratch_reset(struct scratch *s);

/* Compile TEXT, which stays as long as the pattern, with memory of S. NULL and a finding at AT, or S->refused, or
 * its meter spent. */
struct pattern *pattern_compile(struct scratch *s, const char *text, const struct path *at,
                                struct findings *f);
void pattern_free(struct pattern *p);

/* Schemas that hold for the same value as NODE: itself, what it refers to, all of allOf, and so on, each once, in
 * the order in which they stand. */
struct same {
    const struct node **node;
    size_t count, cap;
};

/* 0, or -1 for want of memory. same_free() in either case. */
int same_collect(struct scratch *s, const struct node *node, struct same *same);
void same_free(struct same *same);

#endif
