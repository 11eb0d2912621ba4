/* The host ids behind the box's uid and gid; the broker writes the maps between clone and order. */
#ifndef JAIL_IDMAP_H
#define JAIL_IDMAP_H

#include "runtime/jail/jail.h"

/* The box's ids outside its user namespace; never 0. */
struct idmap {
    uint32_t uid, gid;
};

/* PID: the box's process, as /proc numbers it (pidfd_in_proc()).
 *
 * As root: ids made from the number of PID's user namespace, which no other live box has. Otherwise
 * the broker's own. PIDFD is of the same process. 0, or -1 and *WHY. */
int idmap_of(const struct plan *p, int pid, int pidfd, struct idmap *map, struct fault *why);

/* Write uid_map and gid_map in /proc/PID. 0, or -1 and *WHY. Source: user_namespaces(7). */
int idmap_write(const struct plan *p, int pid, const struct idmap *map, struct fault *why);

/* As root: idmap the writable sources in J, so that a box with the ids of MAP owns what the source
 * directory's owner owns on disk. 0, or -1 and *WHY, as where a file system cannot be idmapped.
 * Source: mount_setattr(2), "ID-mapped mounts". */
int idmap_sources(const struct jail *j, const struct plan *p, const struct idmap *map,
                  struct fault *why);

#endif
