/* The bundles of `batch` and `serve`, as the front sees them: each has a monitor, another process, to
 * which its runs are passed on (runtime/wire/message.h). The front parses nothing of a bundle, and
 * of a line only whose it is; what a monitor says is checked, and a monitor that says what it must not is
 * given up with its runs, and no others. Nothing here waits for a monitor, except tenant_await(). */
#ifndef TENANTS_TENANTS_H
#define TENANTS_TENANTS_H

#include <poll.h>
#include <stdbool.h>

#include "runtime/caller/caller.h"
#include "runtime/wire/message.h"
#include "schemas/report.h"

struct findings;
struct link;
struct remote;
struct tenant;
struct tenants;

#define TENANT_JOB (-1) /* in place of an index: a job names the bundle */

struct tenants_options {
    unsigned slots;       /* concurrent runs, at most */
    struct remote *front; /* this process's broker (runtime/broker/front.h) */
    int signals;          /* once readable, tenant_await() gives up */
    /* Something could not be done in advance; or a bundle that was read again cannot be used: then FOUND
     * has the faults of its manifest, if there are several. */
    void (*say)(const struct fault *why, const struct findings *found);
};

struct tenant_run {
    struct tenant *tenant;
    struct caller *caller;
    uint32_t user;        /* a number: those of one bundle share its monitor fairly */
    bool others;          /* other users, or runs of other bundles, are there: it rests for them */
    uint64_t line;        /* a job's line number */
    struct report report; /* complete when the run has ended */
    int lack;             /* errno: no box, for lack of what the end of others may free; or 0 */
    bool ran;             /* it had a box */
    bool unmatched;       /* its caller's lines can no longer be matched to runs */
    bool unnamed;         /* its line is none */
    /* The run is over: tell the caller. May start the next run. */
    void (*done)(struct tenant_run *r);
    void (*begun)(struct tenant_run *r); /* the box has read the start line; may be NULL */
    void *owner;
    /* Private: */
    struct link *link; /* whose monitor has it */
    struct str text;   /* its line, until it has begun: another monitor may have to begin it */
    uint32_t number;
    bool has_begun, held, resulted, heard; /* .heard: something of its caller's was passed on */
    size_t ahead;     /* bytes that its monitor has sent since its caller has no room */
    uint64_t replied; /* bytes sent to its monitor with which its last reply was */
    unsigned tries;
    uint64_t cancelled; /* box_now() by which it must have ended; 0: it goes on */
    int signal;         /* ... as tenant_cancel() says */
    char message[120];
};

/* 0, or -1 and *WHY. */
int tenants_open(struct tenants **t, const struct tenants_options *o, struct fault *why);
void tenants_close(struct tenants *t); /* ends runs under way; NULL is fine */

/* The bundle in directory PATH, INDEX of the command line or TENANT_JOB; one that was given before is the
 * same again. Its monitor is on its way. 0, or -1 and *WHY (SETUP). */
int tenant_find(struct tenants *t, const char *path, int index, struct tenant **tenant,
                struct fault *why);

/* Wait until its monitor has read it. 0, or -1 and *WHY (INVALID, REFUSED, SETUP; CANCELLED: a signal
 * came); if the manifest has several faults, all are in *FOUND (findings_free() it;
 * may be NULL). */
int tenant_await(struct tenant *tenant, struct findings *found, struct fault *why);

/* It stays until it is unpinned, though it has no run. */
void tenant_pin(struct tenant *tenant, bool pin);

/* Read it again. Once that is done: if it has changed, a run that starts gets the new one, and those
 * under way go on in the old one; else, or if it cannot be used, nothing changes. tenant_reloads(): how
 * often it has changed. tenants_reload_ends(): all that was to be read again has been, since the last
 * call. */
int tenant_reload(struct tenant *tenant, struct fault *why);
unsigned tenant_reloads(const struct tenant *tenant);
bool tenants_reload_ends(struct tenants *t);

/* As its monitor says: checked to be what can be such a name or digest. "": not known yet. */
const char *tenant_name(const struct tenant *tenant);
const char *tenant_digest(const struct tenant *tenant);
unsigned tenant_waiting(const struct tenant *tenant);  /* boxes waiting for a start line */
uint64_t tenant_restarts(const struct tenant *tenant); /* of its templates */
uint64_t tenant_boxes_lost(const struct tenant *tenant);

/* Give it a monitor, if it has lost its own. */
int tenant_revive(struct tenant *tenant, struct fault *why);
bool tenant_is_lost(const struct tenant *tenant);

/* Dismiss unused bundles, least recently found first, until at most KEEP are left; KEPT (or NULL)
 * stays. */
void tenants_spare(struct tenants *t, unsigned keep, const struct tenant *kept);

/* A run could not begin for lack of room: discard processes that only wait, namely other bundles' boxes,
 * and their monitors but that of KEPT (or NULL). Returns their number plus that of runs under way and of
 * monitors that are ending; 0: nothing of this process's is in the way. */
unsigned tenants_make_room(struct tenants *t, const struct tenant *tenant,
                           const struct tenant *kept);

/* Begin R with LINE, N bytes. It must stay valid until its done() is called. 0; or -1 and *WHY, and done()
 * is never called. */
int tenant_start(struct tenant_run *r, const char *line, size_t n, struct fault *why);

/* Ask what a run with this job's line (NULL: one that sets no limits) may use: 1 and *PRICE, or -1 and
 * *WHY; 0: not known yet. To be called again with the same tenant and line, once something has come. */
int tenant_ask_price(struct tenant *tenant, const char *line, size_t n, struct message_price *price,
                     struct fault *why);

/* The caller of R has sent LINE; or what is no reply: SIZE bytes, UINT64_MAX: too many; or no more. */
void tenant_reply(struct tenant_run *r, const char *line, size_t n);
void tenant_stray(struct tenant_run *r, uint64_t size);
void tenant_eof(struct tenant_run *r);

/* Whether R's monitor takes more of what its caller says. */
bool tenant_listens(const struct tenant_run *r);

/* End R as "cancelled", with MESSAGE; done() is called from tenants_poll(). */
void tenant_cancel(struct tenant_run *r, int signo, const char *message);

/* Have monitors cancel all that waits to begin, with MESSAGE; runs that have begun go on. */
void tenants_stop(struct tenants *t, const char *message);

/* Runs under way; with those that only their monitors have yet to end. */
unsigned tenants_running(const struct tenants *t);
unsigned tenants_taken(const struct tenants *t);

/* Bytes held for R, which is under way, here and in its monitor. */
size_t tenant_holds(const struct tenant_run *r);

/* Wait until one of the N descriptors in OWN is ready (.revents as in poll(2)), a monitor has said
 * something, or TIMEOUT_MS has passed (-1: never); take what was said. 0, or -1 and *WHY. */
int tenants_poll(struct tenants *t, struct pollfd *own, unsigned n, int timeout_ms,
                 struct fault *why);

#endif
