/* The loop over many runs: which is served when. It never waits for a single one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/fleet/parts.h"

#define SPARE_NS \
    1000000ull /* how long boxes that no run waits for may be ready before that is heard */
#define AWAY_NS 2000000ull /* shorter absences are not counted */
#define BEGIN_NS \
    2000000ull /* how often to check whether a box that says nothing has read its start line */

/* Of the runs numbered above TURN that wait for a box, the oldest. */
static struct slot *next_waiting(struct fleet *f, uint64_t turn)
{
    struct slot *found = NULL;

    for (unsigned i = 0; i < f->options.slots && f->bundle.pending; i++) {
        struct slot *s = &f->slots[i];

        if (s->run && !s->box && !s->coming && s->turn > turn && (!found || s->turn < found->turn))
            found = s;
    }
    return found;
}

/* An ordered box was lost. The oldest waiting runs, one for each box on its way, count it as
 * spared; for all others it is a failed try. FLEET_TRIES tries or FLEET_SPARED such losses
 * fail a run. */
static void count_tries(struct fleet *f, const struct fault *why)
{
    const struct fleet_bundle *b = &f->bundle;
    unsigned coming = b->ready + b->ordered;
    uint64_t turn = 0;
    struct slot *s;

    for (; coming && (s = next_waiting(f, turn)) != NULL; coming--) {
        turn = s->turn;
        if (++s->spared >= FLEET_SPARED)
            fleet_fail(f, s, why);
    }
    for (unsigned i = 0; i < f->options.slots && b->pending; i++) {
        s = &f->slots[i];
        if (s->run && !s->box && !s->coming && s->turn > turn && ++s->tries >= FLEET_TRIES)
            fleet_fail(f, s, why);
    }
}

/* Start the waiting runs in the ready boxes, and order boxes for the others. */
static void serve_pending(struct fleet *f)
{
    struct fleet_bundle *b = &f->bundle;
    struct slot *s;
    struct fault why;

    while ((s = next_waiting(f, 0)) != NULL) {
        int begun;

        b->pending--; /* it gets a box, is over, or is counted again */
        begun = fleet_begin_waiting(f, s, &why);
        b->pending += !s->box && !s->coming;
        if (begun < 0) {
            fleet_fail(f, s, &why);
        } else if (begun) {
            continue;
        } else if (b->ready == 0) {
            if (b->ordered < b->pending && pool_order(f, &why) < 0)
                fleet_fail(f, s, &why);
            else if (b->ordered >= b->pending)
                return;
        }
    }
}

static void serve_bundle(struct fleet *f)
{
    struct fleet_bundle *b = &f->bundle;
    struct fault why;

    if (b->at && f->polls[b->at - 1].revents && remote_pool_serve(b->pool) < 0)
        pool_clear_all(f);
    fleet_end_failed(f);
    if (b->failed && b->ordered + b->ready < b->pending) {
        why = b->why;
        count_tries(f, &why);
    }
    b->failed = false;
    serve_pending(f);
}

void fleet_clocks(struct fleet *f, const struct slot *of)
{
    uint64_t now = box_now(), away = now - f->mark;

    f->mark = now;
    if (away < AWAY_NS)
        return;
    for (unsigned i = 0; i < f->options.slots; i++)
        if (&f->slots[i] != of && f->slots[i].run && f->slots[i].box)
            f->slots[i].watch.others += away;
}

static struct fleet_share *share_of(struct fleet *f, const struct fleet_run *r)
{
    return r->share ? r->share : &f->share;
}

static bool anothers_runs(struct fleet *f, const struct fleet_share *share)
{
    for (unsigned i = 0; i < f->options.slots; i++)
        if (f->slots[i].run && share_of(f, f->slots[i].run) != share)
            return true;
    return false;
}

/* Until when the share of S rests for the sake of others, if that is after NOW; else 0. */
static uint64_t rests_until(struct fleet *f, const struct slot *s, uint64_t now)
{
    const struct fleet_share *share = share_of(f, s->run);

    if (share->rests_until <= now || !(share->others || anothers_runs(f, share)))
        return 0;
    return share->rests_until;
}

/* Whether to check the result of S before that of T: the one that rests less, then the one that
 * has waited longer. */
static bool goes_before(struct fleet *f, const struct slot *s, const struct slot *t, uint64_t now)
{
    uint64_t one = rests_until(f, s, now), other = rests_until(f, t, now);

    return one != other ? one < other : s->watch.waits < t->watch.waits;
}

