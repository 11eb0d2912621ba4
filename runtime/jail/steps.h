/* The steps of jail/, one function each, as listed in the table in enter.c. They run in the child
 * and return 0 or -errno. The broker calls the last two functions, too. */
#ifndef JAIL_STEPS_H
#define JAIL_STEPS_H

#include <stdnoreturn.h>

#include "runtime/jail/image.h"
#include "runtime/jail/jail.h"

/* The child's state: what it was cloned with, then its order and what came with it. */
struct jail_child {
    bool host_network;
    bool own_time; /* cloned into a time namespace */
    struct jail_order order;
    int exe, wire;
    int join[JAIL_JOINS];
    int source[JAIL_MOUNTS]; /* one for each mount from outside the bundle, in the image's order */
    struct image image;      /* positioned after the mounts */
    struct image_mount mount[JAIL_MOUNTS];
    int proc;  /* the host's /proc (O_PATH), where mounts need remount.c; else -1 */
    int score; /* a template's oom_score_adj, open; else -1 */
};

/* Descriptors that the child has from its first step on; JAIL_OWN is the first free one. */
enum jail_fd { JAIL_MONITOR, JAIL_EXE, JAIL_CONTROL, JAIL_OWN };

/* The message that the child sends on its control socket. */
struct jail_message {
    uint32_t step;  /* index in the table */
    int32_t failed; /* errno of that step; 0: it waits for its order */
};

/* enter.c: run every step of its table; the last is the exec. Never returns. MONITOR is the
 * parent's pidfd; all three descriptors are inherited, and above 2. */
noreturn void jail_enter(bool host_network, bool own_time, int monitor, int exe, int control);

/* enter.c: the name of step I. */
const char *jail_step(uint32_t i);

/* enter.c: whether step I is the exec. */
bool jail_is_exec(uint32_t i);

/* enter.c: give the box program the descriptor that it is executed by. Its number, or -errno. */
long exe_place(struct jail_child *j);

/* jail.c: whether an exec has failed for want of a name in the box's root. */
bool jail_names_exec(void);

long order_await(struct jail_child *j); /* order.c: wait for it and decode it */
long root_enter(struct jail_child *j);  /* root.c: tmpfs, pivot_root, detach the host's tree */
long root_seal(struct jail_child *j);   /* root.c: make it read-only */
long sources_enter(
    struct jail_child *j); /* mounts.c: as an ordinary user, open the mounts' sources */
long mounts_enter(struct jail_child *j);   /* mounts.c: /bundle, /tmp and the plan's mounts */
long landlock_enter(struct jail_child *j); /* landlock.c */
long ids_enter(struct jail_child *j);      /* ids.c */
long rlimits_enter(struct jail_child *j);  /* rlimits.c: all 16 */
long caps_enter(struct jail_child *j);     /* caps.c: five sets, securebits, no_new_privs */

/* mounts.c: clone the mounts at SOURCE and below, without following symbolic links: detached,
 * private, and read-only unless RW (before Linux 5.12: as they are; see remount.c). A descriptor, or
 * -errno. */
long source_open(const char *source, bool rw);

/* remount.c: whether this kernel needs it; the same as source_open() does to a tree, for what is
 * mounted at TARGET, with PROC to see that by. 0, or -errno; -ESTALE: not all of it can be reached. */
bool remount_is_needed(void);
long remount_confine(int proc, const char *target, bool rw);

/* unbindable.c: 0 if all that is mounted at SOURCE and below can be copied, else -1 and *WHY. */
int unbindable_check(const char *source, struct fault *why);

#endif
