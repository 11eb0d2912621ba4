/* Internal to schema/: the state of one validation, and what its checks share. */
#ifndef JSON_SCHEMA_RUN_H
#define JSON_SCHEMA_RUN_H

#include "runtime/json/brief.h"
#include "runtime/json/schema/node.h"

#define SCHEMA_DEPTH 1024 /* nested subschemas */

/* The dynamic scope (core, 7.1): the resources that the evaluation has entered but not left. */
struct scope {
    const struct scope *up;
    const struct resource *resource;
};

/* The references that the evaluation has followed but not returned from. */
struct via {
    const struct via *up;
    const struct rule *rule;
    const struct node *target;
};

struct seen;       /* seen.h */
struct explaining; /* explain.c */

/* Reasons to give up that schema_validate() words itself. */
extern const char spent_memory[];
extern const char spent_meter[]; /* the meter knows which */

/* The state of one validation. */
struct run {
    const struct scope *scope;
    const struct via *via;
    struct explaining *explaining; /* whose findings are those of an alternative, or NULL */
    struct seen *seen; /* a stack: what the current subschemas evaluated, innermost last */
    size_t seen_count, seen_cap;
    size_t mark; /* where the current subschema's part of it begins */
    bool tracks;
    struct findings *f; /* NULL: only the verdict counts, the first failure ends the run */
    struct meter *meter;
    struct scratch *scratch;
    const struct node *node; /* the innermost; after giving up, the one where that was */
    unsigned depth;
    const char *spent; /* why the validation was given up */
};

/* Whether VALUE fits NODE; if not, findings are added to run->f. */
bool node_check(struct run *run, const struct node *node, const struct path *at,
                struct json_object *value);

/* The same for a member or element of the value: what is evaluated inside it is forgotten. */
bool child_check(struct run *run, const struct node *node, const struct path *at,
                 struct json_object *value);
bool child_try(struct run *run, const struct node *node, struct json_object *value);

/* node_check() without findings. */
bool node_try(struct run *run, const struct node *node, struct json_object *value);

/* Charge N steps of work, or bytes of memory: false if the meter is spent. */
bool run_steps(struct run *run, uint64_t n);
bool run_bytes(struct run *run, uint64_t n);

/* Charge N steps of name lookups in OBJECT, more for a large one, which is in no CPU cache. */
bool run_lookups(struct run *run, struct json_object *object, uint64_t n);

/* Whether to report a failure: else it is only counted, and need not be worded. */
bool run_tells(struct run *run);

/* Add a finding, if it is to be reported: only then are the arguments evaluated. Returns false. */
bool run_fail(struct run *run, const struct rule *rule, const struct path *at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#define run_fail(run, ...) (run_tells(run) && run_fail(run, __VA_ARGS__))

/* Add a finding about the subschema NODE itself. Returns false. */
bool run_fail_node(struct run *run, const struct node *node, const struct path *at,
                   const char *message);

/* The schema `false` applies to the value at AT. Returns false. */
bool run_never(struct run *run, const struct node *node, const struct path *at);

/* VALUE fits none of RULE's alternatives: say why each fails, if findings are wanted. Returns false. */
bool explain_alternatives(struct run *run, const struct rule *rule, const struct path *at,
                          struct json_object *value);

/* Of the finding that RULE's failure at AT just added: how far is the document from what is right? */
void explain_weigh(struct run *run, const struct rule *rule, const struct path *at);

/* The string or name TEXT, known by KEY, is not what one alternative wants, but NEAR may be meant.
 * SAID: the finding says so itself. */
void explain_near(struct run *run, const void *key, const struct suggestion *near, bool said);

/* What fails next is an empty object where an array may stand: an empty table is either. */
void explain_empty(struct run *run);

/* The type of VALUE, as bits: 1.0 is also TYPE_INTEGER. */
unsigned value_types(struct json_object *value);

/* Equality in JSON Schema: 1 equals 1.0, the order of members does not matter. */
bool json_equal(struct run *run, struct json_object *a, struct json_object *b);
uint64_t json_hash(struct run *run, struct json_object *value); /* equal values have equal hashes */
long double
json_number_of(struct json_object *value); /* of an int exactly, or of a double as rounded */

/* Two numbers, exactly as they are written: < 0, 0 or > 0. */
int json_compare(struct run *run, struct json_object *a, struct json_object *b);

/* Whether VALUE is a multiple of OF, both numbers; exactly. */
bool json_multiple(struct run *run, struct json_object *value, struct json_object *of);

/* 1: matches; 0: does not match; -1: gave up (see run->spent). */
int pattern_match(struct run *run, const struct pattern *p, const char *text, size_t n);

#endif
