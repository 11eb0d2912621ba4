/* Strict JSON text (RFC 8259): check it before building anything from it, and find places in it.
 * json-c is lenient and keeps no positions; every external text passes here first. An accepted text
 * is one value in valid UTF-8 (no lone surrogate escapes), without duplicate members, of bounded
 * depth; no number is longer than 1100 bytes or beyond the range of a double (1e999). A string may
 * hold \u0000, so that its length counts; a member's name may not, since json-c's names end there. */
#ifndef JSON_JSON_H
#define JSON_JSON_H

#include <stddef.h>

#include "runtime/base/meter.h"

struct json_object;
struct str;

#define JSON_DEPTH_MAX 128

/* A cursor over text. On failure .error is a static message and .at its position. */
struct json_scan {
    const char *at, *end;
    const char *error;
    const char *name;    /* the member's name that the error is about, at its quote; or NULL */
    const char *first;   /* where the same name stands before */
    const char *rounded; /* the first integer that a script could not hold as it is; or NULL */
};

/* Step over white space, then exactly one value. 0, or -1 with .error set. DEPTH_LEFT: how many
 * arrays and objects may still be nested. */
int json_skip(struct json_scan *s, unsigned depth_left);

/* Step over white space. */
void json_space(struct json_scan *s);

/* At a string: step over it; *RAW and *N are the bytes between the quotes, not decoded. 0 or -1. */
int json_string(struct json_scan *s, const char **raw, size_t *n);

/* Undo the escapes of a string that json_string() accepted. OUT holds at least N bytes; returns the
 * length written (never more than N). Not NUL-terminated. */
size_t json_unescape(const char *raw, size_t n, char *out);

/* Check that TEXT is exactly one strict JSON value, with only white space around it. 0, or -1 with
 * *ERROR (static text) and *OFFSET (its position). */
int json_check(const char *text, size_t n, const char **error, size_t *offset);

struct json_place {
    unsigned line, column; /* from 1; columns count characters, not bytes */
};

struct json_place json_place(const char *text, size_t n, size_t offset);

/* Where the value that POINTER names (RFC 6901, "" is the whole) begins in a text that json_check()
 * accepted; with OF_NAME, where its member's name does. If missing: its nearest parent. */
struct json_place json_locate(const char *text, size_t n, const char *pointer, int of_name);

/* The same for many pointers of one text: {.text, .n}, and else zero-initialised. What it knows of the
 * last ones makes those that follow in the text's order cheap, however long that is. */
#define JSON_KNOWN 8

struct json_locator {
    const char *text;
    size_t n;
    struct json_step {      /* at each depth, what was found last: */
        const char *within; /* an array or an object */
        const char *at;     /* its element, or its member's name */
        size_t index;
    } last[JSON_DEPTH_MAX];
    struct json_known {
        size_t offset;
        struct json_place place;
    } known[JSON_KNOWN];
    unsigned turn;
};

struct json_place json_locator_find(struct json_locator *l, const char *pointer, int of_name);

struct json_error {
    const char *what; /* static text; NULL: out of memory */
    size_t offset;    /* where in the text */
    enum meter_spent
        spent; /* if the text is valid but too costly: json_pointer_at() names the value */
};

/* Append E->what for TEXT, with the member's name where it is about one, and where that name stands
 * first. */
void json_error_add(const char *text, size_t n, const struct json_error *e, struct str *out);

/* The same for S, which failed in TEXT. */
void json_scan_error_add(const char *text, const struct json_scan *s, struct str *out);

/* Check TEXT and build it, charging M a step and the bytes in json-c for each value. *VALUE is the
 * caller's (json_object_put); NULL is JSON null. 0, or -1 and *E. Integers are int64 or uint64; one
 * beyond 64 bits becomes a double, and so does -0; every double is printed as it was written. */
int json_read(const char *text, size_t n, struct meter *m, struct json_object **value,
              struct json_error *e);

/* The same for a text that json_check() accepted. 0, or -1: M or memory ran out, at *OFFSET. */
int json_build_within(const char *text, size_t n, struct meter *m, struct json_object **value,
                      size_t *offset);

/* The same for a text of runbox's own or the host's, uncharged. NULL with *OK 0: out of memory. */
struct json_object *json_build(const char *text, size_t n, int *ok);

/* Append the pointer to the value at, or around, OFFSET in a text that json_check() accepted. */
void json_pointer_at(const char *text, size_t n, size_t offset, struct str *out);

/* Copy VALUE (NULL is null); each object's table is sized to its members. 0 or -1, as
 * json_build_within(). */
int json_copy(struct json_object *value, struct meter *m, struct json_object **copy);

/* json_object_put() for code that does not include json-c. NULL is fine. */
void json_free(struct json_object *value);

/* Have json-c draw its hash seed now: a process may not be able to later. */
void json_seed(void);

/* json_free() for secrets: overwrite every string first, even if others share it, but not numbers
 * and members' names. */
void json_wipe(struct json_object *value);

#endif
