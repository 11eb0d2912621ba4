/* The steps of jail/, one function each, as the table in enter.c lists them. All run in the child,
 * all return 0 or -errno. */
#ifndef JAIL_STEPS_H
#define JAIL_STEPS_H

#include "runtime/jail/jail.h"

long root_enter(struct jail *j);     /* root.c: tmpfs, pivot_root, detach the host's tree */
long root_seal(struct jail *j);      /* root.c: read-only from here on */
long sources_enter(struct jail *j);  /* mounts.c: as an ordinary user, open the mounts' sources */
long mounts_enter(struct jail *j);   /* mounts.c: /bundle, /tmp and the plan's mounts */
long landlock_enter(struct jail *j); /* landlock.c */
long network_enter(struct jail *j);  /* network.c: loopback up */
long ids_enter(struct jail *j);      /* ids.c */
long rlimits_enter(struct jail *j);  /* rlimits.c: all 16 */
long caps_enter(struct jail *j);     /* caps.c: five sets, securebits, no_new_privs */

/* mounts.c: a detached copy of SOURCE's mount, reached without symbolic links; >= 0 or -errno. */
long source_open(const char *source);

/* network.c: build .link_up with libmnl, which is opened for this alone. 0, or -1 and *WHY. */
int network_prepare(struct jail *j, struct fault *why);

#endif
