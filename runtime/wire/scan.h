/* Internal to wire/: stepping over the fixed parts of a message. Each: 0, or -1 with .error set. */
#ifndef WIRE_SCAN_H
#define WIRE_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/json/json.h"
#include "runtime/wire/event.h"
#include "schemas/fault.h"

/* Set the error unless one is set; returns -1. */
int scan_refuse(struct json_scan *s, const char *error);

/* Step over white space, then C. */
int scan_take(struct json_scan *s, char c);

/* Step over white space; whether C follows (it is not consumed). */
bool scan_at(struct json_scan *s, char c);

/* Step over white space, then a string: *TEXT is what is between its quotes, still escaped. */
int scan_text(struct json_scan *s, struct span *text);

/* Step over a member's name and its ':'. */
int scan_name(struct json_scan *s, struct span *name);

/* Step over any value: *VALUE is its text, without surrounding white space. */
int scan_value(struct json_scan *s, struct span *value);

/* Step over null. */
int scan_null(struct json_scan *s);

/* Check that only white space follows. */
int scan_end(struct json_scan *s);

/* An integer has more than 64 bits, and no double equals it. */
#define SCAN_ROUNDED \
    "an integer that a script cannot hold: more than 64 bits, and no float equals it"

/* Check that no integer stood there that a script could not hold as it is. */
int scan_exact(struct json_scan *s);

/* Set *WHY for S, which failed in LINE: "WHERE: byte N: error; expected RIGHT". Returns -1. */
int scan_fault(const struct json_scan *s, const char *line, const char *where, const char *right,
               struct fault *why);

/* Whether SPAN is TEXT, byte for byte. An escaped spelling does not match: names need none. */
bool span_is(struct span span, const char *text);

#endif
