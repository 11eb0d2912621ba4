/* Internal to broker/: many boxes of one bundle, for a fleet (runtime/fleet/). Warm ones are forked by
 * a template, in groups that boxes before them have left; cold ones are made one by one. The
 * monitor numbers them. What takes long here holds up boxes of this bundle alone. */
#ifndef BROKER_POOL_H
#define BROKER_POOL_H

#include <poll.h>

#include "runtime/broker/orders.h"
#include "runtime/broker/orders_parts.h"
#include "runtime/jail/box.h"
#include "runtime/jail/template.h"

#define POOL_YIELD 4000000ull /* ns of CPU time after which a run is a long one */
#define POOL_PLANS 64         /* plans for limits of single runs, kept for the next such run */

enum pooled_state {
    POOLED_NONE,    /* the number is free */
    POOLED_WAITING, /* to be forked, once there is a group and the template takes orders */
    POOLED_MAKING,  /* the template was told to */
    POOLED_READY,   /* the monitor has its wire */
    POOLED_STARTED, /* ... and sends the start line */
    POOLED_EXITING  /* it has sent its Exit, and is too old to be left to itself */
};

struct pool_plan {
    struct limits limits;
    struct plan *plan;
    unsigned used; /* boxes that have it */
    struct pool_plan *next;
};

struct pooled {
    enum pooled_state state;
    struct box *box;        /* NULL while it waits */
    struct pool_plan *plan; /* NULL: the pool's own */
    bool spoke;             /* its wire was readable before its template reported its birth */
    bool killed, refused;   /* ... which the kernel refused: the monitor knows */
    bool runs;              /* before its START */
    uint64_t due;           /* box_now() when it is killed; 0: never */
    uint64_t yields;        /* box_now() of the next look whether its run is a long one; 0: none */
    struct box_clock clock; /* when it was seen to have ended */
    unsigned at;            /* in this pass: 1 + the index of its first descriptor; 0: none */
};

/* A box whose number is free again, but whose process has not ended. */
struct pool_exiting {
    struct box *box;
    struct pool_plan *plan;
    uint64_t since;
    bool clean;  /* its group can be reused */
    bool killed; /* it took too long */
    struct pool_exiting *next;
};

struct pool_group { /* without a box */
    struct group group;
    struct group_limits limits;
    struct pool_group *next;
};

struct pool {
    struct orders *orders;
    struct order_box asked;
    struct pool_plan *plans;
    struct pooled *box; /* .count of them, by number */
    uint32_t count;
    struct template *template;
    uint32_t templates; /* made so far */
    bool full; /* ... takes no orders now: it is polled for room, or for messages that it owes */
    uint32_t losses; /* boxes, or templates with all their boxes, that could not be made */
    struct pool_exiting *exiting; /* oldest first */
    unsigned exiting_count;
    struct pool_group *groups;
    unsigned at;    /* the template's, as in struct pooled */
    uint64_t looks; /* box_now() of the next look at boxes that wait */
    struct pollfd *polls;
    uint64_t now;        /* box_now() before it */
    bool spare;          /* in this pass: boxes that are being made are not polled */
    bool over;           /* nothing more can be said to the monitor... */
    struct fault breach; /* ... for this; "": it has ended */
};

/* 0 and o->pool, or -1 and *WHY. ASKED: what the bundle's boxes are made from. */
int pool_open(struct orders *o, const struct order_box *asked, struct fault *why);
void pool_close(struct pool *p); /* kills all boxes; NULL is fine */

/* Serve the monitor at B->socket until it has ended. */
void pool_loop(struct broker *b);

/* The plan with LIMITS in place of the bundle's: *PLAN, or NULL for the pool's own. Returns as
 * asks_plan(). */
int pool_plan(struct pool *p, const struct limits *limits, struct pool_plan **plan,
              struct fault *why);

/* Write what to poll for, from P->polls[1] on; returns the end. *DUE is lowered to when the next
 * clock runs out. SAID: orders have just come, and more will: while boxes are ready, others that become
 * it wake nobody, and are looked at with those. pool_serve(): serve what poll(2) reported. */
unsigned pool_ask(struct pool *p, bool said, uint64_t *due);
void pool_serve(struct pool *p);

/* Kill the box of S for REASON. */
void pool_kill(struct pool *p, struct pooled *s, const char *reason);

/* That was refused, and the box is left to itself: S is free. */
void pool_give_up(struct pool *p, struct pooled *s);

/* The box with process PID has ended, says the log. */
void pool_audit_ended(const struct pool *p, int pid, int status);

/* The box of S is ready, and the monitor is told: 0, or -1 and *WHY, where the log could not be
 * written. pool_say_failed(): it cannot be made, and S is
 * free. pool_say_ended(): with STATUS and USED, its box is to be taken from S. */
int pool_say_ready(struct pool *p, struct pooled *s, struct fault *why);
void pool_say_failed(struct pool *p, struct pooled *s, const struct fault *why);
void pool_say_ended(struct pool *p, struct pooled *s, int status, const struct rusage *used,
                    bool detached);

/* The same as pool_say_failed(), as part of the last loss. */
void pool_say_lost(struct pool *p, struct pooled *s, const struct fault *why);

/* pool_fork.c. pool_fork_waiting(): fork what waits; a template may have died since its last message:
 * then all is made anew, once. pool_lose_template(): it has died, or does not answer: all boxes that
 * it forked end with it. pool_give_back(): delete BOX, killing it if it is alive; keep its group for
 * reuse if CLEAN. pool_clear(): delete the exiting boxes that have ended, and kill those that take too
 * long. */
void pool_fork_waiting(struct pool *p);
void pool_lose_template(struct pool *p, const struct fault *why);
void pool_give_back(struct pool *p, struct box *box, struct pool_plan *plan, bool clean);
void pool_clear(struct pool *p);

/* Let the box of S, whose run is over, exit in the background: S is free. */
void pool_detach(struct pool *p, struct pooled *s);

#endif
