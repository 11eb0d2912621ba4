/* Finds where groups for boxes may be made, controller by controller: memory may be on v1 while
 * another is on v2 (a hybrid host). Groups are made below the caller's own group, so that its
 * limits also apply to its boxes.
 * Source: cgroups(7), the kernel's admin-guide/cgroup-v1 and cgroup-v2. */
#ifndef CGROUPS_CGROUPS_H
#define CGROUPS_CGROUPS_H

#include <stdbool.h>
#include <stdint.h>

#include "schemas/controller.h"
#include "schemas/fault.h"
#include "schemas/limits.h"

#define CGROUP_PATH_MAX 1024

struct cgroups {
    enum hierarchy version[CONTROLLER__COUNT];
    char dir[CONTROLLER__COUNT]
            [CGROUP_PATH_MAX];         /* the directory that groups are made in, absolute */
    bool unmounted[CONTROLLER__COUNT]; /* in no hierarchy that is mounted */
    bool unfound[CONTROLLER__COUNT];   /* mounted, but this process's group is not found there */
    char why[CONTROLLER__COUNT][320];  /* where HIERARCHY_NONE: the reason: its cure; else "" */
    bool lacks[LIMIT__COUNT]; /* the controller is there, but not the limit's file (limit_file) */
};

/* Fill *C. PARENT (NULL: this process's own group) is a group's path as in /proc/self/cgroup,
 * looked up in every hierarchy. A controller that is not mounted, or below which this process may
 * not make a group, is HIERARCHY_NONE; that is no error. 0, or -1 and *WHY if /proc/self/cgroup is
 * unreadable, or if PARENT is in no hierarchy, or cannot have child groups in one that it is in. */
int cgroups_probe(struct cgroups *c, const char *parent, struct fault *why);

/* Call one of these before that, and before this process has forked. PARENT: as there, of the groups to come.
 * For whoever runs something in groups: makes room for them (leaf.h), and lets cgroups_probe() make one to
 * look at (lacks.h). */
void cgroups_prepare(const char *parent);

/* For whoever says what a run would do: cgroups_probe() takes that room for made, and makes one to look at
 * if nothing has to be changed for that. Without either, it looks at what there is. */
void cgroups_foresee(const char *parent);

/* Whether /sys/fs/cgroup is v2 only: one statfs(2), no parsing. */
bool cgroups_unified(void);

#endif
