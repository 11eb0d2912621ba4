/* Inside schema*.c: a keyword of JSON Schema, as the table in schema_keywords.c has it. */
#ifndef JSON_SCHEMA_KEYWORD_H
#define JSON_SCHEMA_KEYWORD_H

#include <stdbool.h>

struct json_object;
struct path;
struct rule;
struct run;

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
    SHAPE_SCHEMAS, /* a list, not empty */
    SHAPE_SCHEMA_OR_SCHEMAS,
    SHAPE_SCHEMA_MAP,   /* an object of schemas */
    SHAPE_DEPENDENCIES, /* an object of schemas and lists of different texts */
    SHAPE_PATTERN_MAP,  /* the same; its names are patterns */
    SHAPE_REF,
    SHAPE_DIALECT,
    SHAPE_ID,
    SHAPE_ANCHOR,
    SHAPE_VOCABULARY,
    SHAPE_FORMAT,
    SHAPE_UNSUPPORTED,
    SHAPE__COUNT
};

#define KEYWORDS_MAX 64 /* in the table */

enum dialect { DRAFT_2020_12 = 1, DRAFT_07 = 2 };

struct keyword {
    const char *name;
    enum shape shape;
    unsigned applies; /* instances of these json_types (as bits) are checked */
    bool (*check)(struct run *run, const struct rule *rule, const struct path *at,
                  struct json_object *value);
    unsigned dialects;    /* that know it */
    const char *mates[2]; /* keywords beside it that its check looks at */
};

/* NULL where DIALECT has no such keyword. */
const struct keyword *keyword_find(const char *name, enum dialect dialect);

#endif
