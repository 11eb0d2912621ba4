/* Inside wire/: stepping over the fixed parts of a message. Each returns 0, or -1 with .error set.
 */
#ifndef WIRE_SCAN_H
#define WIRE_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/json/json.h"
#include "runtime/wire/event.h"

/* Set the error unless one is set; always -1. */
int scan_refuse(struct json_scan *s, const char *error);

/* Step over white space, then C. */
int scan_take(struct json_scan *s, char c);

/* Step over white space; C stands there (it is not stepped over). */
bool scan_at(struct json_scan *s, char c);

/* Step over white space, then a string: *TEXT is what stands between its quotes, still escaped. */
int scan_text(struct json_scan *s, struct span *text);

/* Step over a member's name and its ':'. */
int scan_name(struct json_scan *s, struct span *name);

/* Step over any value: *VALUE is its text, without the white space around it. */
int scan_value(struct json_scan *s, struct span *value);

/* Step over null. */
int scan_null(struct json_scan *s);

/* Nothing but white space follows. */
int scan_end(struct json_scan *s);

/* SPAN is TEXT, byte for byte. An escaped spelling of it is not: who means a name can spell it. */
bool span_is(struct span span, const char *text);

#endif
