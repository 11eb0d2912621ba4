/* Shared by the files of the fleet, and private to them. */
#ifndef FLEET_PARTS_H
#define FLEET_PARTS_H

#include "cgroups/group.h"
#include "runtime/broker/maker.h"
#include "runtime/broker/template.h"
#include "runtime/fleet/fleet.h"
#include "runtime/host/resolve.h"
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

/* A group without a box, for reuse. */
struct fleet_group {
    struct group group;
    struct group_limits limits;
    struct fleet_group *next;
};

/* A box between its order and its start (.ready: it waits for a run), or between its Exit or
 * loss and its end. */
struct fleet_box {
    struct box *box;
    bool ready;
    bool spoke;     /* its wire was readable before its template reported its birth */
    bool spoiled;   /* lost: its group is not reused */
    uint64_t since; /* box_now() when it began to exit */
    unsigned at;    /* in this pass of the loop: 1 + the index of its descriptor; 0: none */
    struct fleet_box *next;
};

struct slot;

struct fleet_bundle {
    struct fleet *fleet;
    struct fleet_bundle *next;
    char *path;
    /* Named by the command line, or the same bytes as one that is: its grants apply. */
    bool named;
    struct bundle *bundle;
    struct manifest *manifest;
    struct site site;
    struct plan *plan;
    struct fleet_plan plans[FLEET_PLANS];
    unsigned newest; /* of .plans, a ring: the next entry to fill */

    struct template *template;
    unsigned templates;        /* made so far */
    struct fleet_box *boxes;   /* oldest first */
    struct fleet_box *exiting; /* said Exit or were lost, and have not ended; oldest first */
    unsigned exiting_count;
    bool awaits_group; /* an order waits for the group of one of them */
    struct fleet_group *groups;
    unsigned at;             /* the template's, as in struct fleet_box */
    unsigned ordered, ready; /* of .boxes */
    unsigned pending;        /* runs waiting for a box */
    unsigned runs;           /* under way, pending ones included */
    unsigned peak;           /* the highest .runs so far; pool_shed() resets it */
    unsigned lost;           /* boxes so far that died before their start */
    uint64_t pause;          /* box_now() before which no box is made in advance */
    uint64_t rests_until;    /* box_now() until which its results rest if others run */
    struct slot *turn;       /* whose result is checked next; NULL: none waits */
    /* Its directory has changed, or it is no longer requested: free it with its last run. */
    bool retired;
    bool shed; /* discard its waiting boxes: others need the room */
};

struct slot {
    struct fleet_run *run; /* NULL: free */
    struct box *box;       /* NULL: the run waits for one */
    struct watch watch;
    struct str line; /* the start line, until the box has read it */
    unsigned tries;  /* lost boxes that count against it */
    unsigned spared; /* losses that do not, as another box was on its way to it */
    uint64_t turn;   /* sequence number of the run */
    unsigned at;     /* in this pass of the loop: 1 + the index of its first descriptor; 0: none */
};

struct fleet {
    struct fleet_options options;
    struct fleet_bundle *bundles;
    struct slot *slots;
    unsigned used;  /* slots in use */
    uint64_t turns; /* runs so far */
    struct pollfd *polls;
    unsigned poll_room;
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

/* fleet.c: start the run in S, which has its box. 0, or -1 and *WHY. */
int fleet_begin(struct slot *s, struct fault *why);

/* fleet.c: end the run in S; CLEAN: its box left its group empty and reusable. The slot is free
 * before the run's done() is called, which may start the next. fleet_fail(): the same, for a run
 * that *WHY kept from beginning. */
void fleet_finish(struct fleet *f, struct slot *s, bool clean);
void fleet_fail(struct fleet *f, struct slot *s, const struct fault *why);

/* fleet.c: start S in a waiting or a new box, or let it wait for an ordered one. 0, or -1 and
 * *WHY. */
int fleet_find_box(struct slot *s, struct fault *why);

/* again.c, after a pass. fleet_begun(): whether the box has read the start line, which is then
 * overwritten. fleet_again(): whether the box died by itself before that, so that nothing has
 * begun; the run then has another, waits for one, or is over. */
bool fleet_begun(struct slot *s);
bool fleet_again(struct fleet *f, struct slot *s);

/* again.c: a box of B was lost: pause before making a new one, unless a run waits for it. */
void fleet_lost(struct fleet_bundle *b);

/* again.c: start S in the first of B's waiting boxes that is alive. 1; 0: there is none; -1 and
 * *WHY. */
int fleet_begin_waiting(struct slot *s, struct fault *why);

/* bundles.c */
void fleet_bundle_free(struct fleet_bundle *b);
void fleet_plan_use(struct fleet_bundle *b, const struct plan *p, int by); /* BY: +1 or -1 */

/* pool.c: waiting boxes. */

/* Take a ready box for plan P, which pool_serves() accepts; NULL: there is none. */
struct box *pool_take(struct fleet_bundle *b, const struct plan *p);

/* Whether boxes with plan P can come from the pool at all. */
bool pool_serves(const struct fleet_bundle *b, const struct plan *p);

/* Order one more box; or none while pool_waits(): for the groups of exiting boxes, if they are
 * many, or for a template that owes many messages. 0, or -1 and *WHY. */
int pool_order(struct fleet_bundle *b, struct fault *why);
bool pool_waits(const struct fleet_bundle *b);

/* Discard the ready boxes; others are made when runs want them. */
void pool_shed(struct fleet_bundle *b);

/* Number of boxes that are ready, or forked and about to be. */
unsigned pool_coming(const struct fleet_bundle *b);

/* Write what to poll for to P, whose index among all is AT. Returns the number of entries. */
unsigned pool_ask(struct fleet_bundle *b, struct pollfd *p, unsigned at);

/* Serve what poll(2) reported; ALL: the array that AT counts in. 0, or -1 and *WHY: an order has
 * failed; its box is discarded, and so is the template if that failed. */
int pool_serve(struct fleet_bundle *b, const struct pollfd *all, struct fault *why);

/* exit.c: take back BOX, whose run is over. CLEAN: its group is reusable, and the box may exit
 * in the background; otherwise it is killed. */
void pool_return(struct fleet_bundle *b, struct box *box, bool clean);

/* exit.c: BOX, which had no run, has died or is to be killed. */
void pool_lose(struct fleet_bundle *b, struct box *box);

/* exit.c: delete the exiting boxes that have ended, and kill those that take too long. */
void pool_clear(struct fleet_bundle *b);

/* exit.c: kill and delete all exiting boxes. */
void pool_clear_all(struct fleet_bundle *b);

/* Kill the waiting boxes, remove the groups, end the template. */
void pool_close(struct fleet_bundle *b);

#endif
