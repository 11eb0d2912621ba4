/* Resource controllers, and the two versions of cgroups: cgroups(7). */
#ifndef SCHEMAS_CONTROLLER_H
#define SCHEMAS_CONTROLLER_H

enum controller {
    CONTROLLER_MEMORY,
    CONTROLLER_PIDS,
    CONTROLLER_CPU,
    CONTROLLER_IO,
    CONTROLLER__COUNT
};

enum hierarchy { HIERARCHY_NONE, HIERARCHY_V1, HIERARCHY_V2 };

/* "memory", "pids", "cpu", "io"; v1 calls the last one "blkio". */
const char *controller_text(enum controller c, enum hierarchy h);

#endif
