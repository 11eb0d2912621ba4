/* Shared by the files of the fleet, and private to them. */
#ifndef FLEET_PARTS_H
#define FLEET_PARTS_H

#include "runtime/fleet/fleet.h"
#include "runtime/host/resolve.h"
#include "runtime/monitor/remote_pool.h"
#include "runtime/monitor/watch.h"

#define FLEET_PLANS 64 /* plans for jobs' own limits kept per bundle */
#define FLEET_TRIES 3  /* lost boxes after which a run that has not begun fails */
#define FLEET_SPARED \
    30 /* losses after which a run fails though a box was on its way at each: those die, too */

struct fleet_plan {
    struct limits limits;
    struct plan *plan;
    unsigned used; /* runs under way */
};

/* A box between its order and its start (.ready: it waits for a run). */
struct fleet_box {
    struct box *box;
    bool ready;
    struct fleet_box *next;
};

/* The socket of a broker whose bundle is gone: it kills and removes what it made, and exits. */
struct fleet_leaving {
    int socket;
    struct fleet_leaving *next;
};

struct slot;

struct fleet_bundle {
    struct fleet *fleet;
    struct fleet_bundle *next;
    char *path;
    int index;  /* in the command line, or FLEET_JOB */
    bool named; /* by it, or the same bytes as one that is: its grants apply */
    struct bundle *bundle;
    struct manifest *manifest;
    struct host host;
    struct policy_grants policy;
    struct plan *plan;
    struct fleet_plan plans[FLEET_PLANS];
    unsigned newest; /* of .plans, a ring: the next entry to fill */

    struct remote_pool *pool; /* its boxes; NULL: it has no broker yet, or that has ended */
    unsigned templates;       /* made so far by brokers that have ended */
    struct fleet_box *boxes;  /* oldest first */
    unsigned at;              /* in this pass of the loop: 1 + the index of its pool; 0: none */
    unsigned ordered, ready;  /* of .boxes */
    bool failed;              /* some of them could not be made, for .why: not counted yet */
    struct fault why;
    unsigned pending;     /* runs waiting for a box */
    unsigned runs;        /* under way, pending ones included */
    unsigned peak;        /* the highest .runs so far; pool_shed() resets it */
    unsigned lost;        /* boxes so far that died before their start */
    uint64_t pause;       /* box_now() before which no box is made in advance */
    uint64_t rests_until; /* box_now() until which its results rest if others run */
    struct slot *turn;    /* whose result is checked next; NULL: none waits */
    /* Its directory has changed, or it is no longer requested: free it with its last run. */
    bool retired;
    bool shed; /* discard its waiting boxes: others need the room */
};

struct slot {
    struct fleet_run *run; /* NULL: free */
    struct box *box;       /* NULL: the run waits for one */
    struct box *coming;    /* ... for this one: a cold one, or one whose limits are being lowered */
    struct watch watch;
    struct str line; /* the start line, until the box has read it */
    unsigned tries;  /* lost boxes that count against it */
    unsigned spared; /* losses that do not, as another box was on its way to it */
    uint64_t turn;   /* sequence number of the run */
    unsigned at;     /* in this pass of the loop: 1 + the index of its first descriptor; 0: none */
    bool failed;     /* it has its report: fleet_end_failed() ends it */
};

struct fleet {
    struct fleet_options options;
    struct fleet_bundle *bundles;
    struct slot *slots;
    unsigned used;  /* slots in use */
    bool failed;    /* some are .failed */
    uint64_t turns; /* runs so far */
    struct pollfd *polls;
    unsigned poll_room;
    struct fleet_leaving *leaving;
    uint64_t left;            /* box_now() when the last of them was gone */
    struct fleet_share share; /* of runs without their own */
    uint64_t passes;
    unsigned first;  /* index in .slots at which the next pass begins */
    bool hurry;      /* runs wait for the next pass, which follows immediately */
    uint64_t polled; /* box_now() when poll(2) returned */
    uint64_t mark;   /* ... or at the latest fleet_clocks() since */
};

/* loop.c: exclude the time since the last call from the wall time of every run but OF (NULL: of
 * every run) that the next poll(2) finds ready: it may have waited for the loop. */
void fleet_clocks(struct fleet *f, const struct slot *of);

/* fleet.c: start the run in S, which has its box. fleet_start_in(): in BOX, which is ready; lowering
 * its limits first may take a while. 0, or -1 and *WHY. */
int fleet_begin(struct slot *s, struct fault *why);
int fleet_start_in(struct slot *s, struct box *box, struct fault *why);

/* fleet.c: end the run in S. The slot is free before the run's done() is called, which may start the
 * next. fleet_fail(): the same, for a run that *WHY kept from beginning. */
void fleet_finish(struct fleet *f, struct slot *s);
void fleet_fail(struct fleet *f, struct slot *s, const struct fault *why);

/* fleet.c: the same, after the messages that are being taken. */
void fleet_fail_later(struct slot *s, const struct fault *why);
void fleet_end_failed(struct fleet *f);

/* fleet.c: start S in a waiting box, or let it wait for one that is ordered. 0, or -1 and *WHY. */
int fleet_find_box(struct slot *s, struct fault *why);

/* again.c, after a pass. fleet_begun(): whether the box has read the start line, which is then
 * overwritten. fleet_again(): whether the box died by itself before that, so that nothing has
 * begun; the run then has another, waits for one, or is over. */
bool fleet_begun(struct slot *s);
bool fleet_again(struct fleet *f, struct slot *s);

/* again.c: a box of B was lost: pause before making a new one, unless a run waits for it. */
void fleet_lost(struct fleet_bundle *b);

/* again.c: start S in the first of B's waiting boxes that is alive. 1 (or it is .coming); 0: there is
 * none; -1 and *WHY. */
int fleet_begin_waiting(struct slot *s, struct fault *why);

/* bundles.c */
void fleet_bundle_free(struct fleet_bundle *b);
void fleet_plan_use(struct fleet_bundle *b, const struct plan *p, int by); /* BY: +1 or -1 */
const struct limits *fleet_plan_limits(const struct fleet_bundle *b,
                                       const struct plan *p); /* NULL: the bundle's own */

/* makers.c: the broker of each bundle. */

/* Have B's broker made, and take the bundle that it reads. 0, or -1 and *WHY. */
int makers_order(struct fleet_bundle *b, struct bundle **bundle, struct fault *why);

/* Have it made again, if it has ended. 0, or -1 and *WHY. */
int makers_open(struct fleet_bundle *b, struct fault *why);

/* Delete B's boxes that wait, and let its broker end. */
void makers_close(struct fleet_bundle *b);

/* Write the brokers that leave to P, to poll for their ends; the number of entries. makers_reap():
 * forget those that have ended. makers_forget(): all. */
unsigned makers_ask(const struct fleet *f, struct pollfd *p);
void makers_reap(struct fleet *f);
void makers_forget(struct fleet *f);

/* pool.c: waiting boxes. */

/* Take a ready box; NULL: there is none. */
struct box *pool_take(struct fleet_bundle *b);

/* Whether boxes with plan P can come from the pool at all. */
bool pool_serves(const struct fleet_bundle *b, const struct plan *p);

/* Order one more box; or one for S alone, .coming. 0, or -1 and *WHY. */
int pool_order_cold(struct slot *s, struct fault *why);
int pool_order(struct fleet_bundle *b, struct fault *why);

/* Discard the ready boxes; others are made when runs want them. */
void pool_shed(struct fleet_bundle *b);

/* What B's broker reports of its boxes. */
extern const struct remote_pool_events fleet_events;

#endif
