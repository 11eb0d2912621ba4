/* Files that a script hands out, written under the directory of --artifacts by the monitor. */
#ifndef CALLER_ARTIFACTS_H
#define CALLER_ARTIFACTS_H

#include <stdbool.h>

#include "runtime/base/str.h"
#include "runtime/wire/event.h"
#include "schemas/fault.h"

struct artifacts;

/* DIR must exist. 0, or -1 and *WHY. */
int artifacts_open(const char *dir, struct artifacts **a, struct fault *why);

/* Files that another process makes: BEGIN gives a descriptor, FINISH a name to the last of them; each -1 and errno. OWNER is
 * theirs. */
struct artifact_files {
    int (*begin)(void *owner, const char *name);
    int (*finish)(void *owner);
};
int artifacts_by(const struct artifact_files *files, void *owner, struct artifacts **a,
                 struct fault *why);
void artifacts_free(struct artifacts *a); /* NULL is fine; an unfinished file is gone */

/* Take one piece: appended to a file without a name, which the last piece gives it (never replacing
 * another; the directory's file system must know O_TMPFILE: ext4, xfs, btrfs, tmpfs, overlay do). Always 1: *REPLY is {"Ok":null} or {"Err":"text"} and '\n'. */
int artifacts_take(struct artifacts *a, const struct event *e, struct str *reply);

/* A name that an artifact may have (runtime/wire/event.h): it stays in its directory. */
bool artifacts_may_name(const char *name);

/* For those files: a new one, which is A's, and its name once it is whole. The descriptor or 0; -1 and errno. */
int artifacts_begin(struct artifacts *a, const char *name);
int artifacts_finish(struct artifacts *a);

#endif
