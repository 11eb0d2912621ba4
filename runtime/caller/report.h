/* A report as text. */
#ifndef CALLER_REPORT_H
#define CALLER_REPORT_H

#include <stdbool.h>

#include "runtime/base/str.h"
#include "schemas/fault.h"
#include "schemas/report.h"

/* The most that either writes: a message of 1600 bytes, six times that when escaped, and
 * about 2000 more. */
#define REPORT_JSON_MAX 16384

/* Append R as one JSON object, without a newline (report.schema.json). */
void report_json(const struct report *r, struct str *out);

/* Append the exit line's value: "Ok", {"Err":"text"} or {"SetupFailed":"text"}. */
void report_exit_json(const struct report *r, struct str *out);

/* Write R to the file PATH; see replace_write() for SIGNALS. 0, or -1 and *WHY, set by
 * report_unwritten() from REFUSED, or from errno if that is NULL. */
int report_write(const struct report *r, const char *path, int signals, struct fault *why);
int report_unwritten(const char *path, const char *refused, struct fault *why);

/* Whether a report from another process is safe to print: texts are terminated, enums in range. */
bool report_is_sane(const struct report *r);

/* Set R's status and message to what WHY says. */
void report_fault(struct report *r, const struct fault *why);

#endif
