/* The loop over many runs: who is served when. Nothing in it waits for one of them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/fleet/parts.h"

/* Of the runs that wait for a box of B the one that has waited longest. */
static struct slot *longest_waiting(struct fleet *f, const struct fleet_bundle *b)
{
    struct slot *found = NULL;

    for (unsigned i = 0; i < f->options.slots && b->pending; i++) {
        struct slot *s = &f->slots[i];

        if (s->run && s->run->bundle == b && !s->box && (!found || s->turn < found->turn))
            found = s;
    }
    return found;
}

/* Runs that wait for a box of B get those that are there; the others fail where there will be none. */
static void serve_pending(struct fleet *f, struct fleet_bundle *b, const struct fault *failed)
{
    struct slot *s;
    struct fault why;

    while ((s = longest_waiting(f, b)) != NULL) {
        s->box = pool_take(b, s->run->plan);
        if (s->box) {
            b->pending--;
            if (fleet_begin(s, &why) < 0)
                fleet_fail(f, s, &why);
        } else if (failed) {
            fleet_fail(f, s, failed);
        } else if (b->settled == 0) {
            if (b->ordered < b->pending && pool_order(b, &why) < 0)
                fleet_fail(f, s, &why);
            else if (b->ordered >= b->pending || b->starved)
                return;
        }
    }
}

static void serve_bundles(struct fleet *f)
{
    for (struct fleet_bundle *b = f->bundles; b; b = b->next) {
        struct fault why;
        int r = pool_serve(b, f->polls, &why);

        if (b->leaving && box_now() - b->leaving->since >= BOX_LEAVE)
            pool_clear(b);
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
            fleet_finish(f, s, ended_well(&s->run->report));
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
        need += 2 + b->ordered + b->leaving_count;
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

    for (struct fleet_bundle *b = f->bundles; b; b = b->next) {
        n += pool_ask(b, f->polls + n, n);
        if (b->leaving && *left > BOX_LEAVE)
            *left = BOX_LEAVE;
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
        /* The word of its end may have come while another box was waited for. */
        due = s->box->gone ? 0 : watch_left(&s->watch, now);
        *left = due < *left ? due : *left;
    }
    return n;
}

static unsigned wanted(const struct fleet_bundle *b)
{
    const struct fleet_options *o = &b->fleet->options;

    return (o->sparing && b->peak < o->warm ? b->peak : o->warm) + b->pending;
}

/* A bundle that has too few boxes, or NULL. */
static struct fleet_bundle *short_of_boxes(struct fleet *f)
{
    for (struct fleet_bundle *b = f->bundles; b; b = b->next)
        if (!b->retired && !b->starved && pool_serves(b, b->plan) && (b->template || b->runs) &&
            b->settled + b->ordered < wanted(b))
            return b;
    return NULL;
}

/* Boxes are made for later while nobody waits for anything else. */
static int wait_for(struct fleet *f, unsigned count, uint64_t ns)
{
    struct timespec none = {0}, wait = {.tv_sec = (time_t)(ns / 1000000000u),
                                        .tv_nsec = (long)(ns % 1000000000u)};
    struct fleet_bundle *b = short_of_boxes(f);
    struct fault why;
    bool failed;
    int ready = b ? ppoll(f->polls, count, &none, NULL) : 0;

    if (ready != 0 || (b && pool_order(b, &why) == 0))
        return ready;
    failed = b != NULL;
    /* The attempt may have heard what a run waits for; and there is to be another. */
    if (failed && ns > BOX_LEAVE)
        wait = (struct timespec){.tv_nsec = (long)BOX_LEAVE};
    for (b = f->bundles; b; b = b->next)
        if (b->template)
            template_reap(b->template, &why); /* one that is dead shows in the poll */
    return ppoll(f->polls, count, ns == UINT64_MAX && !failed ? NULL : &wait, NULL);
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
    ready = wait_for(f, count, left);
    if (ready < 0 && errno != EINTR)
        return fault_set(why, STATUS_SETUP, errno, "fleet", "poll");
    memcpy(own, f->polls, n * sizeof *own);
    serve_bundles(f);
    serve_runs(f);
    free_retired(f);
    return 0;
}
