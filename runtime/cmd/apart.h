/* A monitor apart from its broker (runtime/broker/broker.h): what every verb that has one does on each side. */
#ifndef CMD_APART_H
#define CMD_APART_H

#include "runtime/broker/broker.h"
#include "runtime/caller/caller.h"

struct remote;

/* In the monitor, before it reads a byte: it keeps CALLER's descriptors and the N in KEEP, and no right. *SIGNALS is where signals
 * are read from now on. 0 and *R, or -1 and *WHY. */
int apart_enter(const struct broker_wire *wire, struct caller *caller, const int *keep, size_t n,
                struct remote **r, int *signals, struct fault *why);

/* The whole of a verb that looks at one bundle, whose monitor runs BODY(OF, ...): its exit status. PATH: the bundle, which the broker
 * reads, or NULL. POLICIES: they say what is granted, below CGROUP_PARENT; else the broker's site is a bare one. Of B, .grants,
 * .checks and .files are the caller's. KEEP: a descriptor that BODY needs, or -1; without
 * .reads_stdin it has no standard input. What stops the caller's process stops the monitor. */
typedef int apart_body(void *of, struct remote *r);
struct apart {
    struct broker broker;
    const char *path;
    bool policies;
    const char *cgroup_parent;
    int keep;
    bool reads_stdin;
    apart_body *body;
    void *of;
};
int apart_run(struct apart *a);

/* In the broker, once the monitor has all that it was to be told: serve it to its end, and what it leaves. The exit status. */
int apart_serve(struct broker *b);

#endif
