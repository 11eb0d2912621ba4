/* A report as text. */
#ifndef CALLER_REPORT_H
#define CALLER_REPORT_H

#include <stdbool.h>

#include "runtime/base/str.h"
#include "schemas/fault.h"
#include "schemas/report.h"

/* The most that either writes: 1600 bytes of message, six times as long when escaped, and some 2000 of the rest. */
#define REPORT_JSON_MAX 16384

/* R as one JSON object, without a newline (report.schema.json). */
void report_json(const struct report *r, struct str *out);

/* The exit line's value: "Ok", {"Err":"text"} or {"SetupFailed":"text"}. */
void report_exit_json(const struct report *r, struct str *out);

/* Write R to the file PATH, as replace_write() does. 0, or -1 and *WHY; which report_unwritten() fills, of errno or REFUSED. */
int report_write(const struct report *r, const char *path, int signals, struct fault *why);
int report_unwritten(const char *path, const char *refused, struct fault *why);

/* A report that came from elsewhere can be printed: its texts end, its enums are such. */
bool report_is_sane(const struct report *r);

#endif
