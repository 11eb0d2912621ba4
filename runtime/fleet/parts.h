/* What the files of the fleet share, and nobody else sees. */
#ifndef FLEET_PARTS_H
#define FLEET_PARTS_H

#include "cgroups/group.h"
#include "runtime/broker/maker.h"
#include "runtime/broker/template.h"
#include "runtime/fleet/fleet.h"
#include "runtime/host/resolve.h"
#include "runtime/monitor/watch.h"

#define FLEET_PLANS 64 /* plans of jobs' own limits that a bundle keeps */
#define FLEET_TRIES 3  /* boxes that a run may lose before it has begun */
#define FLEET_SPARED \
    30 /* losses after which it has lost one, though a box was on its way at each: those die, too */

struct fleet_plan {
    struct limits limits;
    struct plan *plan;
    unsigned used; /* runs under way */
};

/* A group that no box is in. */
struct fleet_group {
    struct group group;
    struct group_limits limits;
    struct fleet_group *next;
};

/* A box from its order to its start (.ready: it waits for a run), or from its Exit or its loss to its end. */
struct fleet_box {
    struct box *box;
    bool ready;
    bool spoke;     /* before its template told of its birth */
    bool spoiled;   /* lost: its group is not used again */
    uint64_t since; /* box_now() of its Exit */
    unsigned at;    /* in this pass of the loop: 1 + its descriptor's place; 0: none */
    struct fleet_box *next;
};

struct slot;

struct fleet_bundle {
    struct fleet *fleet;
    struct fleet_bundle *next;
    char *path;
    bool
        named; /* by the command line, or the very bytes that it named: its grants are for this one */
    struct bundle *bundle;
    struct manifest *manifest;
    struct site site;
    struct plan *plan;
    struct fleet_plan plans[FLEET_PLANS];
    unsigned newest; /* of .plans: the ring's place for the next */

    struct template *template;
    unsigned templates;        /* made so far */
    struct fleet_box *boxes;   /* the oldest first */
    struct fleet_box *exiting; /* said Exit and have not ended yet; the oldest first */
    unsigned exiting_count;
    bool awaits_group; /* an order waits for a group that one of them has */
    struct fleet_group *groups;
    unsigned at;             /* of the template: as a box's */
    unsigned ordered, ready; /* of .boxes */
    unsigned pending;        /* runs that wait for a box */
    unsigned runs;           /* under way, pending ones included */
    unsigned peak;           /* the most there were of them */
    unsigned lost;           /* boxes so far that died before they were started */
    uint64_t pause;          /* box_now(): none is made anew for later before */
    uint64_t rests_until;    /* box_now(): its results took long to check, and others run */
    struct slot *turn;       /* whose result is the next of those to be checked; NULL: none waits */
    bool retired; /* its directory has changed, or nobody asks for it: free it with its last run */
    bool shed;    /* its waiting boxes are in others' way: let them go */
};

struct slot {
    struct fleet_run *run; /* NULL: free */
    struct box *box;       /* NULL: waits for one */
    struct watch watch;
    struct str line; /* the start line, until the box has read it */
    unsigned tries;  /* boxes that were lost before */
    unsigned spared; /* losses of others, while a box was on its way to it */
    uint64_t turn;   /* its number among all runs */
    unsigned at;     /* in this pass of the loop: 1 + where its descriptors begin; 0: nowhere yet */
};

struct fleet {
    struct fleet_options options;
    struct fleet_bundle *bundles;
    struct slot *slots;
    unsigned used;  /* slots */
    uint64_t turns; /* runs so far */
    struct pollfd *polls;
    unsigned poll_room;
    struct fleet_share share; /* of runs that have none */
    uint64_t passes;
    unsigned first;  /* of .slots: with which the next pass begins */
    bool hurry;      /* some wait for the next pass, which comes at once */
    uint64_t polled; /* box_now() when poll(2) returned */
    uint64_t mark;   /* ... or at the last fleet_clocks() since */
};

/* loop.c: what the loop has done since the last call is no wall time of any run but OF (NULL: of none), if the next poll(2)
 * finds that it has something to say: it may have waited for us. */
void fleet_clocks(struct fleet *f, const struct slot *of);

/* fleet.c: the run in S has its box: start it. 0, or -1 and *WHY. */
int fleet_begin(struct slot *s, struct fault *why);

/* fleet.c: the run in S is over; CLEAN: its box left its group empty and well. The slot is free before the run's
 * done() is called, which may start the next. fleet_fail(): for want of a box. */
void fleet_finish(struct fleet *f, struct slot *s, bool clean);
void fleet_fail(struct fleet *f, struct slot *s, const struct fault *why);

/* fleet.c: give S a box, where one is there or need not be waited for, and start it. 0, or -1 and *WHY. */
int fleet_find_box(struct slot *s, struct fault *why);

/* again.c: after a pass. Once its box has read the start line that is overwritten. True: the box has died before, of
 * itself, so that nothing has begun, and the run has another or waits for one, or is over. */
bool fleet_begun(struct slot *s);
bool fleet_again(struct fleet *f, struct slot *s);

/* again.c: a box of B was lost: a new one is not made at once unless a run waits for it. */
void fleet_lost(struct fleet_bundle *b);

/* again.c: start S in the first of B's waiting boxes that lives. 1, 0 where none is there, or -1 and *WHY. */
int fleet_begin_waiting(struct slot *s, struct fault *why);

/* bundles.c */
void fleet_bundle_free(struct fleet_bundle *b);
void fleet_plan_use(struct fleet_bundle *b, const struct plan *p, int by); /* +1, -1 */

/* pool.c: boxes that wait. */

/* One that is ready, with plan P, which pool_serves(); or NULL where there is none. */
struct box *pool_take(struct fleet_bundle *b, const struct plan *p);

/* Whether boxes of P can come from the pool at all. */
bool pool_serves(const struct fleet_bundle *b, const struct plan *p);

/* Order one more; or wait, where many are exiting, for their groups, or for a template that owes a lot: pool_waits().
 * 0, or -1 and *WHY. */
int pool_order(struct fleet_bundle *b, struct fault *why);
bool pool_waits(const struct fleet_bundle *b);

/* Let those go that are ready; others are made when runs want them. */
void pool_shed(struct fleet_bundle *b);

/* Boxes that are there: ready, or forked and about to be. */
unsigned pool_coming(const struct fleet_bundle *b);

/* What to poll for, from P on; AT: its place among all. How many. */
unsigned pool_ask(struct fleet_bundle *b, struct pollfd *p, unsigned at);

/* Serve what came, ALL being where the places of pool_ask() count from. -1 and *WHY: what was ordered has failed; it
 * is gone, and the template where that is why. */
int pool_serve(struct fleet_bundle *b, const struct pollfd *all, struct fault *why);

/* exit.c: the run of BOX is over, CLEAN where it leaves its group well: such a box is not waited for, another is
 * killed. */
void pool_return(struct fleet_bundle *b, struct box *box, bool clean);

/* exit.c: BOX, which no run has had, has died or is to. */
void pool_lose(struct fleet_bundle *b, struct box *box);

/* exit.c: of the boxes that are exiting, delete those that have ended, and kill those that do not. */
void pool_clear(struct fleet_bundle *b);

/* exit.c: kill and delete them all. */
void pool_clear_all(struct fleet_bundle *b);

/* Kill what waits, remove the groups, end the template. */
void pool_close(struct fleet_bundle *b);

#endif
