/* What libcgroup knows about this host, as reported by the program runbox-cgroups: a second opinion
 * for `runbox doctor`. Never used by a run. */
#ifndef CGROUPS_ADMIN_H
#define CGROUPS_ADMIN_H

#include <stddef.h>

#include "cgroups/cgroups.h"

#define ADMIN_TEXT_MAX 512

struct admin_controller {
    enum hierarchy version;     /* HIERARCHY_NONE: not in any mounted hierarchy */
    bool made;                  /* a test group was made below this process's group, and removed */
    char mount[ADMIN_TEXT_MAX]; /* "/sys/fs/cgroup/memory"; "" if not mounted */
    char path[ADMIN_TEXT_MAX];  /* this process's group below .mount */
    char why[ADMIN_TEXT_MAX];   /* if not .made: "mkdir: Permission denied" */
};

struct admin {
    struct admin_controller controller[CONTROLLER__COUNT];
};

/* Run PROGRAM (a path), wait at most five seconds for its output, parse it. 0, or -1 and *WHY. */
int admin_ask(const char *program, struct admin *a, struct fault *why);

/* Parse the output, one line per controller with tab-separated fields: v2 name, version (0, 1, 2),
 * mount point, own group, "made" or why not. Modifies TEXT. 0, or -1 and *WHY. */
int admin_parse(char *text, struct admin *a, struct fault *why);

/* Look up controller C in the text of /proc/cgroups: 1 if the kernel has it, 0 if it was disabled
 * at boot (cgroup_disable=), -1 if it was not built in. Source: cgroups(7). */
int admin_in_kernel(const char *proc_cgroups, enum controller c);

#endif
