/* The loop over many runs. Each is watched by the same code as the one of `runbox run`; what is here decides
 * only where its box comes from, and who is served when. */
#include "runtime/fleet/fleet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "bundles/given.h"
#include "runtime/fleet/parts.h"

int fleet_open(struct fleet **f, const struct fleet_options *o, struct fault *why)
{
    struct fleet *new = calloc(1, sizeof *new);

    *f = new;
    if (new)
        new->slots = calloc(o->slots, sizeof *new->slots);
    if (!new || !new->slots) {
        free(new);
        *f = NULL;
        return fault_set(why, STATUS_SETUP, ENOMEM, "fleet", "%u slots", o->slots);
    }
    new->options = *o;
    return 0;
}

/* The slot is free before done() is called: it may start the next run. */
static void finish(struct fleet *f, struct slot *s, bool clean)
{
    struct fleet_run *run = s->run;
    struct fleet_bundle *b = run->bundle;

    if (s->box) {
        watch_close(&s->watch);
        pool_return(b, s->box, clean);
    } else {
        b->pending--;
    }
    str_wipe(&s->line);
    fleet_plan_use(b, run->plan, -1);
    *s = (struct slot){0};
    f->used--;
    b->runs--;
    if (run->done)
        run->done(run);
}

static void fail(struct fleet *f, struct slot *s, const struct fault *why)
{
    struct report *r = &s->run->report;

    r->status = why->status;
    snprintf(r->message, sizeof r->message, "%.500s%s%.1000s", why->where, *why->where ? ": " : "",
             why->what);
    finish(f, s, false);
}

static int start(struct slot *s, struct fault *why)
{
    struct fleet_run *run = s->run;
    struct fleet_bundle *b = run->bundle;

    if (box_start(s->box, s->line.data, s->line.len, why) < 0)
        return -1;
    str_wipe(&s->line);
    watch_open(&s->watch, s->box, run->caller, b->manifest->result_schema, &run->report);
    return 0;
}

/* A box of its own, made while everybody waits. */
static int make_box(struct slot *s, struct fault *why)
{
    struct fleet_run *run = s->run;
    struct fleet_bundle *b = run->bundle;

    if (box_create(&s->box, run->plan, b->bundle, &b->site.cgroups, why) == 0)
        return 0;
    box_delete(s->box, &(struct fault){0});
    s->box = NULL;
    return -1;
}

/* Box and start, where a box is there or need not be waited for. */
static int begin(struct slot *s, struct fault *why)
{
    struct fleet_run *run = s->run;
    struct fleet_bundle *b = run->bundle;

    s->box = pool_serves(b, run->plan) ? pool_take(b, run->plan) : NULL;
    if (!s->box && pool_serves(b, run->plan) && b->settled == 0) {
        b->pending++;
        if (b->ordered >= b->pending || pool_order(b, why) == 0)
            return 0;
        b->pending--;
        return -1;
    }
    if (!s->box && make_box(s, why) < 0)
        return -1;
    return start(s, why);
}

static int check_given(struct fleet_run *r, struct str *line, struct fault *why)
{
    const struct manifest *m = r->bundle->manifest;
    struct findings found = {0};
    int ok = given_options(m, &r->start.options, NULL, 0, &found, why);

    if (ok == 0)
        ok = given_arg(m, r->start.arg, &found, why);
    findings_free(&found);
    if (ok < 0)
        return -1;
    if (!r->start.has_seed && getrandom(&r->start.seed, sizeof r->start.seed, GRND_NONBLOCK) < 0)
        return fault_set(why, STATUS_SETUP, errno, "seed", "getrandom");
    return start_line(&r->start, &r->plan->keyring, line, why);
}

static struct slot *free_slot(struct fleet *f)
{
    for (unsigned i = 0; i < f->options.slots; i++)
        if (!f->slots[i].run)
            return &f->slots[i];
    return NULL;
}

bool fleet_has_room(const struct fleet *f)
{
    return f->used < f->options.slots;
}

unsigned fleet_running(const struct fleet *f)
{
    return f->used;
}

int fleet_start(struct fleet *f, struct fleet_run *r, struct fault *why)
{
    struct slot *s = free_slot(f);
    struct fleet_bundle *b = r->bundle;

    if (!s)
        return fault_set(why, STATUS_SETUP, 0, "fleet", "%u runs at once are under way",
                         f->options.slots);
    if (!r->plan)
        r->plan = b->plan;
    r->report = (struct report){0};
    snprintf(r->report.bundle, sizeof r->report.bundle, "%s", b->manifest->name);
    snprintf(r->report.digest, sizeof r->report.digest, "%s", b->bundle->digest);
    *s = (struct slot){.run = r, .line.secret = true};
    if (check_given(r, &s->line, why) < 0 || begin(s, why) < 0) {
        if (s->box)
            pool_return(b, s->box, false);
        str_wipe(&s->line);
        *s = (struct slot){0};
        return -1;
    }
    fleet_plan_use(b, r->plan, 1);
    b->runs++;
    f->used++;
    return 0;
}

void fleet_cancel(struct fleet *f, struct fleet_run *r, int signo, const char *message)
{
    struct fault why;

    for (unsigned i = 0; i < f->options.slots; i++) {
        struct slot *s = &f->slots[i];

        if (s->run != r)
            continue;
        r->report.signal = signo;
        if (s->box) {
            watch_decide(&s->watch, STATUS_CANCELLED, "%s", message);
            return;
        }
        fault_set(&why, STATUS_CANCELLED, 0, "", "%s", message);
        fail(f, s, &why);
        return;
    }
}

