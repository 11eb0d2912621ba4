/* From a plan to a confined process. The child is cloned with memory and descriptors of its own, while the monitor
 * still reads the bundle; what it is to become comes later, over a socket pair: one order of fixed size, without
 * pointers, and descriptors beside it. It joins its groups before it makes anything, so that what its making takes is
 * the box's to pay for, and an end for want of memory is its own. It tells of a failure in one message; its end, or its
 * exec, is the end of the socket. */
#ifndef JAIL_JAIL_H
#define JAIL_JAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "cgroups/group.h"
#include "runtime/plan/plan.h"
#include "schemas/fault.h"

struct bundle;

#define JAIL_JOINS  4
#define JAIL_MOUNTS 64
#define JAIL_TEXT   96

/* What a child becomes. With it come the box's end of the wire, then, where it has .files, the image (image.h), then
 * .joins files of groups to write "0" to, then .sources detached mounts, of those from outside in the image's order. */
struct jail_order {
    struct plan_rlimit rlimits[RLIM__COUNT];
    uint64_t capabilities;
    uint32_t uid, gid;    /* inside */
    uint32_t own_ids;     /* else the monitor's own stand behind them */
    uint32_t files;       /* /bundle, /tmp and mounts; else an empty root */
    uint32_t mounts;      /* in the image */
    uint32_t scratch;     /* there is a /tmp */
    uint32_t tcp;         /* Landlock forbids none */
    int32_t landlock_abi; /* 0: none */
    uint32_t forks;       /* a template: see score_raise() in enter.c */
    uint32_t joins, sources;
    char hostname[JAIL_TEXT];
    char root_options[JAIL_TEXT], scratch_options[JAIL_TEXT]; /* of the two tmpfs */
};

/* The monitor's side of one that is being made. */
struct jail {
    int control; /* its end of the socket pair; -1: nothing more comes */
    int image;
    int source[JAIL_MOUNTS]; /* the detached mounts (open_tree) */
    unsigned sources;
};

#define JAIL_INIT ((struct jail){.control = -1, .image = -1})

/* Start a child: it makes what needs no order and waits for one. EXE: runbox-lua (O_PATH), which it keeps; CGROUP: a v2
 * directory to be born in, or -1. The pid, or -1 with errno; *PIDFD is the caller's. Source: clone(2). */
int jail_clone(struct jail *j, bool host_network, int exe, int cgroup, int *pidfd);

/* After the clone: let the child begin on another processor, if there is one. The kernel may leave a new task where its
 * parent runs, and there it waits until that sleeps. It stays free to be on any; but of processors that are given to
 * its cpuset later it gets none (Linux 6.2 keeps a set that was asked for). */
void jail_spread(int pid);

/* What the copy of B's files takes, in whole pages. */
uint64_t jail_bundle_bytes(const struct bundle *b);

/* What goes with the order: the image; as root also the sources of mounts, opened without following symbolic links. 0,
 * or -1 and *WHY. */
int jail_prepare(struct jail *j, const struct plan *p, const struct bundle *b, struct fault *why);

/* The order, of a child whose ids are mapped. WIRE and the N files in JOIN stay the caller's. 0, or -1 and *WHY. */
int jail_send(struct jail *j, const struct plan *p, const struct bundle *b, int wire,
              const int *join, unsigned n, struct fault *why);

/* Wait until the child has its namespaces and waits for its order: 0, or -1 and *WHY. */
int jail_await_namespaces(struct jail *j, struct fault *why);

/* Wait for its exec: 1: that has come, or an end without a message, which its pidfd shows; 0: neither in ten seconds; -1:
 * it failed, and *WHY. */
int jail_await_exec(struct jail *j, struct fault *why);

/* Whether the child has left a message of its failure: -1 and *WHY. Does not wait. */
int jail_failure(struct jail *j, struct fault *why);

/* The wire of a box of P: a pair of connected sockets, each the caller's to close. 0, or -1 and *WHY. */
int jail_wire(const struct plan *p, int *ours, int *theirs, struct fault *why);

/* What P asks of the box's groups. 0, or -1 and *WHY where it needs devices that cannot be limited. */
int jail_groups(const struct plan *p, struct group_limits *l, struct fault *why);

/* Bring up "lo" in the network namespace of the child, which waits for its order, by a program of its own. 0, or -1 and *WHY. */
int jail_loopback(struct jail *j, int pidfd, struct fault *why);

/* What was opened, closed; a child that waits for its order ends. */
void jail_release(struct jail *j);

#endif
