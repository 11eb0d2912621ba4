/* A container's root group, which has processes, makes room for groups with limits. */
#ifndef CGROUPS_LEAF_H
#define CGROUPS_LEAF_H

#include <stdbool.h>

/* Where runbox is in the root group of its cgroup namespace (v2 alone), and nothing there is another's:
 * move all processes of that group to a new one below it, as cgroups/systemd/leaf.sh does with one. For
 * all else nothing is done. Call it before this process has forked. PARENT: the parent of its
 * groups, if one was named: other than "/", this helps none. */
void leaf_make(const char *parent);

/* For whoever only says what a run would do: find out whether leaf_make() would move them. Moves none. */
void leaf_foresee(const char *parent);

/* Whether it would, out of the group DIR; -1: any. */
bool leaf_is_foreseen(int dir);

/* Why processes are left where they are, for people; "": there was no reason to move any. */
const char *leaf_refusal(void);

/* What to do about that. */
const char *leaf_cure(void);

#endif