/* Runs that wait for a box of B get those that are there; the others fail where there will be none. */
static void serve_pending(struct fleet *f, struct fleet_bundle *b, const struct fault *failed)
{
    struct fault why;

    for (unsigned i = 0; i < f->options.slots && b->pending; i++) {
        struct slot *s = &f->slots[i];

        if (!s->run || s->run->bundle != b || s->box)
            continue;
        s->box = pool_take(b, s->run->plan);
        if (s->box) {
            b->pending--;
            if (start(s, &why) < 0)
                fail(f, s, &why);
        } else if (failed || (b->ordered < b->pending && pool_order(b, &why) < 0)) {
            fail(f, s, failed ? failed : &why);
        }
    }
}

static void serve_bundles(struct fleet *f)
{
    for (struct fleet_bundle *b = f->bundles; b; b = b->next) {
        struct fault why;
        int r = b->template ? pool_serve(b, &why) : 0;

        serve_pending(f, b, r < 0 ? &why : NULL);
    }
}

/* A run that ended by itself left its group empty and well; of another nobody knows. */
static bool ended_well(const struct report *r)
{
    return r->status == STATUS_OK || r->status == STATUS_ERROR;
}

static void serve_runs(struct fleet *f)
{
    for (unsigned i = 0; i < f->options.slots; i++) {
        struct slot *s = &f->slots[i];

        if (!s->run || !s->box || !s->at)
            continue;
        watch_pass(&s->watch, f->polls + s->at - 1, -1);
        if (s->watch.over)
            finish(f, s, ended_well(&s->run->report));
    }
}

static void free_retired(struct fleet *f)
{
    for (struct fleet_bundle **link = &f->bundles; *link;) {
        struct fleet_bundle *b = *link;

        if (!b->retired || b->runs) {
            link = &b->next;
            continue;
        }
        *link = b->next;
        fleet_bundle_free(b);
    }
}

static int poll_room(struct fleet *f, unsigned own, struct fault *why)
{
    unsigned need = own + f->options.slots * WATCH_FDS;
    struct pollfd *more;

    for (const struct fleet_bundle *b = f->bundles; b; b = b->next)
        need += 1 + b->ordered;
    if (need <= f->poll_room)
        return 0;
    more = reallocarray(f->polls, need + 32, sizeof *more);
    if (!more)
        return fault_set(why, STATUS_SETUP, ENOMEM, "fleet", "polling %u descriptors", need);
    f->polls = more;
    f->poll_room = need + 32;
    return 0;
}

/* All that the fleet waits for, behind the first N. *LEFT: ns, lowered to when the next clock may run out. */
static unsigned ask(struct fleet *f, unsigned n, uint64_t *left)
{
    uint64_t now = box_now();

    for (const struct fleet_bundle *b = f->bundles; b; b = b->next) {
        if (b->template)
            f->polls[n++] = (struct pollfd){.fd = template_fd(b->template), .events = POLLIN};
        for (const struct fleet_box *one = b->boxes; one; one = one->next)
            if (!one->settled)
                f->polls[n++] = (struct pollfd){.fd = one->box->wire, .events = POLLIN};
    }
    for (unsigned i = 0; i < f->options.slots; i++) {
        struct slot *s = &f->slots[i];
        uint64_t due;

        s->at = 0;
        if (!s->run || !s->box)
            continue;
        s->at = n + 1;
        watch_ask(&s->watch, -1, f->polls + n);
        n += WATCH_FDS;
        due = watch_left(&s->watch, now);
        *left = due < *left ? due : *left;
    }
    return n;
}

/* Boxes are made for later while nobody waits for anything else. */
static bool refill(struct fleet *f)
{
    struct fault why;

    for (struct fleet_bundle *b = f->bundles; b; b = b->next)
        if (!b->retired && pool_serves(b, b->plan) && (b->template || b->runs) &&
            b->settled + b->ordered < f->options.warm + b->pending)
            return pool_order(b, &why) == 0;
    return false;
}

int fleet_poll(struct fleet *f, struct pollfd *own, unsigned n, int timeout_ms, struct fault *why)
{
    uint64_t left = timeout_ms < 0 ? UINT64_MAX : (uint64_t)timeout_ms * 1000000u;
    unsigned count;
    int ready;

    if (poll_room(f, n, why) < 0)
        return -1;
    memcpy(f->polls, own, n * sizeof *own);
    count = ask(f, n, &left);

    struct timespec none = {0}, wait = {.tv_sec = (time_t)(left / 1000000000u),
                                        .tv_nsec = (long)(left % 1000000000u)};

    ready = ppoll(f->polls, count, &none, NULL);
    if (ready == 0 && !refill(f))
        ready = ppoll(f->polls, count, left == UINT64_MAX ? NULL : &wait, NULL);
    if (ready < 0 && errno != EINTR)
        return fault_set(why, STATUS_SETUP, errno, "fleet", "poll");
    memcpy(own, f->polls, n * sizeof *own);
    serve_bundles(f);
    serve_runs(f);
    free_retired(f);
    return 0;
}

void fleet_close(struct fleet *f)
{
    if (!f)
        return;
    for (unsigned i = 0; i < f->options.slots; i++)
        if (f->slots[i].run)
            f->slots[i].run->done = NULL, finish(f, &f->slots[i], false);
    for (struct fleet_bundle *b = f->bundles, *next; b; b = next) {
        next = b->next;
        fleet_bundle_free(b);
    }
    free(f->polls);
    free(f->slots);
    free(f);
}
