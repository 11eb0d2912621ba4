/* One box's group below each controller that its plan needs: create, limit, join, read, remove.
 * Never touches a group that runbox did not name, and never moves a process out of a group. */
#ifndef CGROUPS_GROUP_H
#define CGROUPS_GROUP_H

#include <sys/types.h>

#include "cgroups/cgroups.h"

#define GROUP_UNLIMITED   UINT64_MAX
#define GROUP_DEVICES_MAX 8

struct group_limits {
    bool use[CONTROLLER__COUNT]; /* make a group below this controller */
    uint64_t memory;             /* bytes */
    uint64_t swap;      /* bytes on top of memory; GROUP_UNLIMITED: keep the host's setting */
    uint64_t pids;      /* processes and threads */
    uint64_t cpu_milli; /* thousandths of a CPU; GROUP_UNLIMITED: no quota */
    uint64_t io_read;   /* bytes per second, for each device below; GROUP_UNLIMITED: no limit */
    uint64_t io_write;
    dev_t device[GROUP_DEVICES_MAX];
    unsigned devices;
};

/* A directory: one for each v1 controller in use, one for all v2 controllers together. */
struct group_place {
    enum hierarchy version;
    int parent; /* its parent directory (O_PATH) */
    int dir;    /* the group; holds the owner's lock */
    int join;   /* for writing. v1: "tasks"; v2: -1 (a box is born in it) until group_ready() */
};

struct group {
    char name[48]; /* "runbox.PID.N", or "runbox.PID.PID.N"; the same in every place */
    struct group_place place[CONTROLLER__COUNT];
    unsigned places;
    int dir[CONTROLLER__COUNT]; /* of the place that has the controller; -1: not in use */
    int peak, usage, kills;     /* v1 memory files, once group_ready() has opened them; else -1 */
};

struct group_usage {
    uint64_t memory_peak; /* bytes; 0 where no group counts it */
    /* v2 with PSI (the kernel's accounting/psi): microseconds in which some task of the group
     * waited for CPU, memory, io; GROUP_UNLIMITED where the kernel does not count them. */
    uint64_t waited_cpu, waited_memory, waited_io;
};

#define GROUP_INIT ((struct group){.dir = {-1, -1, -1, -1}, .peak = -1, .usage = -1, .kills = -1})

/* Let the names of this process's groups begin with PID's, of the command that it works for. */
void group_name_after(int pid);

/* Create the groups and write their limits. 0, or -1 and *WHY with nothing left behind. */
int group_create(struct group *g, const struct cgroups *c, const struct group_limits *l,
                 struct fault *why);

/* The two in turn, where it is not known yet what is wanted: make groups below the controllers that
 * USE guesses, without limits; then give them those of L. 0, or -1 and *WHY, for group_begin() with
 * nothing left behind; 1: L wants groups other than these (never where all controllers are v2's). */
int group_begin(struct group *g, const struct cgroups *c, const bool use[CONTROLLER__COUNT],
                struct fault *why);
int group_limit(struct group *g, const struct group_limits *l, struct fault *why);

/* Change the limits of *G while processes are in it. 0, or -1 and *WHY. */
int group_change(struct group *g, const struct group_limits *l, struct fault *why);

/* Open what a group that serves one box after another needs: each place's .join if not yet open
 * (v2), for processes not born in the group, and the memory files. 0, or -1 and *WHY. */
int group_ready(struct group *g, struct fault *why);

/* Prepare the group, empty again, for another box: reset its peak. 0; -1 if it must not be reused
 * (too much memory is still charged, a process was OOM-killed, or the peak cannot be reset). */
int group_recycle(struct group *g);

/* The v2 directory for a child to be created in (clone3(2), CLONE_INTO_CGROUP), or -1. */
int group_birthplace(const struct group *g);

/* Read the limits back from the kernel: 0 if each is as requested (at most rounded down to a page),
 * else -1 and *WHY naming the file, the value requested and the value found. */
int group_verify(const struct group *g, const struct group_limits *l, struct fault *why);

/* Check in /proc/PID/cgroup that process PID is in the groups. 0, or -1 and *WHY. */
int group_holds(const struct group *g, const struct cgroups *c, int pid, struct fault *why);

/* What the group has used so far. If the kernel lacks a file: peak 0, times GROUP_UNLIMITED. */
void group_usage(const struct group *g, struct group_usage *u);

/* Whether group_usage() will know the peak: not without a memory controller, nor on v2 before Linux 5.19. */
bool group_counts_peak(const struct group *g);

/* Remove the groups, killing processes still inside and retrying for up to a second while the
 * kernel says EBUSY. 0, or -1 and *WHY naming the group that remains. Leaves *G as GROUP_INIT. */
int group_remove(struct group *g, struct fault *why);

/* Remove the groups below *C whose owner is gone (their lock is free), killing their processes.
 * OWN: this process's group, of which there may be nothing to sweep beside. */
void group_sweep(const struct cgroups *c, const struct group *own);

#endif