/* Results whose check is long wait for their turn: choose one. */
static void choose_turn(struct fleet *f, uint64_t now)
{
    struct slot **turn = &f->bundle.turn;

    *turn = NULL;
    for (unsigned i = 0; i < f->options.slots; i++) {
        struct slot *s = &f->slots[i];

        if (s->run && s->box && s->watch.waits && !watch_is_decided(&s->watch) &&
            caller_has_room(s->watch.caller) && (!*turn || goes_before(f, s, *turn, now)))
            *turn = s;
    }
}

/* ns from NOW for which the result of S waits for its turn; UINT64_MAX: until another has had
 * its turn; 0: it does not wait. */
static uint64_t rests(struct fleet *f, const struct slot *s, uint64_t now)
{
    uint64_t until;

    if (!s->watch.waits || watch_is_decided(&s->watch))
        return 0;
    if (f->bundle.turn != s)
        return UINT64_MAX;
    until = rests_until(f, s, now);
    return until ? until - now : 0;
}

static void serve_run(struct fleet *f, struct slot *s)
{
    struct fleet_share *share = share_of(f, s->run);
    uint64_t before = s->watch.work.steps, until;

    watch_pass(&s->watch, f->polls + s->at - 1, -1, f->polled);
    fleet_clocks(f, s);
    until = fleet_rest(s->watch.work.steps - before);
    share->rests_until = until > share->rests_until ? until : share->rests_until;
    if (s->line.len && !fleet_begun(s) && fleet_again(f, s))
        return;
    if (watch_is_over(&s->watch))
        fleet_finish(f, s);
}

/* Whether S has work that no polled descriptor reports: its Result has its turn; or its end was
 * reported while the loop waited for another box. */
static bool is_due(const struct slot *s)
{
    const struct watch *w = &s->watch;

    return (box_is_gone(s->box) && !life_is_dead(w->state)) ||
           (w->held_back && caller_has_room(w->caller)) ||
           (w->waits && !w->thrifty && !watch_is_decided(w) && caller_has_room(w->caller));
}

/* Whether S has work other than its clocks. */
static bool is_ready(const struct fleet *f, const struct slot *s)
{
    const struct pollfd *p = f->polls + s->at - 1;
    short said = 0;

    for (unsigned i = 0; i < WATCH_FDS; i++)
        said |= p[i].revents;
    return said || is_due(s) || s->watch.held_back;
}

/* Whether nothing has come for S, and no clock of its has run out. */
static bool is_idle(const struct fleet *f, const struct slot *s)
{
    const struct watch *w = &s->watch;

    return !s->line.len && !life_is_dead(w->state) && !s->box->violated && !s->box->kill_failed &&
           !is_ready(f, s) && watch_left(w, f->polled) > 0;
}

/* Serve S and charge its share; false: the share has used up this pass, and S waits for the
 * next. */
static bool serve_in_turn(struct fleet *f, struct slot *s)
{
    struct fleet_share *share = share_of(f, s->run);
    uint64_t began;

    if (share->pass != f->passes)
        share->pass = f->passes, share->worked = 0;
    if (is_idle(f, s)) {
        s->watch.offered = 0; /* it has not waited */
        return true;
    }
    if (share->worked >= FLEET_TURN && is_ready(f, s))
        return false;
    fleet_clocks(f, NULL);
    began = f->mark;
    serve_run(f, s);
    share->worked += box_now() - began;
    return true;
}

static void serve_runs(struct fleet *f)
{
    unsigned first = f->first;

    f->passes++;
    f->first = 0;
    f->hurry = false;
    for (unsigned i = 0; i < f->options.slots; i++) {
        unsigned at = (first + i) % f->options.slots;
        struct slot *s = &f->slots[at];

        if (!s->run || !s->box || !s->at)
            continue;
        if (serve_in_turn(f, s))
            continue;
        f->first = f->hurry ? f->first : at;
        f->hurry = true;
    }
}

static int poll_room(struct fleet *f, unsigned own, struct fault *why)
{
    unsigned need = own + f->options.slots * WATCH_FDS + 1;
    struct pollfd *more;

    if (need <= f->poll_room)
        return 0;
    more = reallocarray(f->polls, need + 32, sizeof *more);
    if (!more)
        return fault_set(why, STATUS_SETUP, ENOMEM, "fleet", "polling %u descriptors", need);
    f->polls = more;
    f->poll_room = need + 32;
    return 0;
}

