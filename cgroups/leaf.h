/* A container's root group, which has processes, makes room for groups with limits. */
#ifndef CGROUPS_LEAF_H
#define CGROUPS_LEAF_H

/* Where runbox is in the root group of its cgroup namespace (v2 alone), and nothing there is another's:
 * move all processes of that group to a new one below it, as cgroups/systemd/leaf.sh does with one. For
 * all else nothing is done. Call it before this process has forked. PARENT: the parent of its
 * groups, if one was named: other than "/", this helps none. */
void leaf_make(const char *parent);

/* Why leaf_make() has left processes where they are, for people; "": it had no reason to. */
const char *leaf_refusal(void);

#endif
