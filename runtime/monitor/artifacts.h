/* Files that a script hands out, written under the directory of --artifacts by the monitor. */
#ifndef MONITOR_ARTIFACTS_H
#define MONITOR_ARTIFACTS_H

#include "runtime/base/str.h"
#include "runtime/wire/event.h"
#include "schemas/fault.h"

struct artifacts;

/* DIR must exist. 0, or -1 and *WHY. */
int artifacts_open(const char *dir, struct artifacts **a, struct fault *why);
void artifacts_free(struct artifacts *a); /* NULL is fine; an unfinished file is removed */

/* Take one piece: appended to a temporary file, which the last piece moves to its name at once
 * (rename without replacing). Always 1: *REPLY is {"Ok":null} or {"Err":"text"} and '\n'. */
int artifacts_take(struct artifacts *a, const struct event *e, struct str *reply);

#endif
