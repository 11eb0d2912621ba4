/* What this host offers, as data: gathered once by the monitor, read by plan_make(), written by
 * hand in golden tests. */
#ifndef PLAN_HOST_H
#define PLAN_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "schemas/manifest.h"

enum controller {
    CONTROLLER_MEMORY,
    CONTROLLER_PIDS,
    CONTROLLER_CPU,
    CONTROLLER_IO,
    CONTROLLER__COUNT
};

/* Where a controller lives and whether the monitor may make a group there. */
enum controller_home { HOME_NONE, HOME_V1, HOME_V2 };

/* One for each user namespace that lives, by its number among all namespaces (jail/idmap.c). */
#define BOX_IDS (1u << 22)

struct host {
    bool root;         /* CAP_SETUID, CAP_SETGID and CAP_SYS_ADMIN: may give a box ids of its own */
    uint32_t uid, gid; /* the monitor's own */
    uint32_t uid_base; /* first of the BOX_IDS ids that boxes get when .root */
    bool user_namespaces; /* an unprivileged one may be made (or .root) */
    bool swap;            /* swap space is configured */
    uint32_t cpus;        /* online processors this process may use */
    int landlock_abi;     /* 0: none */
    enum controller_home controllers[CONTROLLER__COUNT]; /* HOME_NONE: missing or not writable */
    bool
        parent_named; /* groups are made below one that was named, and which may lack what another has */
    char missing[CONTROLLER__COUNT]
                [320];                 /* where HOME_NONE: why, for people; "" where nobody knows */
    uint64_t rlimit_hard[RLIM__COUNT]; /* the monitor's own; UINT64_MAX: unlimited */
};

#endif
