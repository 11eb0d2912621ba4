/* What this host offers, as data: gathered once by the broker, read by plan_make(), written by hand
 * in golden tests. */
#ifndef PLAN_HOST_H
#define PLAN_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "schemas/controller.h"
#include "schemas/manifest.h"
#include "schemas/unnamed.h"

/* One id per live user namespace, by the namespace's inode number (jail/idmap.c). */
#define BOX_IDS (1u << 22)

struct host {
    bool root;              /* CAP_SETUID, CAP_SETGID, CAP_SYS_ADMIN: can give a box its own ids */
    uint32_t uid, gid;      /* runbox's own */
    uint32_t uid_base;      /* first of the BOX_IDS ids for boxes if .root */
    bool user_namespaces;   /* an unprivileged user may create one (or .root) */
    bool swap;              /* swap space is configured, or may be */
    uint32_t cpus;          /* online CPUs this process may use */
    int landlock_abi;       /* 0: none */
    enum unnamed unnamed;   /* whether boxes can have a listener, and why not */
    bool no_time_namespace; /* this kernel makes none (CONFIG_TIME_NS) */
    enum hierarchy controllers[CONTROLLER__COUNT]; /* in which to make groups, if any */
    bool parent_named; /* groups go below a parent named by the user, which may lack controllers */
    char missing[CONTROLLER__COUNT]
                [320]; /* if HIERARCHY_NONE: the reason and its cure, for people; "" if unknown */
    bool lacks
        [LIMIT__COUNT]; /* a controller is there, but not the limit's file (schemas/limits.h) */
    uint64_t rlimit_hard[RLIM__COUNT]; /* runbox's own; UINT64_MAX: unlimited */
};

#endif
