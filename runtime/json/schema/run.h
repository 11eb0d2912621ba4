/* Inside schema*.c: the state of one validation, and what its checks share. */
#ifndef JSON_SCHEMA_RUN_H
#define JSON_SCHEMA_RUN_H

#include "runtime/json/brief.h"
#include "runtime/json/schema/node.h"

#define SCHEMA_DEPTH 1024 /* subschemas tried inside one another */

/* The dynamic scope (core, 7.1): the resources that the evaluation has entered and not left. */
struct scope {
    const struct scope *up;
    const struct resource *resource;
};

/* The references that the evaluation has followed and not come back from. */
struct via {
    const struct via *up;
    const struct rule *rule;
    const struct node *target;
};

struct seen; /* schema_seen.h */

/* Reasons to give up that schema_validate() words itself. */
extern const char spent_memory[];
extern const char spent_meter[]; /* the meter says which */

/* The state of one validation. */
struct run {
    const struct scope *scope;
    const struct via *via;
    struct seen *seen; /* a stack: what the present subschemas evaluated, the innermost last */
    size_t seen_count, seen_cap;
    size_t mark; /* where in it what the present subschema evaluated begins */
    bool tracks;
    struct findings *f; /* NULL: only the verdict counts, the first failure ends it */
    struct meter *meter;
    struct scratch *scratch;
    const struct node *node; /* the innermost, then that where it was given up */
    unsigned depth;
    const char *spent; /* why the validation was given up */
};

/* VALUE fits NODE; else findings in run->f. */
bool node_check(struct run *run, const struct node *node, const struct path *at,
                struct json_object *value);

/* The same of a member or element of the value: what is evaluated inside it is forgotten. */
bool child_check(struct run *run, const struct node *node, const struct path *at,
                 struct json_object *value);
bool child_try(struct run *run, const struct node *node, struct json_object *value);

/* node_check() without findings. */
bool node_try(struct run *run, const struct node *node, struct json_object *value);

/* N steps of the bounded work, or bytes of memory: false where they are not left. */
bool run_steps(struct run *run, uint64_t n);
bool run_bytes(struct run *run, uint64_t n);

/* N steps of looking for names in OBJECT: a large one is in no processor's cache. */
bool run_lookups(struct run *run, struct json_object *object, uint64_t n);

/* A failure is to be told: else it is only counted, and need not be worded. */
bool run_tells(struct run *run);

/* Add a finding, if it is to be told: its arguments are worked out only then. Returns false. */
bool run_fail(struct run *run, const struct rule *rule, const struct path *at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#define run_fail(run, ...) (run_tells(run) && run_fail(run, __VA_ARGS__))

/* The schema `false` holds for the value at AT. Returns false. */
bool run_never(struct run *run, const struct node *node, const struct path *at);

/* The type of VALUE, as bits: 1.0 is TYPE_INTEGER too. */
unsigned value_types(struct json_object *value);

/* Equality as JSON Schema has it: 1 equals 1.0, the order of members does not count. */
bool json_equal(struct run *run, struct json_object *a, struct json_object *b);
uint64_t json_hash(struct run *run, struct json_object *value); /* equal values have equal hashes */
long double json_number_of(struct json_object *value);          /* of an int or a double */

/* VALUE is a multiple of OF, both numbers; exact for up to 19 digits. */
bool json_multiple(struct json_object *value, struct json_object *of);

/* 1: matches; 0: does not; -1: gave up (the reason is in run->spent). */
int pattern_match(struct run *run, struct pattern *p, const char *text, size_t n);

#endif
