/* Taking groups away: one's own, and those whose owner is gone. */
#ifndef CGROUPS_REMOVE_H
#define CGROUPS_REMOVE_H

#define GROUP_PREFIX "runbox." /* of every group that runbox makes; no other is ever touched */

/* Remove NAME below PARENT, DIR being it: whatever is inside is killed first, and the kernel is asked
 * again for up to a second while it says busy. 0, or -1 with errno. */
int remove_one(int parent, const char *name, int dir);

#endif
