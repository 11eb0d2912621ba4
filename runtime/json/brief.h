/* Short forms for messages: a text or value truncated. */
#ifndef JSON_BRIEF_H
#define JSON_BRIEF_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/base/str.h"
#include "runtime/base/suggest.h"

struct json_object;

/* TEXT in double quotes for a message, truncated to a few dozen characters. OUT >= BRIEF bytes. */
#define BRIEF 160
const char *brief_text(const char *text, char *out);

/* The same for N bytes, where NUL is shown as \u0000. */
const char *brief_bytes(const char *text, size_t n, char *out);

/* VALUE for a message: JSON, truncated likewise; "an object" or "an array". OUT >= BRIEF bytes. */
const char *brief_value(struct json_object *value, char *out);

/* A number as it was written. OUT >= JSON_NUMBER_TEXT bytes, used if json-c keeps no text of it. */
#define JSON_NUMBER_TEXT 32
const char *json_number_text(struct json_object *value, char *out);

/* The string VALUE as a C string, or NULL if it holds a NUL. */
const char *json_c_string(struct json_object *value);

/* Append TEXT, or N bytes, with control characters (C0, DEL, C1) and invalid bytes written as \uXXXX. */
void visible_add(struct str *out, const char *text);
void visible_bytes(struct str *out, const char *text, size_t n);

#endif
