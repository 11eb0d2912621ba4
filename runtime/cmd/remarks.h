/* What `runbox check` reports about one bundle: errors and warnings, with file and place. */
#ifndef CMD_REMARKS_H
#define CMD_REMARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/str.h"
#include "runtime/json/finding.h"

struct remark {
    bool error; /* else a warning */
    struct json_place place;
    char *file; /* as it can be opened from here */
    char *pointer, *message;
};

struct remarks { /* zero-initialised is empty */
    struct remark *item;
    size_t count, errors;
    size_t more;        /* findings not listed, which may be errors */
    uint64_t suggested; /* steps that the search for similar names took */
    bool no_memory;
};

void remarks_free(struct remarks *r); /* and zeroes *R */

/* Add one: on FILE in directory DIR, or on DIR itself where FILE is NULL. POINTER may be "". */
void remarks_add(struct remarks *r, bool error, const char *dir, const char *file,
                 struct json_place place, const char *pointer, const char *fmt, ...)
    __attribute__((format(printf, 7, 8)));

/* Add every finding about the manifest FILE in DIR. */
void remarks_findings(struct remarks *r, bool error, const char *dir, const char *file,
                      const struct findings *f);

/* By file, then by place. */
void remarks_sort(struct remarks *r);

/* One line each, "FILE:LINE:COLUMN: error: POINTER: MESSAGE", control characters spelt out. */
void remarks_text(const struct remarks *r, struct str *out);

/* One line: {"bundle","valid","errors","warnings","more"}. */
void remarks_json(const struct remarks *r, const char *bundle, struct str *out);

#endif