/* Whether a run waits for what the broker has to say. Else there are only boxes for later ones: they are
 * heard of with the end of this run, so that this process wakes up once. */
static bool awaits_broker(const struct slot *s)
{
    return s->coming || !s->box || s->box->ending >= BOX_ASKED || s->watch.wire_eof ||
           watch_is_decided(&s->watch);
}

/* Add all that the fleet polls behind the first N; returns the new count. *LEFT (ns) is lowered
 * to when the next clock may run out. */
static unsigned loop_ask(struct fleet *f, unsigned n, uint64_t *left)
{
    struct fleet_bundle *b = &f->bundle;
    uint64_t now = box_now(), due;
    bool hears = !f->used || now >= f->begun + SPARE_NS;

    choose_turn(f, now);
    f->polls[n++] = remote_pool_ask(b->pool);
    b->at = n;
    if (b->pause > now && b->pause - now < *left)
        *left = b->pause - now;
    for (unsigned i = 0; i < f->options.slots; i++) {
        struct slot *s = &f->slots[i];

        s->at = 0;
        hears = hears || (s->run && awaits_broker(s));
        if (!s->run || !s->box)
            continue;
        due = rests(f, s, now);
        *left = due && due < *left ? due : *left;
        s->watch.thrifty = f->options.fair && (!s->watch.waits || due);
        s->watch.offered = s->watch.waits ? 0 : s->watch.offered + s->watch.others;
        s->watch.others = 0;
        s->at = n + 1;
        watch_ask(&s->watch, -1, f->polls + n);
        n += WATCH_FDS;
        due = is_due(s) ? 0 : watch_left(&s->watch, now);
        *left = due < *left ? due : *left;
        if (s->line.len && *left > BEGIN_NS)
            *left = BEGIN_NS;
    }
    if (!hears) {
        f->polls[b->at - 1].events &= ~POLLIN;
        *left = SPARE_NS < *left ? SPARE_NS : *left;
    }
    return n;
}

static unsigned wanted(const struct fleet *f)
{
    const struct fleet_options *o = &f->options;
    const struct fleet_bundle *b = &f->bundle;

    return (o->sparing && b->peak < o->warm ? b->peak : o->warm) + b->pending;
}

/* There are too few boxes, and more may be ordered now. */
static bool is_short_of_boxes(const struct fleet *f)
{
    const struct fleet_bundle *b = &f->bundle;

    return pool_serves(f, b->plan) && !fleet_is_lost(f) &&
           b->ready + b->ordered < (box_now() < b->pause ? b->pending : wanted(f));
}

bool fleet_order_ahead(struct fleet *f)
{
    struct fault why;

    while (is_short_of_boxes(f))
        if (pool_order(f, &why) < 0)
            return false;
    return true;
}

static int wait_for(struct fleet *f, unsigned count, uint64_t ns)
{
    struct timespec wait = {.tv_sec = (time_t)(ns / 1000000000u),
                            .tv_nsec = (long)(ns % 1000000000u)};

    return ppoll(f->polls, count, ns == UINT64_MAX ? NULL : &wait, NULL);
}

void fleet_send(struct fleet *f)
{
    remote_pool_flush(f->bundle.pool); /* if that fails, poll(2) tells */
}

int fleet_poll(struct fleet *f, struct pollfd *own, unsigned n, int timeout_ms, struct fault *why)
{
    uint64_t left = timeout_ms < 0 ? UINT64_MAX : (uint64_t)timeout_ms * 1000000u;
    unsigned count;
    bool ordered;
    int ready;

    if (poll_room(f, n, why) < 0)
        return -1;
    fleet_clocks(f, NULL);
    memcpy(f->polls, own, n * sizeof *own);
    ordered = fleet_order_ahead(f);
    fleet_send(f);
    count = loop_ask(f, n, &left);
    left = f->hurry ? 0 : ordered || left < BOX_EXIT_NS ? left : BOX_EXIT_NS;
    ready = wait_for(f, count, left);
    if (ready < 0 && errno != EINTR)
        return fault_set(why, STATUS_SETUP, errno, "fleet", "poll");
    f->mark = f->polled = box_now();
    memcpy(own, f->polls, n * sizeof *own);
    serve_bundle(f);
    fleet_clocks(f, NULL);
    serve_runs(f);
    return 0;
}
