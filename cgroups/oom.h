/* Finds whose memory limit made the kernel kill in a group. */
#ifndef CGROUPS_OOM_H
#define CGROUPS_OOM_H

#include "cgroups/group.h"

enum oom_whose { OOM_NONE, OOM_OWN, OOM_OUTER };

struct oom {
    uint64_t kills; /* in the group */
    char path
        [CGROUP_PATH_MAX]; /* OOM_OUTER: the directory of the group that ran out; "" if unknown */
    uint64_t limit;        /* its limit, bytes */
};

/* OOM_OUTER: an ancestor of G, or the host, ran out of memory, and a process of G was chosen. */
enum oom_whose group_oom(const struct group *g, const struct cgroups *c, struct oom *o);

#define OOM_PLACE 600

/* Name what ran out of memory, for people: "/sys/fs/cgroup/..., which is limited to 24M,". */
void oom_place(const struct oom *o, char out[OOM_PLACE]);

#endif
