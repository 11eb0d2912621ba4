/* Where boxes' groups may be made, controller by controller: memory may be on v1 while another is on v2
 * (a hybrid host). Groups are made below the caller's own group, so that its limits hold for its boxes.
 * Source: cgroups(7), the kernel's admin-guide/cgroup-v1 and cgroup-v2. */
#ifndef CGROUPS_CGROUPS_H
#define CGROUPS_CGROUPS_H

#include <stdbool.h>
#include <stdint.h>

#include "schemas/fault.h"

enum cgroup_controller { CGROUP_MEMORY, CGROUP_PIDS, CGROUP_CPU, CGROUP_IO, CGROUP__COUNT };
enum cgroup_version { CGROUP_ABSENT, CGROUP_V1, CGROUP_V2 };

#define CGROUP_PATH_MAX 1024

struct cgroups {
    enum cgroup_version version[CGROUP__COUNT];
    char dir[CGROUP__COUNT][CGROUP_PATH_MAX]; /* the directory that groups are made in, absolute */
    char why[CGROUP__COUNT][320];             /* where ABSENT: the reason, for people; else "" */
};

/* Find them. PARENT (NULL: this process's own group) is a group's path as /proc/self/cgroup writes it,
 * looked for in every hierarchy. A controller that is not mounted, or below which this process may not
 * make a group, is CGROUP_ABSENT; that is no error. 0, or -1 and *WHY where /proc/self/cgroup cannot be
 * read; of a PARENT also where it is in no hierarchy, or cannot have groups in one that it is in. */
int cgroups_probe(struct cgroups *c, const char *parent, struct fault *why);

/* "memory", "pids", "cpu", "io"; v1 calls the last one "blkio". */
const char *cgroup_controller_text(enum cgroup_controller c, enum cgroup_version v);

/* /sys/fs/cgroup is v2 and nothing else: one statfs(2), no parsing. */
bool cgroups_unified(void);

#endif
