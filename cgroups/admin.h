/* What libcgroup knows of this host, asked of the program runbox-cgroups: doctor's second opinion and
 * set-up's first. Off the path of a run. */
#ifndef CGROUPS_ADMIN_H
#define CGROUPS_ADMIN_H

#include <stddef.h>

#include "cgroups/cgroups.h"

#define ADMIN_TEXT_MAX 512

struct admin_controller {
    enum hierarchy version;     /* HIERARCHY_NONE: not in any mounted hierarchy */
    bool made;                  /* a test group was made below this process's group, and removed */
    char mount[ADMIN_TEXT_MAX]; /* "/sys/fs/cgroup/memory"; "" where not mounted */
    char path[ADMIN_TEXT_MAX];  /* this process's group below .mount */
    char why[ADMIN_TEXT_MAX];   /* where not .made: "mkdir: Permission denied" */
};

struct admin {
    struct admin_controller controller[CONTROLLER__COUNT];
};

/* Start PROGRAM (a path), wait at most five seconds for its answer, read it. 0, or -1 and *WHY. */
int admin_ask(const char *program, struct admin *a, struct fault *why);

/* The answer: one line for each controller, its fields parted by tabs: v2's name of it, version (0, 1,
 * 2), mount point, own group, "made" or why not. TEXT is changed. 0, or -1 and *WHY. */
int admin_parse(char *text, struct admin *a, struct fault *why);

/* Whether the kernel has controller C, from the text of /proc/cgroups: 1; 0 where it was disabled at boot
 * (cgroup_disable=); -1 where it was not built in. Source: cgroups(7). */
int admin_in_kernel(const char *proc_cgroups, enum controller c);

#endif
