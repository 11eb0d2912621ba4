/* Taking groups away: one's own, and those whose owner is gone. */
#ifndef CGROUPS_REMOVE_H
#define CGROUPS_REMOVE_H

#define GROUP_PREFIX "runbox." /* of every group that runbox makes; no other is ever touched */

/* Lock DIR, which was opened as NAME below PARENT, and look whether it still is: between the opening and the
 * lock a sweeper may have removed it, and a lock on what has no name keeps nobody out. 1: locked; 0: it is
 * somebody else's; -1 with errno. */
int lock_one(int parent, const char *name, int dir);

/* Remove NAME below PARENT, DIR being it: whatever is inside is killed first, and the kernel is asked
 * again for up to a second while it says busy. 0, or -1 with errno. */
int remove_one(int parent, const char *name, int dir);

#endif
