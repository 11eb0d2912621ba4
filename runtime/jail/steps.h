/* The steps of jail/, one function each, as the table in enter.c lists them. All run in the child,
 * all return 0 or -errno. */
#ifndef JAIL_STEPS_H
#define JAIL_STEPS_H

#include <stdnoreturn.h>

#include "runtime/jail/jail.h"

/* enter.c: every step of its table, then exec. Never returns; on failure the process ends with
 * .failed_step set. Calls no libc function that writes errno or allocates. */
noreturn void jail_enter(struct jail *j);

long root_enter(struct jail *j);     /* root.c: tmpfs, pivot_root, detach the host's tree */
long root_seal(struct jail *j);      /* root.c: read-only from here on */
long sources_enter(struct jail *j);  /* mounts.c: as an ordinary user, open the mounts' sources */
long mounts_enter(struct jail *j);   /* mounts.c: /bundle, /tmp and the plan's mounts */
long landlock_enter(struct jail *j); /* landlock.c */
long ids_enter(struct jail *j);      /* ids.c */
long rlimits_enter(struct jail *j);  /* rlimits.c: all 16 */
long caps_enter(struct jail *j);     /* caps.c: five sets, securebits, no_new_privs */

/* mounts.c: a detached copy of SOURCE's mount, reached without symbolic links; >= 0 or -errno. */
long source_open(const char *source);

#endif
