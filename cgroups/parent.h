/* The directory that groups are made in, as given to cgroups_probe() or found by it. */
#ifndef CGROUPS_PARENT_H
#define CGROUPS_PARENT_H

#include "cgroups/cgroups.h"
#include "runtime/base/fields.h"

/* Write POINT/PATH to DIR (CGROUP_PATH_MAX bytes). 0, or -1 and REASON if PATH is too long or has
 * "..": for a process outside its cgroup namespace's root, /proc/self/cgroup says "/../x", which
 * leads nowhere. */
int parent_path(char *dir, const char *point, struct field path, char *reason, size_t size);

/* Check DIR, a parent that was named explicitly: 1 if runbox may make groups in it; 0 and REASON if
 * it does not exist; -1 and *WHY if it cannot be a parent: no cgroup, not writable, or threaded. */
int parent_check(const char *dir, char *reason, size_t size, struct fault *why);

/* What to do where no group can be made below this process's own: ERR says why. */
const char *parent_cure(enum hierarchy v, int err);

#endif
