/* Inside schema*.c: a schema after compiling. A node is a subschema, a rule one keyword of it. */
#ifndef SCHEMAS_SCHEMA_NODE_H
#define SCHEMAS_SCHEMA_NODE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/schema.h"

#define SCHEMA_NODES_MAX 4096    /* subschemas of one schema */
#define SCHEMA_STEPS     4000000 /* subschemas tried and values compared in one validation */
#define SCHEMA_DEPTH     1024    /* subschemas tried inside one another */

struct node;
struct rule;
struct run;
struct pattern;

/* What a keyword's value must look like; decides how it is compiled. */
enum shape {
    SHAPE_ANY,
    SHAPE_TEXT,
    SHAPE_BOOLEAN,
    SHAPE_LIST,
    SHAPE_NUMBER,
    SHAPE_POSITIVE,
    SHAPE_COUNT,
    SHAPE_TYPES,
    SHAPE_NAMES,     /* a list of different texts */
    SHAPE_NAMES_MAP, /* an object of those */
    SHAPE_PATTERN,
    SHAPE_SCHEMA,
    SHAPE_SCHEMAS,     /* a list, not empty */
    SHAPE_SCHEMA_MAP,  /* an object of schemas */
    SHAPE_PATTERN_MAP, /* the same; its names are patterns */
    SHAPE_REF,
    SHAPE_DIALECT,
    SHAPE_ID,
    SHAPE_UNSUPPORTED,
    SHAPE__COUNT
};

struct keyword {
    const char *name;
    enum shape shape;
    unsigned applies; /* instances of these json_types (as bits) are checked */
    bool (*check)(struct run *run, const struct rule *rule, const struct path *at,
                  struct json_object *value);
};

const struct keyword *keyword_find(const char *name);

struct rule {
    const struct keyword *keyword;
    const struct node *node; /* whose keyword it is */
    struct json_object *value;
    struct path at;            /* in the schema */
    size_t count;              /* of the following arrays, where the shape has them */
    struct node **nodes;       /* subschemas */
    const char **names;        /* their names, in maps */
    struct pattern **patterns; /* one, or one for each name */
    unsigned types;            /* SHAPE_TYPES: TYPE_* bits */
    long double number;        /* exact for every int64, uint64 and double */
};

#define TYPE_INTEGER (1u << 16) /* beside the bits of json_type: a number without a fraction */

struct node {
    struct node *next; /* of all nodes of the schema */
    struct json_object *json;
    const struct path *at; /* in the schema; &link, the keyword's, or NULL for the root */
    struct path link;
    bool never; /* the schema `false` */
    size_t count;
    struct rule *rules;
};

struct schema {
    struct node *root, *nodes;
    size_t node_count;
};

/* The rule of NODE for the keyword NAME, or NULL. */
const struct rule *node_rule(const struct node *node, const char *name);

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

/* Compile TEXT. NULL and a finding at AT. */
struct pattern *pattern_compile(const char *text, const struct path *at, struct findings *f);
void pattern_free(struct pattern *p);

/* 1: matches; 0: does not; -1: gave up (the reason is in run->spent). */
int pattern_match(struct run *run, const struct pattern *p, const char *text, size_t n);

#endif
