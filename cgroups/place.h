/* Where a group lies in the file system. */
#ifndef CGROUPS_PLACE_H
#define CGROUPS_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/fields.h"

/* Write to DIR (CGROUP_PATH_MAX bytes) the directory of the group that /proc/self/cgroup calls PATH,
 * in the hierarchy that is mounted at POINT. 0, or -1 and REASON where there is none: the mount may
 * begin above this process's cgroup namespace, or be another part of the hierarchy. Source:
 * cgroup_namespaces(7); proc_pid_mountinfo(5), field 4. */
int place_find(char *dir, const char *point, struct field path, char *reason, size_t size);

/* Whether this process is in a cgroup namespace, as in a container, that is not the first. */
bool place_is_namespaced(void);

#endif
