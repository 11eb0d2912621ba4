/* Short forms for messages: a text or value truncated, and the nearest of some known names. */
#ifndef JSON_BRIEF_H
#define JSON_BRIEF_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/base/str.h"

struct json_object;

/* TEXT in double quotes for a message, truncated to a few dozen characters. OUT >= BRIEF bytes. */
#define BRIEF 160
const char *brief_text(const char *text, char *out);

/* VALUE for a message: JSON, truncated likewise; "an object" or "an array". OUT >= BRIEF bytes. */
const char *brief_value(struct json_object *value, char *out);

/* A number as it was written. OUT >= JSON_NUMBER_TEXT bytes, used if json-c keeps no text of it. */
#define JSON_NUMBER_TEXT 32
const char *json_number_text(struct json_object *value, char *out);

/* Append TEXT with control characters (C0, DEL, C1) and invalid bytes written as \uXXXX. */
void visible_add(struct str *out, const char *text);

/* "did you mean": try every candidate; then .best is the nearest, or NULL if none is near. */
struct suggestion {
    const char *name, *best;
    size_t distance; /* of .best; initially one more than what counts as near */
};

struct suggestion suggest(const char *name);
void suggest_try(struct suggestion *s, const char *candidate);

/* Meter steps for each suggest_try(). */
uint64_t suggest_cost(const struct suggestion *s);

#endif
