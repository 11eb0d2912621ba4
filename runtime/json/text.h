/* Internal to json/: what checking, building, copying and locating share about JSON text. */
#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/json/json.h"

/* The longest number's text, in bytes: enough for every exact decimal digit of a double. */
#define JSON_NUMBER_MAX 1100

/* An exponent's longest, so that sums of a few fit in 64 bits. */
#define JSON_EXPONENT_DIGITS 17

/* Bytes that json-c and malloc use for each, on 64 bits; texts come on top. */
#define JSON_COST_SCALAR  64 /* a number, a string */
#define JSON_COST_WORD    48
#define JSON_COST_DOUBLE  112 /* keeps its text */
#define JSON_COST_OBJECT  192 /* with its table for one member */
#define JSON_COST_MEMBER  96  /* its table entry and its name */
#define JSON_COST_ARRAY   160
#define JSON_COST_ELEMENT 16

/* Steps for a member, besides its value's: its name is stored, hashed and compared. */
#define JSON_STEPS_MEMBER 32

struct json_key {
    const char *raw; /* between the quotes, still escaped */
    size_t n;
    bool escaped; /* holds a '\\' */
    bool nul;     /* holds \u0000 */
};

/* At a string: step over it. 0 or -1 (s->error). */
int json_key(struct json_scan *s, struct json_key *key);

/* At a number: step over it. *REAL: it has a fraction or an exponent. 0 or -1 (s->error). */
int json_number(struct json_scan *s, bool *real);

/* Whether the N bytes at TEXT, an accepted integer, are a number of 64 bits with a sign or equal a
 * double: what a script can hold without rounding it. */
bool json_is_exact(const char *text, size_t n);

/* Decode the next character, maybe escaped, of an accepted string's raw text; moves *AT. */
uint32_t json_char(const char **at, const char *end);

/* Compare two keys by their characters, not by their escapes: < 0, 0 or > 0. */
int json_key_compare(const struct json_key *a, const struct json_key *b);

/* Shrink OBJECT's table to its members. 0 or -1. */
int json_shrink(struct json_object *object);

/* The release of the json-c that is linked ("0.16"). */
const char *json_library(void);

#endif
