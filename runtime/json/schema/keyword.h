/* Internal to schema/: a keyword of JSON Schema, as in the table in keywords.c. */
#ifndef JSON_SCHEMA_KEYWORD_H
#define JSON_SCHEMA_KEYWORD_H

#include <stdbool.h>

struct json_object;
struct path;
struct rule;
struct run;

/* The form that a keyword's value must have; determines how it is compiled. */
enum shape {
    SHAPE_ANY,
    SHAPE_TEXT,
    SHAPE_BOOLEAN,
    SHAPE_LIST,
    SHAPE_NUMBER,
    SHAPE_POSITIVE,
    SHAPE_COUNT,
    SHAPE_TYPES,
    SHAPE_NAMES,     /* a list of distinct strings */
    SHAPE_NAMES_MAP, /* an object of such lists */
    SHAPE_PATTERN,
    SHAPE_SCHEMA,
    SHAPE_SCHEMAS, /* a non-empty list */
    SHAPE_SCHEMA_OR_SCHEMAS,
    SHAPE_SCHEMA_MAP,   /* an object of schemas */
    SHAPE_DEPENDENCIES, /* an object of schemas and lists of distinct strings */
    SHAPE_PATTERN_MAP,  /* as SCHEMA_MAP; names are patterns */
    SHAPE_REF,
    SHAPE_RECURSIVE_REF,
    SHAPE_RECURSIVE_ANCHOR,
    SHAPE_DIALECT,
    SHAPE_ID,
    SHAPE_ANCHOR,
    SHAPE_VOCABULARY,
    SHAPE_FORMAT,
    SHAPE_UNSUPPORTED,
    SHAPE__COUNT
};

#define KEYWORDS_MAX 96 /* in the table */

/* As bits. */
enum dialect {
    DRAFT_04 = 1,
    DRAFT_06 = 2,
    DRAFT_07 = 4,
    DRAFT_2019_09 = 8,
    DRAFT_2020_12 = 16,
    DRAFTS_OLD = DRAFT_04 | DRAFT_06 | DRAFT_07 /* where a $ref disables its siblings */
};

struct keyword {
    const char *name;
    enum shape shape;
    unsigned applies; /* to instances of these json_types (as bits) */
    bool (*check)(struct run *run, const struct rule *rule, const struct path *at,
                  struct json_object *value);
    unsigned dialects;    /* that define it */
    const char *mates[2]; /* sibling keywords that its check reads */
};

/* NULL if DIALECT has no such keyword. */
const struct keyword *keyword_find(const char *name, enum dialect dialect);

/* The keyword of DIALECT whose name is near, or NULL. */
const char *keyword_near(const char *name, enum dialect dialect);

#endif
