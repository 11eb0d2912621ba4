/* Many runs of one bundle in one loop, by its monitor (desk.h): the bundle is read and planned once;
 * boxes are forked in advance from a confined template, or made for each run, by its broker. Each run
 * is a fresh process; runbox-serve(1) says what two of them share. */
#ifndef FLEET_FLEET_H
#define FLEET_FLEET_H

#include <poll.h>
#include <stdbool.h>

#include "bundles/bundle.h"
#include "runtime/caller/caller.h"
#include "runtime/plan/plan.h"
#include "runtime/wire/caller.h"
#include "schemas/manifest.h"
#include "schemas/report.h"

struct findings;
struct fleet;

/* ns of one loop pass that a share may use: its remaining work waits for the next pass. */
#define FLEET_TURN 20000000u

struct fleet_options {
    unsigned slots; /* concurrent runs, at most */
    unsigned warm;  /* boxes kept waiting for a start line */
    bool sparing;   /* ... but no more than the peak of concurrent runs */
    bool fresh;     /* no templates: each run gets its own namespaces */
    bool fair;      /* results that take long to check wait for their turn (runbox-serve(1)) */
    const struct grants *grants; /* what the command line allows; must outlive the fleet */
};

/* A party that the loop works for, such as a user: if its work in a pass takes long, the rest
 * waits for the next pass; if its results take long to check, it rests while others have runs.
 * Zero-initialised. */
struct fleet_share {
    uint64_t pass, worked; /* .worked: ns spent on it in loop pass .pass */
    uint64_t rests_until;  /* box_now() */
    bool others;           /* there are others, whom this fleet does not know of */
};

struct fleet_run {
    const struct export *export; /* of the bundle's manifest */
    const struct plan *plan;     /* from fleet_plan(); NULL: the bundle's own */
    struct start start;          /* its values; the owner calls start_free() after fleet_start() */
    struct caller *caller;
    struct meter work;    /* steps that checks have cost for it */
    struct report report; /* complete when the run has ended */
    int lack;             /* errno: no box, for lack of what the end of others may free; or 0 */
    bool again;           /* no box, since the bundle's broker has ended: nothing has begun */
    /* The run is over, .report is complete, the box is released: tell the caller (kind->end())
     * and free your own data. May start the next run. */
    void (*done)(struct fleet_run *r);
    void (*begun)(struct fleet_run *r); /* the box has read the start line; may be NULL */
    void *owner;
    bool keys;                 /* set by the fleet: with the stored keys that its plan grants */
    struct fleet_share *share; /* whose run it is; NULL: a share common to all such runs */
    unsigned slot;             /* set by the fleet while the run is under way */
};

/* Return the steps that checking R's options and argument has taken. */
uint64_t fleet_checked(const struct fleet *f, const struct fleet_run *r);

/* Until when (box_now()) a party whose check took STEPS rests while others wait; 0: too few
 * STEPS. */
uint64_t fleet_rest(uint64_t steps);

/* The most boxes at once, for struct front. */
unsigned fleet_most(const struct fleet_options *o);

/* 0, or -1 and *WHY. */
int fleet_open(struct fleet **f, const struct fleet_options *o, struct fault *why);
void fleet_close(struct fleet *f); /* kills runs under way; NULL is fine */

/* Take the bundle that its broker, at SOCKET, has read from PATH; check and plan it. 0, or -1 and *WHY
 * (INVALID, REFUSED, SETUP); if the manifest has several faults, all are in *FOUND, the caller's. */
int fleet_load(struct fleet *f, const char *path, int socket, struct findings *found,
               struct fault *why);
const struct manifest *fleet_manifest(const struct fleet *f);
const char *fleet_digest(const struct fleet *f);
const struct plan *fleet_bundle_plan(const struct fleet *f);
unsigned fleet_waiting(const struct fleet *f); /* boxes waiting for a start line */

/* The bundle's broker has ended: nothing more can begin. */
bool fleet_is_lost(const struct fleet *f);

/* Order waiting boxes in advance; otherwise the first run does. 0, or -1 and *WHY. fleet_is_warm():
 * whether some wait or are ordered, or none is wanted. fleet_shed(): discard those that wait, unless a
 * run waits for one. */
int fleet_warm(struct fleet *f, struct fault *why);
bool fleet_is_warm(const struct fleet *f);
void fleet_shed(struct fleet *f);

/* Templates made so far: one, and one for each that died. */
unsigned fleet_templates(const struct fleet *f);

/* Boxes so far that died before they read a start line. */
unsigned fleet_boxes_lost(const struct fleet *f);

/* The plan with E's limits, and with LIMITS (LIMIT_NONE: those) in place of its own, as with -l. *P stays valid
 * while a run with it is under way; before its fleet_start(), for the next 63 calls. 0, or -1 and *WHY,
 * with EBUSY if it may succeed once a run has ended. */
int fleet_plan(struct fleet *f, const struct limits *limits, const struct export *e,
               const struct plan **p, struct fault *why);

/* Start R: check the options and the argument against the manifest (INVALID), take or make a box
 * (SETUP). R must stay valid until its done() is called. 0; or -1 and *WHY, and done() is never
 * called. */
int fleet_start(struct fleet *f, struct fleet_run *r, struct fault *why);

/* Serve R's caller, which has said something. */
void fleet_hear(struct fleet *f, const struct fleet_run *r);

/* End R's run as "invalid", with MESSAGE: its caller broke the wire's rules. */
void fleet_refuse(struct fleet *f, struct fleet_run *r, const char *message);

/* End R's run as "cancelled", with MESSAGE. done() is called immediately if R has no box yet,
 * else from fleet_poll(). */
void fleet_cancel(struct fleet *f, struct fleet_run *r, int signo, const char *message);

unsigned fleet_running(const struct fleet *f);

/* Wait until one of the N descriptors in OWN is ready (.revents as in poll(2)), something of the
 * fleet was served, or TIMEOUT_MS has passed (-1: never); serve all that is ready. 0, or -1 and
 * *WHY. */
int fleet_poll(struct fleet *f, struct pollfd *own, unsigned n, int timeout_ms, struct fault *why);

/* Send what was ordered since, which else waits for the next fleet_poll(). */
void fleet_send(struct fleet *f);

/* Tell (.begun) of which runs the boxes have read the start lines since, as fleet_poll() does. */
void fleet_look(struct fleet *f);

#endif
