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
    struct limits limits; /* a job's */
    struct limits lower;  /* an export's, which this process alone holds */
    struct plan *plan;
    unsigned used; /* runs under way */
};

/* A box between its order and its start (.ready: it waits for a run). */
struct fleet_box {
    struct box *box;
    bool ready;
    struct fleet_box *next;
};

struct slot;

struct fleet_bundle {
    char *path;
    bool named; /* by the command: its grants apply */
    struct bundle *bundle;
    struct manifest *manifest;
    struct host host;
    struct policy_grants policy;
    struct plan *plan;
    struct fleet_plan plans[FLEET_PLANS];
    unsigned newest; /* of .plans, a ring: the next entry to fill */

    struct remote_pool *pool; /* its boxes */
    struct fleet_box *boxes;  /* oldest first */
    unsigned at;              /* in this pass of the loop: 1 + the index of .pool; 0: none */
    unsigned ordered, ready;  /* of .boxes */
    bool failed;              /* some of them could not be made, for .why: not counted yet */
    struct fault why;
    unsigned pending;  /* runs waiting for a box */
    unsigned peak;     /* the highest number of runs so far; fleet_shed() resets it */
    unsigned lost;     /* boxes so far that died before their start */
    uint64_t pause;    /* box_now() before which no box is made in advance */
    struct slot *turn; /* whose result is checked next; NULL: none waits */
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
    struct fleet_bundle bundle;
    struct slot *slots;
    unsigned used;  /* slots in use */
    bool failed;    /* some are .failed */
    uint64_t turns; /* runs so far */
    struct pollfd *polls;
    unsigned poll_room;
    struct fleet_share share; /* of runs without their own */
    uint64_t passes;
    unsigned first;  /* index in .slots at which the next pass begins */
    bool hurry;      /* runs wait for the next pass, which follows immediately */
    uint64_t begun;  /* box_now() when a run was begun last */
    uint64_t polled; /* box_now() when poll(2) returned */
    uint64_t mark;   /* ... or at the latest fleet_clocks() since */
};

/* loop.c: exclude the time since the last call from the wall time of every run but OF (NULL: of
 * every run) that the next poll(2) finds ready: it may have waited for the loop. */
void fleet_clocks(struct fleet *f, const struct slot *of);

/* loop.c: order boxes in advance, which is sent with the next order, or in the next pass. False: it is to
 * be tried again. */
bool fleet_order_ahead(struct fleet *f);

/* fleet.c: start the run in S, which has its box. fleet_start_in(): in BOX, which is ready; lowering
 * its limits first may take a while. 0, or -1 and *WHY. */
int fleet_begin(struct fleet *f, struct slot *s, struct fault *why);
int fleet_start_in(struct fleet *f, struct slot *s, struct box *box, struct fault *why);

/* fleet.c: end the run in S. The slot is free before the run's done() is called, which may start the
 * next. fleet_fail(): the same, for a run that *WHY kept from beginning. */
void fleet_finish(struct fleet *f, struct slot *s);
void fleet_fail(struct fleet *f, struct slot *s, const struct fault *why);

/* fleet.c: the same, after the messages that are being taken. */
void fleet_fail_later(struct fleet *f, struct slot *s, const struct fault *why);
void fleet_end_failed(struct fleet *f);

/* fleet.c: start S in a waiting box, or let it wait for one that is ordered. 0, or -1 and *WHY. */
int fleet_find_box(struct fleet *f, struct slot *s, struct fault *why);

/* again.c, after a pass. fleet_begun(): whether the box has read the start line, which is then
 * overwritten. fleet_again(): whether the box died by itself before that, so that nothing has
 * begun; the run then has another, waits for one, or is over. */
bool fleet_begun(struct slot *s);
bool fleet_again(struct fleet *f, struct slot *s);

/* again.c: a box was lost: pause before making a new one, unless a run waits for it. */
void fleet_lost(struct fleet *f);

/* again.c: start S in the first of the waiting boxes that is alive. 1 (or it is .coming); 0: there is
 * none; -1 and *WHY. */
int fleet_begin_waiting(struct fleet *f, struct slot *s, struct fault *why);

/* bundle.c */
void fleet_bundle_close(struct fleet *f);
void fleet_plan_use(struct fleet *f, const struct plan *p, int by); /* BY: +1 or -1 */
const struct limits *
fleet_plan_limits(const struct fleet *f,
                  const struct plan *p); /* the broker's; NULL: the bundle's own */

/* pool.c: waiting boxes. */

/* Take a ready box; NULL: there is none. */
struct box *pool_take(struct fleet *f);

/* Whether boxes with plan P can come from the pool at all. */
bool pool_serves(const struct fleet *f, const struct plan *p);

/* Order one more box; or one for S alone, .coming. 0, or -1 and *WHY. */
int pool_order_cold(struct fleet *f, struct slot *s, struct fault *why);
int pool_order(struct fleet *f, struct fault *why);

/* Delete all boxes that wait or are ordered. */
void pool_clear_all(struct fleet *f);

/* What the broker reports of the boxes. */
extern const struct remote_pool_events fleet_events;

#endif
