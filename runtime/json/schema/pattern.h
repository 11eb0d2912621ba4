/* Inside schema_pattern.c and schema_match.c: a pattern after compiling. */
#ifndef JSON_SCHEMA_PATTERN_H
#define JSON_SCHEMA_PATTERN_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdbool.h>
#include <stddef.h>

#include "runtime/json/schema/scratch.h"

struct pattern {
    pcre2_code *code;
    pcre2_code *counts; /* the same, that tells of each of its items: while a validation needs it */
    struct pattern *next; /* of the scratch's list of those that have one */
    const char *text;
    size_t reach;  /* bytes that one item may look at without moving on; SIZE_MAX: all */
    bool anchored; /* matches at the subject's beginning or nowhere */
};

/* TEXT compiled with these OPTIONS beside the usual ones. NULL and *ERROR (PCRE2's) *OFFSET. */
pcre2_code *pattern_code(struct scratch *s, const char *text, uint32_t options, int *error,
                         size_t *offset);

#endif
