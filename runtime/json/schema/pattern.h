/* Internal to pattern.c and match.c: a compiled pattern. */
#ifndef JSON_SCHEMA_PATTERN_H
#define JSON_SCHEMA_PATTERN_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdbool.h>
#include <stddef.h>

#include "runtime/json/schema/scratch.h"

struct pattern {
    pcre2_code *code;
    pcre2_code *counts;   /* the same with a callout at each item, if a validation needs it */
    struct pattern *next; /* in the scratch's list of those with .counts */
    const char *text;
    size_t reach;  /* bytes that one item may look at without advancing; SIZE_MAX: all */
    bool anchored; /* matches only at the beginning of the subject */
};

/* Compile TEXT with these OPTIONS in addition to the usual ones. NULL, and PCRE2's *ERROR and
 * *OFFSET, on error. */
pcre2_code *pattern_code(struct scratch *s, const char *text, uint32_t options, int *error,
                         size_t *offset);

#endif
