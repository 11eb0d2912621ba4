/* Inside wire/: the events that ask the host for what a box has not: time, and sn0int's database. */
#ifndef WIRE_EVENT_HOST_H
#define WIRE_EVENT_HOST_H

#include "runtime/wire/scan.h"

/* Each steps over the value of its event's member. 0, or -1 with .error set. */
int event_ratelimit(struct json_scan *s, struct event *e);
int event_sleep(struct json_scan *s, struct event *e);
int event_blob(struct json_scan *s, struct event *e);
int event_database(struct json_scan *s, struct event *e);

/* Step over an integer of MIN to MAX, written without fraction and exponent. */
int event_integer(struct json_scan *s, int64_t min, int64_t max, int64_t *value);

#endif
