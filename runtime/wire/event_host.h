/* Internal to wire/: calls, and events that ask for what a box lacks (time, sn0int's database). */
#ifndef WIRE_EVENT_HOST_H
#define WIRE_EVENT_HOST_H

#include "runtime/wire/scan.h"

/* Each steps over the value of its event's member. 0, or -1 with .error set. */
int event_ratelimit(struct json_scan *s, struct event *e);
int event_sleep(struct json_scan *s, struct event *e);
int event_blob(struct json_scan *s, struct event *e);
int event_database(struct json_scan *s, struct event *e);

int event_call(struct json_scan *s, struct event *e);
int event_return(struct json_scan *s, struct event *e);

/* Whether NAME is 1 to 128 bytes of [A-Za-z0-9._-] and EXTRA. Escapes are refused, so names
 * compare as bytes. */
bool event_name_is_plain(struct span name, const char *extra);

/* Step over an integer from MIN to MAX, written without fraction or exponent. */
int event_integer(struct json_scan *s, int64_t min, int64_t max, int64_t *value);

#endif
