/* The limits of a run as data: requested by a manifest, applied by a plan. */
#ifndef SCHEMAS_LIMITS_H
#define SCHEMAS_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/controller.h"
#include "schemas/fault.h"

#define LIMIT_NONE UINT64_MAX       /* not set, or unlimited */
#define LIMIT_HOST (UINT64_MAX - 1) /* ceiling: what the host has (cpus) */

enum limit {
#define LIMIT(id, text, unit, dflt, ceiling) LIMIT_##id,
#include "schemas/limits.def"
#undef LIMIT
    LIMIT__COUNT
};

enum limit_unit { LIMIT_BYTES, LIMIT_NS, LIMIT_MILLI, LIMIT_COUNT, LIMIT_RATE };

struct limits {
    uint64_t value[LIMIT__COUNT]; /* in the limit's unit; LIMIT_NONE if not set */
};

struct limit_info {
    const char *text;
    enum limit_unit unit;
    uint64_t dflt, ceiling;
};

extern const struct limit_info limit_info[LIMIT__COUNT];

/* The control file of a group by which a kernel with its controller need not be able to hold a limit. */
struct limit_file {
    enum controller controller;
    const char *name[HIERARCHY_V2 + 1]; /* in a group of v1, of v2; NULL: no such limit */
    const char *cure;                   /* what brings it */
};

extern const struct limit_file limit_file[LIMIT__COUNT];

/* Set every value to LIMIT_NONE. */
void limits_clear(struct limits *l);

/* The limit called NAME (length N), or -1. */
int limit_find(const char *name, size_t n);

/* Parse TEXT as a value of limit L: a size ("64M", "1048576"), a duration ("250ms", "2", "1.5",
 * "1h"), cpus ("0.25") or a count. 0, or -1 with *WHY saying what would be right (.where is "").
 * For -l NAME=VALUE and JSON strings; JSON numbers are printed to text first. */
int limit_parse(enum limit l, const char *text, uint64_t *value, struct fault *why);

/* Whether limit_parse() could give VALUE. */
bool limit_valid(enum limit l, uint64_t value);

/* Print VALUE of limit L for people: "64M", "10s", "250ms", "0.25", "none". OUT >= 32 bytes. */
void limit_print(enum limit l, uint64_t value, char *out, size_t size);

/* Parse a size in bytes: digits, then K, M, G or T (powers of 1024) or nothing. 0 or -1. */
int size_parse(const char *text, uint64_t *bytes);

#endif
