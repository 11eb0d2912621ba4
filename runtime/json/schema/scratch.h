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
struct pcre2_real_general_context_8;
struct pcre2_real_match_context_8;
struct pcre2_real_match_data_8;

struct scratch {
    struct meter *meter; /* of the schema's current user; NULL: none */
    size_t held;         /* bytes allocated by PCRE2 */
    size_t compiled;     /* of these, after the schema was compiled */
    bool refused;        /* PCRE2 asked for more than the meter grants */
    struct pcre2_real_general_context_8 *general;
    struct pcre2_real_match_context_8 *context;
    struct pcre2_real_match_data_8 *data; /* NULL until the first match, and after a large one */
    struct pattern *counted;              /* patterns with .counts, until the run is over */
    uint64_t stamp;                       /* of the last walk over nodes */
};

struct scratch *scratch_new(void); /* NULL if out of memory */
void scratch_free(struct scratch *s);

/* Free what only the finished validation needed. */
void scratch_reset(struct scratch *s);

/* Compile TEXT, which must outlive the pattern, with memory of S. NULL and a finding at AT, or
 * S->refused, or its meter is spent. */
struct pattern *pattern_compile(struct scratch *s, const char *text, const struct path *at,
                                struct findings *f);
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
