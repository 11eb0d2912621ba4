/* The steps of jail/, one function each, as the table in enter.c lists them. All run in the child,
 * all return 0 or -errno. */
#ifndef JAIL_STEPS_H
#define JAIL_STEPS_H

#include <stdnoreturn.h>

#include "runtime/jail/image.h"
#include "runtime/jail/jail.h"

/* The child's own: what it was cloned with, and then its order and what came beside it. */
struct jail_child {
    bool host_network;
    struct jail_order order;
    int exe, wire;
    int join[JAIL_JOINS];
    int source[JAIL_MOUNTS]; /* one for each mount from outside, in the image's order */
    struct image image;      /* behind the mounts */
    struct image_mount mount[JAIL_MOUNTS];
    int score; /* a template's oom_score_adj, open; else -1 */
};

/* What it holds from its first step on, by number. */
enum jail_fd { JAIL_MONITOR, JAIL_EXE, JAIL_CONTROL, JAIL_OWN };

/* What it says on its control socket, in one message. */
struct jail_message {
    uint32_t step;  /* the index in the table */
    int32_t failed; /* the errno of that step; 0: it waits for its order */
};

/* enter.c: every step of its table, then exec. Never returns. The descriptors are copies of the monitor's, above 2. */
noreturn void jail_enter(bool host_network, int monitor, int exe, int control);

/* enter.c: what step I is called. */
const char *jail_step(uint32_t i);

long order_await(struct jail_child *j); /* order.c: wait for it, and take it apart */
long root_enter(struct jail_child *j);  /* root.c: tmpfs, pivot_root, detach the host's tree */
long root_seal(struct jail_child *j);   /* root.c: read-only from here on */
long sources_enter(
    struct jail_child *j); /* mounts.c: as an ordinary user, open the mounts' sources */
long mounts_enter(struct jail_child *j);   /* mounts.c: /bundle, /tmp and the plan's mounts */
long landlock_enter(struct jail_child *j); /* landlock.c */
long ids_enter(struct jail_child *j);      /* ids.c */
long rlimits_enter(struct jail_child *j);  /* rlimits.c: all 16 */
long caps_enter(struct jail_child *j);     /* caps.c: five sets, securebits, no_new_privs */

/* mounts.c: a private, detached copy of SOURCE's mount and of all below it, reached without symbolic
 * links and no more than RW says; >= 0 or -errno. */
long source_open(const char *source, bool rw);

/* unbindable.c: what is mounted at SOURCE and below can be copied; else -1 and *WHY. */
int unbindable_check(const char *source, struct fault *why);

#endif
