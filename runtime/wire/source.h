/* Inside wire/: a JSON text of a caller's (start line, job line, keyring file) and the errors about it. */
#ifndef WIRE_SOURCE_H
#define WIRE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/fault.h"

struct json_object;

/* Where a text stands, for its errors: a line is one, a file has many. */
struct source {
    const char *text, *where;
    size_t n;
    bool is_file;
    struct fault *why;
};

/* One strict JSON value, the caller's to put; or NULL with *OK 0 and *WHY. STEPS (or NULL): what it took. */
struct json_object *source_build(const struct source *from, uint64_t *steps, int *ok);

/* The value at POINTER is not what it should be: -1 and *WHY (INVALID). Neither text may show a value: it may
 * be a key. The second ends WHAT with the type that was FOUND. */
int source_wrong(const struct source *from, const char *pointer, const char *what,
                 const char *detail);
int source_wrong_type(const struct source *from, const char *pointer, const char *what,
                      struct json_object *found);

/* NAME, which a caller chose, is no member of the object at POINTER: printed quoted and on one line, before
 * KNOWN, those that are. */
int source_wrong_name(const struct source *from, const char *pointer, const char *name,
                      const char *known);

/* KEYRING, at POINTER, is an array of {namespace, access_key, secret_key}: 0, or -1 and *WHY. */
int source_keyring(const struct source *from, const char *pointer, struct json_object *keyring);

/* A member and what takes its value into TO: 0, or -1 and *WHY. */
struct source_member {
    const char *name;
    int (*take)(const struct source *from, void *to, struct json_object *value);
};

/* OBJECT is one, of these members and no other; each is taken. 0, or -1 and *WHY. */
int source_members(const struct source *from, struct json_object *object,
                   const struct source_member *rows, size_t count, const char *known, void *to);

#endif
