/* The broker of a fleet (`runbox batch`, `runbox serve`): makes a broker (pool.h) and a monitor for each
 * bundle, and does the little else that its front has no right to, the process that reads envelopes. It
 * reads no bundle itself: that may take long. */
#ifndef BROKER_FRONT_H
#define BROKER_FRONT_H

#include "runtime/broker/broker.h"

#define FRONT_PAGE_MAX (64u << 20) /* bytes of a page */

struct front {
    const struct grants *grants; /* what the command line allows */
    char *const *bundles;        /* the .bundle_count directories that it names */
    size_t bundle_count;
    bool jobs;         /* a job may name others, which get the policies' grants only */
    bool reloads;      /* SIGHUP does not stop it */
    bool yields;       /* long runs give way to short ones */
    unsigned most;     /* boxes of one bundle at once */
    unsigned makers;   /* brokers of bundles at once */
    uint64_t patience; /* ns from a signal to stop in which the front ends; 0: from the second */
    const char *cgroup_parent;
    int store;
    /* In a process of its own: the monitor of the bundle at PATH, INDEX in the command line or -1; ORDERS
     * leads to its broker, CHANNEL to the front. Returns its exit status. */
    int (*monitor)(void *owner, const char *path, int64_t index, int orders, int channel);
    /* May be NULL: then none of it is ordered, or comes. 0, or -1 and *WHY. */
    int (*listen)(void *owner, int *fd, struct fault *why); /* *FD stays the owner's */
    void (*ready)(void *owner);
    void (*reloading)(void *owner);
    void (*stopping)(void *owner); /* a signal to stop has come; once */
    int (*page)(void *owner, const char *text, size_t n, struct fault *why);
    void *owner;
};

#endif
