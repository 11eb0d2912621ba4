/* One box's group below each controller that its plan needs: made, limited, joined, read, removed.
 * Never touches a group whose name it did not make, and never moves a process out of a group. */
#ifndef CGROUPS_GROUP_H
#define CGROUPS_GROUP_H

#include <sys/types.h>

#include "cgroups/cgroups.h"

#define GROUP_UNLIMITED   UINT64_MAX
#define GROUP_DEVICES_MAX 8

struct group_limits {
    bool use[CONTROLLER__COUNT]; /* make a group below this controller */
    uint64_t memory;             /* bytes */
    uint64_t swap;      /* bytes beyond memory; GROUP_UNLIMITED: leave as the host has it */
    uint64_t pids;      /* processes and threads */
    uint64_t cpu_milli; /* thousandths of a CPU; GROUP_UNLIMITED: no quota */
    uint64_t io_read;   /* bytes a second, of each device below; GROUP_UNLIMITED: no limit */
    uint64_t io_write;
    dev_t device[GROUP_DEVICES_MAX];
    unsigned devices;
};

/* A directory: one for each v1 controller in use, one for all of v2's together. */
struct group_place {
    enum hierarchy version;
    int parent; /* the directory it stands in (O_PATH) */
    int dir;    /* the group; holds the owner's lock */
    int join;   /* v1: "tasks", open for writing; v2: -1, a box is born in it */
};

struct group {
    char name[48]; /* "runbox.PID.N", the same in every place */
    struct group_place place[CONTROLLER__COUNT];
    unsigned places;
    int dir[CONTROLLER__COUNT]; /* of the place that has the controller; -1: not in use */
    int peak, usage,
        kills; /* v1: its memory's files, where group_ready() has opened them; else -1 */
};

struct group_usage {
    uint64_t memory_peak; /* bytes; 0 where no memory controller */
    /* v2 with PSI (the kernel's accounting/psi): microseconds in which some task of the
     * group waited for CPU, memory, io; GROUP_UNLIMITED where the kernel does not count. */
    uint64_t waited_cpu, waited_memory, waited_io;
};

#define GROUP_INIT ((struct group){.dir = {-1, -1, -1, -1}, .peak = -1, .usage = -1, .kills = -1})

/* Make the groups and write the limits. 0, or -1 and *WHY with nothing left behind. */
int group_create(struct group *g, const struct cgroups *c, const struct group_limits *l,
                 struct fault *why);

/* Give *G other limits, for a process that is in it. 0, or -1 and *WHY. */
int group_change(struct group *g, const struct group_limits *l, struct fault *why);

/* Open what a group of many boxes, one after the other, is used with: each place's .join where it is not (v2), for a
 * process that was not born in the group, and its memory's files. 0, or -1 and *WHY. */
int group_ready(struct group *g, struct fault *why);

/* The group is empty again and will hold another box: its peak begins anew. 0; -1 where it must not be used again (what
 * was in it left too much memory charged to it, was killed for too much, or this kernel cannot reset its peak). */
int group_recycle(struct group *g);

/* The v2 directory for a child to be born in (clone3(2), CLONE_INTO_CGROUP), or -1. */
int group_birthplace(const struct group *g);

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
