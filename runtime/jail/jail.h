/* From a plan to a confined process: jail_prepare() in the monitor gathers all that needs memory or
 * libc, jail_enter() in the cloned child applies it and execs runbox-lua. The two share memory
 * until that exec (clone3 with CLONE_VM), so a failure is left in the struct, not sent. */
#ifndef JAIL_JAIL_H
#define JAIL_JAIL_H

#include <stdint.h>
#include <stdnoreturn.h>

#include "runtime/plan/plan.h"
#include "schemas/fault.h"

struct bundle;

enum jail_gate { JAIL_WAIT, JAIL_GO, JAIL_ABORT };

#define JAIL_JOINS 4

struct jail {
    const struct plan *plan;
    const struct bundle *bundle; /* its bytes become /bundle where the plan has files */
    int wire;                    /* the box's end; becomes its descriptor 0 */
    int exe;                     /* runbox-lua, O_PATH */
    int *sources;          /* one detached mount (open_tree) for each mount from outside, or -1 */
    uint64_t bundle_bytes; /* size of /bundle, whole pages */
    char tmpfs_root[96], tmpfs_scratch[64]; /* mount options */
    char link_up[64], link_reply[512];      /* RTM_NEWLINK for "lo", and the kernel's answer */
    uint32_t link_up_len;

    /* Set by the monitor between the clone and the gate. */
    int join[JAIL_JOINS]; /* group files to write "0" to, or -1 */
    uint32_t gate;        /* enum jail_gate; a futex */

    /* Left by a child that failed: the step's index + 1, and the kernel's -errno. */
    volatile int failed_step;
    volatile long failed_errno;
};

/* Everything a child will need, in the monitor: as root also the sources of mounts, opened without
 * following symbolic links. WIRE and EXE stay the caller's. 0, or -1 and *WHY. */
int jail_prepare(struct jail *j, const struct plan *p, const struct bundle *b, int wire, int exe,
                 struct fault *why);
void jail_release(struct jail *j);

/* In the child: every step of the table in enter.c, then exec. Never returns; on failure the
 * process ends with .failed_step set. Calls no libc function that writes errno or allocates. */
noreturn void jail_enter(struct jail *j);

/* The gate, from the monitor: let the child go on (JAIL_GO) or end it (JAIL_ABORT). */
void jail_open_gate(struct jail *j, enum jail_gate to);

/* The failure that a child left, as a fault. 0 where it left none, else -1 and *WHY (SETUP). */
int jail_failure(const struct jail *j, struct fault *why);

/* Start a child in FLAGS' namespaces on a stack of its own, sharing memory and descriptors: it runs
 * jail_enter(J). The pid, or -1 with errno; *PIDFD is the caller's. CGROUP: a v2 directory to be
 * born in, or -1. Source: clone(2). */
int jail_clone(struct jail *j, uint64_t flags, int cgroup, int *pidfd);

#endif
