/* The text being written and the current place in the value, shared by tables (json_write.c),
 * scalars (json_scalar.c) and handles (json_handle.c). */
#ifndef SCRIPT_CORE_JSON_WRITER_H
#define SCRIPT_CORE_JSON_WRITER_H

#include <stdbool.h>

#include "runtime/script/core/json.h"

struct step { /* from a table to a value in it */
    const void *table;
    const char *key; /* NULL: use index */
    size_t n;
    lua_Integer index;
};

struct writer {
    lua_State *L;
    const char *what;
    enum json_for use;
    struct json_lend *lend; /* JSON_LEND */
    int slot;               /* stack index of the buffer's userdata */
    char *data;
    size_t used, cap;
    int depth;
    struct step path[JSON_DEPTH];
};

/* Raise "WHAT.place: WHY". */
_Noreturn void writer_fail(struct writer *w, const char *why);

void writer_put(struct writer *w, const char *bytes, size_t n);

/* Write a string, quoted. */
void writer_quote(struct writer *w, const char *s, size_t n);

/* Write the number at INDEX. */
void writer_number(struct writer *w, int index);

/* Write the function or full userdata at INDEX as a handle, if the use allows one; returns whether
 * it did. */
bool writer_handle(struct writer *w, int index);

/* Raise if the table at INDEX, of one member, would read as a handle. */
void writer_no_forgery(struct writer *w, int index);

#endif
