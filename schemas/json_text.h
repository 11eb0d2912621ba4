/* Inside json*.c: what checking, building and locating share about the text of a string. */
#ifndef SCHEMAS_JSON_TEXT_H
#define SCHEMAS_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/json.h"

/* The longest number's text, in bytes: enough for any double's exact decimal digits. */
#define JSON_NUMBER_MAX 1100

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

#endif
