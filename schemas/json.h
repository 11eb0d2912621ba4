/* Strict JSON text (RFC 8259): checking before anything is built from it, and finding places in it.
 * json-c is lenient and keeps no positions; every text from outside passes here first. What passes is
 * one value, valid UTF-8 (no lone surrogate escapes, no NUL), no duplicate members, bounded depth; no
 * number is longer than 1100 bytes or beyond the range of a double (1e999). */
#ifndef SCHEMAS_JSON_H
#define SCHEMAS_JSON_H

#include <stddef.h>

struct json_object;

#define JSON_DEPTH_MAX 128

/* A cursor over text. On failure .error is a static message and .at where it stands. */
struct json_scan {
    const char *at, *end;
    const char *error;
};

/* Step over white space, then exactly one value. 0, or -1 with .error set. DEPTH_LEFT: how many
 * arrays and objects may still be nested in it. */
int json_skip(struct json_scan *s, unsigned depth_left);

/* Step over white space. */
void json_space(struct json_scan *s);

/* At a string: step over it; *RAW and *N are the bytes between the quotes, still escaped. 0 or -1. */
int json_string(struct json_scan *s, const char **raw, size_t *n);

/* Undo the escapes of a string that json_string() accepted. OUT holds at least N bytes; returns the
 * length written (never more than N). Not NUL-terminated. */
size_t json_unescape(const char *raw, size_t n, char *out);

/* TEXT is exactly one strict JSON value with nothing but white space around it. 0, or -1 with *ERROR
 * (static text) and *OFFSET (where). */
int json_check(const char *text, size_t n, const char **error, size_t *offset);

struct json_place {
    unsigned line, column; /* from 1; columns count characters, not bytes */
};

struct json_place json_place(const char *text, size_t n, size_t offset);

/* Where the value that POINTER (RFC 6901, "" is the whole) names begins in a text that json_check()
 * accepted; with OF_NAME, where the member's name stands. Of a missing one: its nearest parent. */
struct json_place json_locate(const char *text, size_t n, const char *pointer, int of_name);

/* Parse a text that json_check() accepted. NULL only for want of memory (a JSON null is a real object
 * here: json-c's NULL is told apart by *OK). The caller owns the result (json_object_put). Integers are
 * int64 or uint64; one beyond 64 bits becomes a double; every double is printed as it was written. */
struct json_object *json_build(const char *text, size_t n, int *ok);

/* json_object_put() for rooms that do not know json-c. NULL is fine. */
void json_free(struct json_object *value);

/* The same for values that hold secrets: every string in it is overwritten first, for everyone who
 * shares it. Numbers and members' names are not. */
void json_wipe(struct json_object *value);

#endif
