/* Many boxes of one bundle, made and held by a broker of its own (runtime/broker/pool.h). No function
 * here waits for it, except the three that come before its boxes. */
#ifndef MONITOR_REMOTE_POOL_H
#define MONITOR_REMOTE_POOL_H

#include <poll.h>

#include "runtime/jail/box.h"
#include "runtime/plan/plan.h"
#include "schemas/manifest.h"

struct remote_pool;

/* What remote_pool_serve() reports; OWNER as given to remote_pool_open(). */
struct remote_pool_events {
    /* BOX, which was ordered, waits for its start line. */
    void (*ready)(void *owner, struct box *box);
    /* ... or could not be made, for *WHY: it is to be deleted. AGAIN: it is part of a loss that was
     * reported for another box. */
    void (*failed)(void *owner, struct box *box, const struct fault *why, bool again);
    /* Its limits were lowered, its keys sent: 0, or -1 and *WHY. */
    void (*prepared)(void *owner, struct box *box, int r, const struct fault *why);
    /* It is BOX_GONE. */
    void (*ended)(void *owner, struct box *box);
};

/* For COUNT boxes at most, over SOCKET, which it takes over. 0, or -1 and *WHY. */
int remote_pool_open(struct remote_pool **p, int socket, unsigned count,
                     const struct remote_pool_events *events, void *owner, struct fault *why);
/* Its boxes are deleted by then. Returns the socket, whose other end is closed once the broker has
 * removed all; -1: P was NULL. */
int remote_pool_close(struct remote_pool *p);

/* First: take the bundle that the broker has read, named PATH (not copied). Then, what the host
 * supports and what the policies grant a bundle called NAME: *G (policy_drop() it). 0, or -1 and
 * *WHY. */
int remote_pool_bundle(struct remote_pool *p, const char *path, struct bundle **b,
                       struct fault *why);
int remote_pool_site(struct remote_pool *p, const char *name, struct host *host,
                     struct policy_grants *g, struct fault *why);

/* Whether its broker gives the bundle what the command line grants: it was named there, or is the
 * same bytes. */
bool remote_pool_is_named(const struct remote_pool *p);

/* Say what all boxes are made from: manifest M, whose plan is PLAN, and bundle B, which must outlive
 * the pool. 0, or -1 and *WHY. */
int remote_pool_plan(struct remote_pool *p, const struct manifest *m, const struct plan *plan,
                     const struct bundle *b, struct fault *why);

/* Order a box: cold, with plan PLAN, which is the pool's own with LIMITS (NULL: none) in place of the
 * bundle's; or forked by the template. Until it is ready or has failed, box_delete() is all that may
 * be done with it. 0, or -1 and *WHY. */
int remote_pool_cold(struct remote_pool *p, const struct plan *plan, const struct limits *limits,
                     struct box **box, struct fault *why);
int remote_pool_fork(struct remote_pool *p, struct box **box, struct fault *why);

/* Before the start line of BOX, which is ready: give it plan PLAN, with LIMITS (NULL: none), and with
 * KEYS the stored keys that PLAN grants. 1: send it; 0: once it is .prepared; -1 and *WHY. */
int remote_pool_start(struct box *box, const struct plan *plan, const struct limits *limits,
                      bool keys, struct fault *why);

/* Send what was ordered. 0, or -1 with errno: then remote_pool_serve() is to be called. */
int remote_pool_flush(struct remote_pool *p);

/* What to poll for; and, after poll(2): take what has come. 0; -1: the broker has ended, and all of
 * its boxes with it (.ended is reported of those that were ready). */
struct pollfd remote_pool_ask(const struct remote_pool *p);
int remote_pool_serve(struct remote_pool *p);
bool remote_pool_is_lost(const struct remote_pool *p);

/* Templates made so far; P may be NULL. */
unsigned remote_pool_templates(const struct remote_pool *p);

#endif
