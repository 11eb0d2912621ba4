/* Internal to wire/: JSON text of a caller (start line, job line, keyring file) and its errors. */
#ifndef WIRE_SOURCE_H
#define WIRE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/fault.h"

struct json_object;

/* Where a text comes from, for error messages: a single line, or a file of many. */
struct source {
    const char *text, *where;
    size_t n;
    bool is_file;
    struct fault *why;
};

/* Build one strict JSON value, which the caller must json_object_put(); or NULL with *OK 0 and
 * *WHY. STEPS (or NULL): the cost. */
struct json_object *source_build(const struct source *from, uint64_t *steps, int *ok);

/* Report that the value at POINTER is wrong: -1 and *WHY (INVALID). WHAT and DETAIL must not show a
 * value: it may be a key. The second ends WHAT with the type of FOUND. */
int source_wrong(const struct source *from, const char *pointer, const char *what,
                 const char *detail);
int source_wrong_type(const struct source *from, const char *pointer, const char *what,
                      struct json_object *found);

/* Report that NAME, which a caller chose, is not a member of the object at POINTER. NAME is quoted,
 * on one line, before KNOWN, the valid names. */
int source_wrong_name(const struct source *from, const char *pointer, const char *name,
                      const char *known);

/* Check that KEYRING, at POINTER, is an array of {namespace, access_key, secret_key}. 0,
 * or -1 and *WHY. */
int source_keyring(const struct source *from, const char *pointer, struct json_object *keyring);

/* A member and the function that stores its value in TO: 0, or -1 and *WHY. */
struct source_member {
    const char *name;
    int (*take)(const struct source *from, void *to, struct json_object *value);
};

/* Check that OBJECT is an object with these members only, and take each. 0, or -1 and *WHY. */
int source_members(const struct source *from, struct json_object *object,
                   const struct source_member *rows, size_t count, const char *known, void *to);

#endif
