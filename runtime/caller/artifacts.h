/* Files that a script hands out, written by the monitor into the --artifacts directory. */
#ifndef CALLER_ARTIFACTS_H
#define CALLER_ARTIFACTS_H

#include <stdbool.h>

#include "runtime/base/str.h"
#include "runtime/wire/event.h"
#include "schemas/fault.h"

struct artifacts;

/* DIR must exist. 0, or -1 and *WHY. */
int artifacts_open(const char *dir, struct artifacts **a, struct fault *why);

/* Files that another process creates: BEGIN returns a descriptor, FINISH names the last file;
 * either -1 and errno. OWNER is their argument. */
struct artifact_files {
    int (*begin)(void *owner, const char *name);
    int (*finish)(void *owner);
};
int artifacts_by(const struct artifact_files *files, void *owner, struct artifacts **a,
                 struct fault *why);
void artifacts_free(struct artifacts *a); /* NULL is fine; discards an unfinished file */

/* Take one piece: append it to an unnamed file, which the last piece names (never replacing a file;
 * the file system must support O_TMPFILE: ext4, xfs, btrfs, tmpfs, overlay do). Always 1: *REPLY is
 * {"Ok":null} or {"Err":"text"}, and '\n'. */
int artifacts_take(struct artifacts *a, const struct event *e, struct str *reply);

/* Whether NAME is valid for an artifact (runtime/wire/event.h): it stays in its directory. */
bool artifacts_may_name(const char *name);

/* For the process that creates the files: begin one, which A owns; name it once complete. The
 * descriptor or 0; -1 and errno. */
int artifacts_begin(struct artifacts *a, const char *name);
int artifacts_finish(struct artifacts *a);

#endif
