/* What this host offers, as data: gathered once by the monitor, read by plan_make(), written by
 * hand in golden tests. */
#ifndef PLAN_HOST_H
#define PLAN_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "schemas/controller.h"
#include "schemas/manifest.h"

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
    enum hierarchy
        controllers[CONTROLLER__COUNT]; /* where groups may be made; HIERARCHY_NONE: nowhere */
    bool
        parent_named; /* groups are made below one that was named, and which may lack what another has */
    char missing[CONTROLLER__COUNT]
                [320]; /* where HIERARCHY_NONE: why, for people; "" where nobody knows */
    uint64_t rlimit_hard[RLIM__COUNT]; /* the monitor's own; UINT64_MAX: unlimited */
};

#endif
