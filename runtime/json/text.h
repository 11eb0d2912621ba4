/* Inside json*.c: what checking, building and locating share about the text of a string. */
#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/json/json.h"

/* The longest number's text, in bytes: enough for any double's exact decimal digits. */
#define JSON_NUMBER_MAX 1100

/* What json-c and malloc take for one, in bytes, on 64 bits; texts come on top. */
#define JSON_COST_SCALAR  64 /* a number, a string */
#define JSON_COST_WORD    48
#define JSON_COST_DOUBLE  112 /* it keeps its text */
#define JSON_COST_OBJECT  192 /* with its table of one */
#define JSON_COST_MEMBER  96  /* its place in the table, its name */
#define JSON_COST_ARRAY   160
#define JSON_COST_ELEMENT 16

/* Steps of a member, beside its value's: its name is kept, hashed and compared with the others. */
#define JSON_STEPS_MEMBER 32

struct json_key {
    const char *raw; /* between the quotes, still escaped */
    size_t n;
    bool escaped; /* holds a '\\' */
};

/* At a string: step over it. 0 or -1 (s->error). */
int json_key(struct json_scan *s, struct json_key *key);

/* At a number: step over it. *REAL: it has a fraction or an exponent. 0 or -1 (s->error). */
int json_number(struct json_scan *s, bool *real);

/* The next character of an accepted string's raw text, its escape undone; moves *AT. */
uint32_t json_char(const char **at, const char *end);

/* Order of two keys by the characters they mean, not by how they are escaped: < 0, 0 or > 0. */
int json_key_compare(const struct json_key *a, const struct json_key *b);

/* Give OBJECT's table the size that its members need. 0 or -1. */
int json_shrink(struct json_object *object);

#endif
