/* Many runs in one process: bundles that are read and planned once, boxes that are forked from a confined
 * template and wait (or are made anew for each run), and one poll loop over all of them. Each run is one
 * fresh process; runbox-serve(1) says what two of them share. */
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
struct fleet_bundle;

/* Boxes of a bundle that may be on their way out before an order waits for one of their groups. */
#define FLEET_EXITING 2

/* What one share has of a pass of a loop, in ns: beyond, what else there is for it waits for the next. */
#define FLEET_TURN 20000000u

struct fleet_options {
    unsigned slots; /* runs at once, at most */
    unsigned warm;  /* boxes of a bundle that wait for their start line */
    bool sparing;   /* ... and no more than the bundle has run at once */
    bool fresh;     /* no templates: namespaces of its own for each run */
    bool fair;      /* results that take long to check wait for their turn (runbox-serve(1)) */
    const struct grants *grants; /* what the command line allows; must outlive the fleet */
    const char *cgroup_parent;   /* as in site_open() */
};

/* Somebody for whom the loop works: where that took long in a pass, the rest waits for the next, and whose results take
 * long to check rests where others' runs are there. Zero-initialised. */
struct fleet_share {
    uint64_t pass, worked; /* ns in that pass of the loop */
    uint64_t rests_until;  /* box_now() */
};

struct fleet_run {
    struct fleet_bundle *bundle;
    const struct plan *plan; /* fleet_plan()'s for this bundle; NULL: the bundle's own */
    struct start start;      /* its values: start_free() stays the owner's, after fleet_start() */
    struct caller *caller;
    struct meter work;    /* what the bundle has cost for it */
    struct report report; /* filled when it has ended */
    int lack; /* errno: it had no box, for want of what the end of others may give back; or 0 */
    /* The run is over, .report is whole, its box is gone: tell the caller (kind->end()) and free what is
     * yours. It may start the next run. */
    void (*done)(struct fleet_run *r);
    void (*begun)(struct fleet_run *r); /* its box has read the start line; may be NULL */
    void *owner;
    struct fleet_share *share; /* whose it is; NULL: all such runs are one's */
    unsigned slot;             /* the fleet's, while it is under way */
};

/* Steps that checking what was given to R has taken. */
uint64_t fleet_checked(const struct fleet_run *r);

/* Until when, box_now(), whoever has cost so many STEPS rests where others wait; 0: they are few. */
uint64_t fleet_rest(uint64_t steps);

/* 0, or -1 and *WHY. */
int fleet_open(struct fleet **f, const struct fleet_options *o, struct fault *why);
void fleet_close(struct fleet *f); /* kills what still runs; NULL is fine */

/* Who names a bundle: the command line, whose grants it then has, or a job, which brings none. */
enum fleet_namer { FLEET_COMMAND, FLEET_JOB };

/* The bundle in directory PATH, read, checked and planned; the same one again for a path that was given
 * before. One that a job names has the policy's grants alone, unless its digest is that of a bundle which
 * the command named. The fleet's to free. 0, or -1 and *WHY (INVALID, REFUSED, SETUP), all in *FOUND where
 * the manifest has several faults (findings_free() it; may be NULL). */
int fleet_bundle(struct fleet *f, const char *path, enum fleet_namer by, struct fleet_bundle **b,
                 struct findings *found, struct fault *why);
/* Of the bundles that no run uses let the least recently asked for go, with their boxes, until at most KEEP are left;
 * KEPT (or NULL) stays. Pointers to others are good no longer. */
void fleet_spare(struct fleet *f, unsigned keep, const struct fleet_bundle *kept);

/* The errno of WHY, if it is the want of something that the end of others may give back: processes, memory,
 * descriptors. 0: it is not. */
int fleet_lack(const struct fault *why);

/* For a run of B that could not begin for a fleet_lack(): how many runs are under way and boxes are exiting, which will
 * end, and how many processes only wait, which are let go: other bundles' boxes, and templates but that of KEPT (or
 * NULL). 0: none of the fleet's is in its way. */
unsigned fleet_make_room(struct fleet *f, const struct fleet_bundle *b,
                         const struct fleet_bundle *kept);

/* Read *B's directory again. 1: it has changed, *B is the new one, the old one lives on until its last run has
 * ended; 0: it is the same; -1 and *WHY: it cannot be used, and *B stays. */
int fleet_renew(struct fleet_bundle **b, struct findings *found, struct fault *why);
const struct manifest *fleet_manifest(const struct fleet_bundle *b);
const char *fleet_digest(const struct fleet_bundle *b);
const struct plan *fleet_bundle_plan(const struct fleet_bundle *b);
unsigned fleet_waiting(const struct fleet_bundle *b); /* boxes that wait for a start line */

/* Order B's waiting boxes before anybody wants one; otherwise its first run does. 0, or -1 and *WHY. */
int fleet_warm(struct fleet_bundle *b, struct fault *why);
bool fleet_is_warm(
    const struct fleet_bundle *b); /* some wait or are on their way, or none is wanted */
unsigned
fleet_templates(const struct fleet_bundle *b); /* made so far: one, and one for each that died */

/* Boxes so far that died before they had read a start line. */
unsigned fleet_boxes_lost(const struct fleet_bundle *b);

/* The plan of B with LIMITS (LIMIT_NONE: the bundle's) in place of its own, as -l would. *P stays good while a run
 * with it is under way; before its fleet_start(), for the next 63 calls for this bundle. 0, or -1 and *WHY, of
 * EBUSY where it may be had once a run has ended. */
int fleet_plan(struct fleet_bundle *b, const struct limits *limits, const struct plan **p,
               struct fault *why);

/* Start R: the options and the argument are checked against the manifest (INVALID), a box is taken or made
 * (SETUP). R must stand until its done() was called. 0; or -1 and *WHY, and done() is never called. */
int fleet_start(struct fleet *f, struct fleet_run *r, struct fault *why);

/* End R's run as "cancelled", with MESSAGE; done() follows from fleet_poll(). */
void fleet_cancel(struct fleet *f, struct fleet_run *r, int signo, const char *message);

unsigned fleet_running(const struct fleet *f);

/* Bytes that are kept for R, which is under way: of its start line, and on their way to its box. */
size_t fleet_holds(const struct fleet *f, const struct fleet_run *r);

/* Wait until one of the N descriptors in OWN is ready (.revents as poll(2)), something of the fleet was
 * served, or TIMEOUT_MS has passed (-1: never), serving all that is ready. 0, or -1 and *WHY. */
int fleet_poll(struct fleet *f, struct pollfd *own, unsigned n, int timeout_ms, struct fault *why);

#endif
