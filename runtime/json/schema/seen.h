/* Internal to schema/: what subschemas evaluated in a value, for unevaluatedItems, -Properties. */
#ifndef JSON_SCHEMA_SEEN_H
#define JSON_SCHEMA_SEEN_H

#include "runtime/json/schema/run.h"

/* Evaluated members (by the address of their name) or elements (by index): from <= x < to. */
struct seen {
    size_t from, to;
};

/* Mark as evaluated, if the schema tracks that: all, one element, one member (by its name's own
 * address). False if the run is given up. */
bool seen_all(struct run *run);
bool seen_index(struct run *run, size_t index);
bool seen_name(struct run *run, const char *name);

/* Sort what the current subschema and those in it evaluated: a part of the stack, which may move.
 * Then test whether it contains X. */
struct seen_range {
    size_t from, to;
};
struct seen_range seen_sort(struct run *run);
bool seen_has(const struct run *run, struct seen_range in, size_t x);

#endif
