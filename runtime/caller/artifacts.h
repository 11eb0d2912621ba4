/* Files that a script hands out, written under the directory of --artifacts by the monitor. */
#ifndef CALLER_ARTIFACTS_H
#define CALLER_ARTIFACTS_H

#include "runtime/base/str.h"
#include "runtime/wire/event.h"
#include "schemas/fault.h"

struct artifacts;

/* DIR must exist. 0, or -1 and *WHY. */
int artifacts_open(const char *dir, struct artifacts **a, struct fault *why);
void artifacts_free(struct artifacts *a); /* NULL is fine; an unfinished file is gone */

/* Take one piece: appended to a file without a name, which the last piece gives it (never replacing
 * another; the directory's file system must know O_TMPFILE: ext4, xfs, btrfs, tmpfs, overlay do). Always 1: *REPLY is {"Ok":null} or {"Err":"text"} and '\n'. */
int artifacts_take(struct artifacts *a, const struct event *e, struct str *reply);

#endif
