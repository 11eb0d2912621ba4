/* From a plan to a confined process. The child is cloned, with memory and descriptors of its own,
 * while the broker still reads the bundle. What it becomes is sent later over a socket pair: one
 * order of fixed size, without pointers, and descriptors. The child joins its groups before it
 * creates anything, so that its set-up is charged to the box, and an OOM kill counts as the box's
 * own. It reports a failure in one message; its exit, or its exec, closes the socket. */
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

#define JAIL_LANDLOCK_ABI \
    6 /* the newest whose rights landlock.c knows; of newer ones, it uses these */

/* What a child becomes. Descriptors are sent with it: the box's end of the wire; with .files, the
 * image (image.h); .joins group files to write "0" to; .sources detached mounts, those from outside
 * the bundle in the image's order. */
struct jail_order {
    struct plan_rlimit rlimits[RLIM__COUNT];
    uint64_t capabilities;
    uint32_t uid, gid;          /* inside the user namespace */
    uint32_t own_ids;           /* 1: ids of its own outside; 0: the broker's */
    uint32_t files;             /* /bundle, /tmp and mounts; else an empty root */
    uint32_t mounts;            /* how many, in the image */
    uint32_t scratch;           /* mount a tmpfs at /tmp */
    uint32_t tcp;               /* Landlock does not restrict TCP */
    int32_t landlock_abi;       /* 0: no Landlock */
    uint32_t no_time_namespace; /* 1: this kernel makes none */
    uint32_t forks;             /* a template: see score_raise() in enter.c */
    uint32_t exec_name;         /* 1: give what is executed a name in the root: see root.c */
    uint32_t joins, sources;
    char hostname[JAIL_TEXT];
    char root_options[JAIL_TEXT], scratch_options[JAIL_TEXT]; /* mount options of the two tmpfs */
};

/* The broker's side of a child that is being made. */
struct jail {
    int control; /* our end of the socket pair; -1: no more messages */
    int image;
    int source[JAIL_MOUNTS]; /* detached mounts (open_tree(2)) */
    unsigned sources;
    bool again; /* the child has failed, but the next one would do without what this host lacks */
};

#define JAIL_INIT ((struct jail){.control = -1, .image = -1})

/* Clone a child that does what needs no order and then waits for one. EXE: the box program (O_PATH),
 * which the child keeps; CGROUP: a v2 directory to be born in, or -1. The pid, or -1 with errno;
 * *PIDFD is the caller's. Source: clone(2). */
int jail_clone(struct jail *j, bool host_network, int exe, int cgroup, int *pidfd);

/* After the clone: move the child to another processor, if there is one. The
 * kernel may leave a new task on its parent's processor, where it waits until
 * the parent sleeps. The child may still run on any processor, except those
 * added to its cpuset later (Linux 6.2 keeps a mask that was asked for). */
void jail_spread(int pid);

/* Bytes that the copy of B's files takes, in whole pages. */
uint64_t jail_bundle_bytes(const struct bundle *b);

/* Prepare what is sent with the order: the image; as root also the mounts' sources, opened without
 * following symbolic links. 0, or -1 and *WHY. */
int jail_prepare(struct jail *j, const struct plan *p, const struct bundle *b, struct fault *why);

/* Send the order to a child whose ids are mapped. WIRE and the N files in JOIN stay the caller's.
 * 0, or -1 and *WHY. */
int jail_send(struct jail *j, const struct plan *p, const struct bundle *b, int wire,
              const int *join, unsigned n, struct fault *why);

/* Wait until the child has made its namespaces and waits for its order. 0, or -1 and *WHY. */
int jail_await_namespaces(struct jail *j, struct fault *why);

/* Wait for the child's exec. 1: it has execed, or exited without a message, as its pidfd shows; 0:
 * neither within ten seconds; -1: it failed, and *WHY. */
int jail_await_exec(struct jail *j, struct fault *why);

/* -1 and *WHY if the child has reported a failure, else 0. Never blocks. */
int jail_failure(struct jail *j, struct fault *why);

/* Make the wire of a box of P: two sockets, each the caller's to close. 0, or -1 and *WHY. */
int jail_wire(const struct plan *p, int *ours, int *theirs, struct fault *why);

/* Set *L to P's limits for the box's groups. 0, or -1 and *WHY where a device cannot be limited. */
int jail_groups(const struct plan *p, struct group_limits *l, struct fault *why);

/* Bring up "lo" in the network namespace of the child, which waits for its order, by running
 * runbox-loopback. 0, or -1 and *WHY. */
int jail_loopback(struct jail *j, int pidfd, struct fault *why);

/* Close what was opened; a child that still waits for its order exits. */
void jail_release(struct jail *j);

#endif
