/* Inside schema*.c: the state of one validation, and what its checks share. */
#ifndef SCHEMAS_SCHEMA_RUN_H
#define SCHEMAS_SCHEMA_RUN_H

#include "schemas/brief.h"
#include "schemas/schema_node.h"

#define SCHEMA_STEPS 4000000 /* subschemas tried and values compared in one validation */
#define SCHEMA_DEPTH 1024    /* subschemas tried inside one another */

/* The state of one validation. */
struct run {
    struct findings *f; /* NULL: only the verdict counts, the first failure ends it */
    uint64_t steps;     /* left */
    unsigned depth, matches;
    int64_t cpu_end;   /* ns of this thread's CPU time; 0: not yet asked */
    const char *spent; /* why the validation was given up */
};

/* VALUE fits NODE; else findings in run->f. */
bool node_check(struct run *run, const struct node *node, const struct path *at,
                struct json_object *value);

/* The same, without findings. */
bool node_try(struct run *run, const struct node *node, struct json_object *value);

/* One step of the bounded work: false where none is left. */
bool run_step(struct run *run);

/* Add a finding, if any are wanted. Returns false. */
bool run_fail(struct run *run, const struct rule *rule, const struct path *at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The type of VALUE, as bits: 1.0 is TYPE_INTEGER too. */
unsigned value_types(struct json_object *value);

/* Equality as JSON Schema has it: 1 equals 1.0, the order of members does not count. */
bool json_equal(struct run *run, struct json_object *a, struct json_object *b);
uint64_t json_hash(struct json_object *value);         /* equal values have equal hashes */
long double json_number_of(struct json_object *value); /* of an int or a double */

/* 1: matches; 0: does not; -1: gave up (the reason is in run->spent). */
int pattern_match(struct run *run, const struct pattern *p, const char *text, size_t n);

#endif
