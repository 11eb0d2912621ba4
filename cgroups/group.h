/* One box's group below each controller that its plan needs: made, limited, joined, read, removed.
 * Never touches a group whose name it did not make, and never moves a process out of a group. */
#ifndef CGROUPS_GROUP_H
#define CGROUPS_GROUP_H

#include "cgroups/cgroups.h"

#define GROUP_UNLIMITED UINT64_MAX

struct group_limits {
    bool use[CGROUP__COUNT]; /* make a group below this controller */
    uint64_t memory;         /* bytes */
    uint64_t swap;           /* bytes beyond memory; GROUP_UNLIMITED: leave as the host has it */
    uint64_t pids;           /* processes and threads */
    uint64_t cpu_milli;      /* thousandths of a CPU; GROUP_UNLIMITED: no quota */
};

struct group {
    char name[48];             /* "runbox.PID.N", the same below every controller */
    int parent[CGROUP__COUNT]; /* directory the group stands in; -1 where unused */
    int dir[CGROUP__COUNT];    /* the group; holds the owner's lock */
    int join[CGROUP__COUNT];   /* v1 "tasks" or v2 "cgroup.procs", open for writing; -1 */
    enum cgroup_version version[CGROUP__COUNT];
};

struct group_usage {
    uint64_t memory_peak;  /* bytes; 0 where no memory controller */
    uint64_t oom_kills;    /* processes that the kernel killed for this group's memory limit */
    uint64_t pids_refused; /* forks refused for its pids limit */
};

#define GROUP_INIT                                                                      \
    (struct group)                                                                      \
    {                                                                                   \
        .parent = {-1, -1, -1, -1}, .dir = {-1, -1, -1, -1}, .join = { -1, -1, -1, -1 } \
    }

/* Make the groups and write the limits. 0, or -1 and *WHY with nothing left behind. */
int group_create(struct group *g, const struct cgroups *c, const struct group_limits *l,
                 struct fault *why);

/* Read the limits back from the kernel: 0 where each is what was asked (rounded down to a page at
 * most), else -1 and *WHY naming the file, what was asked and what it holds. */
int group_verify(const struct group *g, const struct group_limits *l, struct fault *why);

/* PROCESS (a pid) is in the groups: /proc/PID/cgroup says so. 0, or -1 and *WHY. */
int group_holds(const struct group *g, const struct cgroups *c, int pid, struct fault *why);

/* What the group used so far. Files that a kernel does not have leave their member 0. */
void group_usage(const struct group *g, struct group_usage *u);

/* Remove the groups, waiting up to a second while the kernel says busy; processes still inside are
 * killed first. 0, or -1 and *WHY naming what stays. G is GROUP_INIT after. */
int group_remove(struct group *g, struct fault *why);

/* Remove the groups below *C whose owner is gone (their lock is free), killing what is in them. */
void group_sweep(const struct cgroups *c);

#endif
