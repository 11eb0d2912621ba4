/* Internal to pattern.c: translates a regular expression of ECMA-262 (its "u" mode) for PCRE2. */
#ifndef JSON_SCHEMA_REGEX_H
#define JSON_SCHEMA_REGEX_H

#include "runtime/base/str.h"

/* Append TEXT, converted. Returns '\0', or the letter of an escape that ECMA-262 does not have. */
char regex_convert(const char *text, struct str *out);

#endif
