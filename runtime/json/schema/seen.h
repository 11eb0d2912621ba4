/* Inside schema*.c: what of a value its subschemas evaluated, for unevaluatedItems and -Properties. */
#ifndef JSON_SCHEMA_SEEN_H
#define JSON_SCHEMA_SEEN_H

#include "runtime/json/schema/run.h"

/* Members (by the address of their name) or elements (by index) that were evaluated: from <= x < to.
 */
struct seen {
    size_t from, to;
};

/* Evaluated, where anybody wants to know: all, one element, one member (its name's own address). False
 * where the run is given up. */
bool seen_all(struct run *run);
bool seen_index(struct run *run, size_t index);
bool seen_name(struct run *run, const char *name);

/* What the present subschema and those in it evaluated, put in order: a part of the stack, which may
 * move. Then whether X is in it. */
struct seen_range {
    size_t from, to;
};
struct seen_range seen_sort(struct run *run);
bool seen_has(const struct run *run, struct seen_range in, size_t x);

#endif
