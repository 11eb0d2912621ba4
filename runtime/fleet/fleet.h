/* Many runs in one loop: bundles read and planned once; boxes forked in advance from a confined
 * template, or made for each run, by a broker for each bundle. Each run is a fresh process;
 * runbox-serve(1) says what two of them share. */
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

/* ns of one loop pass that a share may use: its remaining work waits for the next pass. */
#define FLEET_TURN 20000000u

struct fleet_options {
    unsigned slots; /* concurrent runs, at most */
    unsigned warm;  /* boxes per bundle kept waiting for a start line */
    bool sparing;   /* ... but no more than the bundle's peak of concurrent runs */
    bool fresh;     /* no templates: each run gets its own namespaces */
    bool fair;      /* results that take long to check wait for their turn (runbox-serve(1)) */
    const struct grants *grants; /* what the command line allows; must outlive the fleet */
    struct remote *front;        /* this process's broker (runtime/broker/front.h) */
    int signals;                 /* once readable, no bundle's reading is waited for */
};

/* A party that the loop works for, such as a user: if its work in a pass takes long, the rest
 * waits for the next pass; if its results take long to check, it rests while others have runs.
 * Zero-initialised. */
struct fleet_share {
    uint64_t pass, worked; /* .worked: ns spent on it in loop pass .pass */
    uint64_t rests_until;  /* box_now() */
};

struct fleet_run {
    struct fleet_bundle *bundle;
    const struct plan *plan; /* from fleet_plan() for this bundle; NULL: the bundle's own */
    struct start start;      /* its values; the owner calls start_free() after fleet_start() */
    struct caller *caller;
    struct meter work;    /* steps that checks have cost for it */
    struct report report; /* complete when the run has ended */
    int lack;             /* errno: no box, for lack of what the end of others may free; or 0 */
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
uint64_t fleet_checked(const struct fleet_run *r);

/* Until when (box_now()) a party whose check took STEPS rests while others wait; 0: too few
 * STEPS. */
uint64_t fleet_rest(uint64_t steps);

/* The most boxes of one bundle at once, for struct front. */
unsigned fleet_most(const struct fleet_options *o);

/* 0, or -1 and *WHY. */
int fleet_open(struct fleet **f, const struct fleet_options *o, struct fault *why);
void fleet_close(struct fleet *f); /* kills runs under way; NULL is fine */

#define FLEET_JOB (-1) /* in place of an index: a job names the bundle */

/* Have the bundle in directory PATH read, check and plan it: bundle INDEX of the command line, or
 * FLEET_JOB; one that was given before is the same bundle again. One named by a job gets only the
 * policies' grants, unless its digest is that of a bundle named by the command. The fleet owns it. 0,
 * or -1 and *WHY (INVALID, REFUSED, SETUP); if the manifest has several faults, all are in *FOUND
 * (findings_free() it; may be NULL). */
int fleet_bundle(struct fleet *f, const char *path, int index, struct fleet_bundle **b,
                 struct findings *found, struct fault *why);
/* Discard unused bundles with their boxes, least recently requested first, until at most KEEP
 * bundles are left; KEPT (or NULL) stays. Pointers to other unused bundles become invalid. */
void fleet_spare(struct fleet *f, unsigned keep, const struct fleet_bundle *kept);

/* Return the errno of WHY if it is a lack of something that the end of others may free
 * (processes, memory, descriptors); else 0. */
int fleet_lack(const struct fault *why);

/* A run of B could not begin for a fleet_lack(): discard processes that only wait, namely other
 * bundles' boxes, and brokers with their templates but that of KEPT (or NULL). Returns their number
 * plus that of runs under way and of brokers that are ending; 0: nothing of the fleet's is in the
 * way. */
unsigned fleet_make_room(struct fleet *f, const struct fleet_bundle *b,
                         const struct fleet_bundle *kept);

/* Read *B's directory again. 1: it has changed, *B is the new bundle, and the old one lives
 * until its last run has ended; 0: unchanged; -1 and *WHY: it cannot be used, and *B stays. */
int fleet_renew(struct fleet_bundle **b, struct findings *found, struct fault *why);
const struct manifest *fleet_manifest(const struct fleet_bundle *b);
const char *fleet_digest(const struct fleet_bundle *b);
const struct plan *fleet_bundle_plan(const struct fleet_bundle *b);
unsigned fleet_waiting(const struct fleet_bundle *b); /* boxes waiting for a start line */

/* Order B's waiting boxes in advance; otherwise its first run does. 0, or -1 and *WHY. */
int fleet_warm(struct fleet_bundle *b, struct fault *why);
bool fleet_is_warm(
    const struct fleet_bundle *b); /* whether some wait or are ordered, or none is wanted */
/* Templates made so far: one, and one for each that died. */
unsigned fleet_templates(const struct fleet_bundle *b);

/* Boxes so far that died before they read a start line. */
unsigned fleet_boxes_lost(const struct fleet_bundle *b);

/* The plan of B with LIMITS (LIMIT_NONE: the bundle's) in place of its own, as with -l. *P stays
 * valid while a run with it is under way; before its fleet_start(), for the next 63 calls for
 * this bundle. 0, or -1 and *WHY, with EBUSY if it may succeed once a run has ended. */
int fleet_plan(struct fleet_bundle *b, const struct limits *limits, const struct plan **p,
               struct fault *why);

/* Start R: check the options and the argument against the manifest (INVALID), take or make a box
 * (SETUP). R must stay valid until its done() is called. 0; or -1 and *WHY, and done() is never
 * called. */
int fleet_start(struct fleet *f, struct fleet_run *r, struct fault *why);

/* End R's run as "cancelled", with MESSAGE. done() is called immediately if R has no box yet,
 * else from fleet_poll(). */
void fleet_cancel(struct fleet *f, struct fleet_run *r, int signo, const char *message);

unsigned fleet_running(const struct fleet *f);

/* Bytes held for R, which is under way: its start line, and bytes queued for its box. */
size_t fleet_holds(const struct fleet *f, const struct fleet_run *r);

/* Wait until one of the N descriptors in OWN is ready (.revents as in poll(2)), something of the
 * fleet was served, or TIMEOUT_MS has passed (-1: never); serve all that is ready. 0, or -1 and
 * *WHY. */
int fleet_poll(struct fleet *f, struct pollfd *own, unsigned n, int timeout_ms, struct fault *why);

#endif
