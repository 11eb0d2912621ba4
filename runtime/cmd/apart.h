/* A monitor apart from its broker (runtime/broker/broker.h): what each side does for any verb. */
#ifndef CMD_APART_H
#define CMD_APART_H

#include "runtime/broker/broker.h"
#include "runtime/caller/caller.h"

struct desk_options;
struct remote;

/* In the monitor, or the front, before it reads a byte: drop all privileges, keeping only CALLER's
 * descriptors and the N in KEEP. *SIGNALS is the descriptor to read signals from. 0 and *R, or -1
 * and *WHY. */
int apart_enter(const struct broker_wire *wire, struct caller *caller, const int *keep, size_t n,
                struct remote **r, int *signals, struct fault *why);

/* The monitor of one bundle of a fleet (runtime/fleet/desk.h), forked by the fleet's broker: drop all
 * privileges, and serve the front. Returns its exit status. */
int apart_member(const struct desk_options *o, int orders, int channel);

/* Run a whole verb that inspects bundles or files, whose monitor runs BODY(OF, ...). Returns its
 * exit status. PATH: the bundle that the broker reads, or NULL. POLICIES: the policy files decide
 * on grants, and groups are made below CGROUP_PARENT; else site_bare() is used. The caller sets
 * .grants, .checks, .neutral and .files of .broker. KEEP: a descriptor that BODY needs, or -1;
 * without .reads_stdin it has no standard input. The monitor dies with the caller's process. */
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

/* In the broker, once the monitor has been told everything: serve it until it ends, then clean up.
 * The exit status. */
int apart_serve(struct broker *b);

#endif
