/* From a plan to a confined process: jail_prepare() in the monitor gathers all that needs memory or
 * libc, jail_enter() in the cloned child applies it and execs runbox-lua. The two share memory
 * until that exec (clone3 with CLONE_VM), so a failure is left in the struct, not sent. */
#ifndef JAIL_JAIL_H
#define JAIL_JAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/plan/plan.h"
#include "schemas/fault.h"

struct bundle;

enum jail_gate { JAIL_WAIT, JAIL_GO, JAIL_ABORT };

#define JAIL_JOINS 4

/* What a child must know before there is a plan, so that it can be made while the bundle is still being
 * read: a network namespace alone takes as long as reading and planning together. */
struct jail_shape {
    bool files;        /* not the empty root of profile compute */
    bool host_network; /* no network namespace of its own */
};

struct jail {
    struct jail_shape shape;
    int monitor;             /* pidfd of the monitor: its death before the child is tied to it */
    const struct plan *plan; /* this and what follows: set before the gate opens */
    const struct bundle *bundle; /* its bytes become /bundle where the plan has files */
    int wire;                    /* the box's end; becomes its descriptor 0 */
    int exe;                     /* runbox-lua, O_PATH */
    int *sources;          /* one detached mount (open_tree) for each mount from outside, or -1 */
    uint64_t bundle_bytes; /* size of /bundle, whole pages */
    char tmpfs_root[96], tmpfs_scratch[64]; /* mount options */

    /* Set by the monitor between the clone and the gate. */
    int join[JAIL_JOINS]; /* group files to write "0" to, or -1 */
    uint32_t gate;        /* enum jail_gate; a futex */
    uint32_t arrived;     /* the child is at the gate; a futex */
    uint32_t confined;    /* the child has done all but its exec */
    uint32_t shared;      /* the child shares this memory: until its exec or end; a futex */

    /* Left by a child that failed: the step's index + 1, and the kernel's -errno. */
    volatile int failed_step;
    volatile long failed_errno;
};

/* The shape of the boxes of P. */
struct jail_shape jail_shape_of(const struct plan *p);

/* Start a child on a stack of its own, sharing memory and descriptors: it runs the steps of enter.c up
 * to the gate, and behind it the rest. *J has its shape, .monitor and .join, all else zero. One child at a time may be
 * between its clone and its exec. CGROUP: a v2 directory to be born in, or -1. The pid, or -1 with
 * errno; *PIDFD is the caller's. Source: clone(2). */
int jail_clone(struct jail *j, int cgroup, int *pidfd);

/* After the clone: let the child begin on another processor, if there is one. The kernel may leave a new task where its
 * parent runs, and there it waits until that sleeps. It stays free to be on any; but of processors that are given to
 * its cpuset later it gets none (Linux 6.2 keeps a set that was asked for). */
void jail_spread(int pid);

/* What the child needs behind the gate, in the monitor: as root also the sources of mounts, opened
 * without following symbolic links. WIRE and EXE stay the caller's and must stay open until the exec:
 * the child shares the descriptor table. 0, or -1 and *WHY. */
int jail_prepare(struct jail *j, const struct plan *p, const struct bundle *b, int wire, int exe,
                 struct fault *why);
void jail_release(struct jail *j);

/* The gate, from the monitor: let the child go on (JAIL_GO) or end it (JAIL_ABORT). */
void jail_open_gate(struct jail *j, enum jail_gate to);

/* Wait until the child is at the gate: 0, or -1 where it failed (jail_failure() says why) or ended. */
int jail_await_gate(struct jail *j);

/* Wait until the child's exec or end: whether it is confined, so that nothing of its jail will change. */
bool jail_await_exec(struct jail *j);

/* The failure that a child left, as a fault. 0 where it left none, else -1 and *WHY (SETUP). */
int jail_failure(const struct jail *j, struct fault *why);

#endif
