/* Which ids stand behind the box's one: written by the monitor, between the clone and the order. */
#ifndef JAIL_IDMAP_H
#define JAIL_IDMAP_H

#include "runtime/jail/jail.h"

/* What a box is outside: never 0. */
struct idmap {
    uint32_t uid, gid;
};

/* As root: the ids of the user namespace that process PID is in, which no other that lives has. Else the monitor's
 * own. 0, or -1 and *WHY. */
int idmap_of(const struct plan *p, int pid, struct idmap *map, struct fault *why);

/* Write /proc/PID's uid_map and gid_map. 0, or -1 and *WHY. Source: user_namespaces(7). */
int idmap_write(const struct plan *p, int pid, struct fault *why);

/* As root: map the writable sources in J so that the box, as the user outside that PID got, owns
 * what the source directory's owner owns on disk. 0, or -1 and *WHY where a file system cannot be
 * idmapped. Source: mount_setattr(2), "ID-mapped mounts". */
int idmap_sources(const struct jail *j, const struct plan *p, int pid, struct fault *why);

#endif
