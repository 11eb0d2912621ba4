/* Which ids stand behind the box's one: written by the monitor, between the clone and the gate. */
#ifndef JAIL_IDMAP_H
#define JAIL_IDMAP_H

#include "runtime/jail/jail.h"

/* The uid and gid outside of the box whose process is PID. Never 0. */
uint32_t idmap_uid(const struct plan *p, int pid);
uint32_t idmap_gid(const struct plan *p, int pid);

/* Write /proc/PID's uid_map and gid_map. 0, or -1 and *WHY. Source: user_namespaces(7). */
int idmap_write(const struct plan *p, int pid, struct fault *why);

/* As root: map the writable sources in J so that the box, as the user outside that PID got, owns
 * what the source directory's owner owns on disk. 0, or -1 and *WHY where a file system cannot be
 * idmapped. Source: mount_setattr(2), "ID-mapped mounts". */
int idmap_sources(struct jail *j, int pid, struct fault *why);

#endif
