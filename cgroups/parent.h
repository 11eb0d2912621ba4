/* The directory that groups are made in, as cgroups_probe() was told or found it. */
#ifndef CGROUPS_PARENT_H
#define CGROUPS_PARENT_H

#include "cgroups/cgroups.h"
#include "runtime/base/fields.h"

/* POINT/PATH into DIR (CGROUP_PATH_MAX bytes). -1 and REASON where PATH climbs or is too long: of a process that a
 * cgroup namespace was made around /proc/self/cgroup says "/../x", which leads nowhere. */
int parent_path(char *dir, const char *point, struct field path, char *reason, size_t size);

/* DIR, which somebody named: 1 where runbox may make groups in it. 0 and REASON where it does not exist. -1 and *WHY
 * where it cannot be a parent: no cgroup, not writable, or threaded. */
int parent_check(const char *dir, char *reason, size_t size, struct fault *why);

#endif
