/* Removes groups: the caller's own, and those whose owner is gone. */
#ifndef CGROUPS_REMOVE_H
#define CGROUPS_REMOVE_H

#define GROUP_PREFIX "runbox." /* of every group that runbox makes; no other is touched */

/* Lock DIR, opened as NAME below PARENT, and check that NAME still refers to it: a sweeper may have
 * removed it between open and lock, and a lock on a nameless directory excludes no one. 1: locked;
 * 0: another process holds it, or NAME is no longer DIR; -1 with errno. */
int lock_one(int parent, const char *name, int dir);

/* Remove NAME below PARENT, which is open as DIR, killing processes still inside and retrying for
 * up to a second while the kernel says EBUSY. 0, or -1 with errno. */
int remove_one(int parent, const char *name, int dir);

#endif
