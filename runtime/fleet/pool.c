/* A bundle's waiting boxes: ordered, ready, taken. */
#include <errno.h>
#include <stdlib.h>

#include "runtime/fleet/parts.h"
#include "runtime/jail/template.h"

bool pool_serves(const struct fleet_bundle *b, const struct plan *p)
{
    return !b->fleet->options.fresh && template_serves(b->plan) && template_serves(p) &&
           (p == b->plan || box_may_lower(p, b->plan));
}

static struct fleet_box **pool_find(struct fleet_bundle *b, const struct box *box)
{
    struct fleet_box **link = &b->boxes;

    while (*link && (*link)->box != box)
        link = &(*link)->next;
    return link;
}

/* Take *LINK out of the list; its box is the caller's. */
static struct box *pool_unlink(struct fleet_bundle *b, struct fleet_box **link)
{
    struct fleet_box *one = *link;
    struct box *box = one->box;

    *link = one->next;
    *(one->ready ? &b->ready : &b->ordered) -= 1;
    free(one);
    return box;
}

static void pool_drop(struct fleet_bundle *b, struct fleet_box **link)
{
    box_delete(pool_unlink(b, link), &(struct fault){0});
}

void pool_shed(struct fleet_bundle *b)
{
    for (struct fleet_box **link = &b->boxes; *link;) {
        if ((*link)->ready)
            pool_drop(b, link);
        else
            link = &(*link)->next;
    }
    b->peak = 0; /* make none again before a run wants one */
    b->shed = false;
    fleet_lost(b);
}

/* Its broker may have ended without this having been heard yet. */
static bool pool_has_lost(struct fleet_bundle *b, const struct fault *why)
{
    if (!b->pool || (why->err != EPIPE && why->err != ECONNRESET) ||
        remote_pool_serve(b->pool) == 0)
        return false;
    makers_close(b);
    return true;
}

int pool_order_cold(struct slot *s, struct fault *why)
{
    const struct fleet_run *run = s->run;
    struct fleet_bundle *b = run->bundle;
    const struct limits *limits = fleet_plan_limits(b, run->plan);

    for (int tries = 0;; tries++) {
        if (makers_open(b, why) < 0)
            return -1;
        if (remote_pool_cold(b->pool, run->plan, limits, &s->coming, why) == 0)
            return 0;
        if (tries || !pool_has_lost(b, why))
            return -1;
    }
}

static int pool_order_fork(struct fleet_bundle *b, struct box **box, struct fault *why)
{
    for (int tries = 0;; tries++) {
        if (makers_open(b, why) < 0)
            return -1;
        if (remote_pool_fork(b->pool, box, why) == 0)
            return 0;
        if (tries || !pool_has_lost(b, why))
            return -1;
    }
}

int pool_order(struct fleet_bundle *b, struct fault *why)
{
    struct fleet_box *one = calloc(1, sizeof *one), **last = &b->boxes;

    if (!one)
        return fault_set(why, STATUS_SETUP, ENOMEM, "box", "ordering one");
    if (pool_order_fork(b, &one->box, why) < 0) {
        fleet_lost(b); /* else the next pass tries again */
        free(one);
        return -1;
    }
    while (*last)
        last = &(*last)->next;
    *last = one;
    b->ordered++;
    return 0;
}

int fleet_warm(struct fleet_bundle *b, struct fault *why)
{
    unsigned warm = pool_serves(b, b->plan) ? b->fleet->options.warm : 0;

    for (unsigned i = 0; i < warm && b->ready + b->ordered < warm; i++)
        if (pool_order(b, why) < 0)
            return -1;
    return 0;
}

bool fleet_is_warm(const struct fleet_bundle *b)
{
    return b->ready + b->ordered || !b->fleet->options.warm || !pool_serves(b, b->plan);
}

unsigned fleet_templates(const struct fleet_bundle *b)
{
    return b->templates + (b->pool ? remote_pool_templates(b->pool) : 0);
}

struct box *pool_take(struct fleet_bundle *b)
{
    struct fleet_box **link = &b->boxes;

    while (*link && !(*link)->ready)
        link = &(*link)->next;
    return *link ? pool_unlink(b, link) : NULL;
}

/* The slot for which BOX is on its way; NULL: none. */
static struct slot *pool_slot(const struct fleet_bundle *b, const struct box *box)
{
    struct fleet *f = b->fleet;

    for (unsigned i = 0; i < f->options.slots; i++)
        if (f->slots[i].run && f->slots[i].coming == box)
            return &f->slots[i];
    return NULL;
}

static void pool_fail(struct fleet_bundle *b, const struct fault *why, bool again)
{
    fleet_lost(b);
    if (again)
        return;
    b->failed = true;
    b->why = *why;
}

/* The box of S has died before its run has begun: the run waits for another, a few times. */
static void pool_lost(struct fleet_bundle *b, struct slot *s)
{
    struct box *box = s->box ? s->box : s->coming;
    bool forked = box->forked;
    struct fault why;

    b->lost++;
    fleet_lost(b);
    box_delete(box, &why);
    s->box = s->coming = NULL;
    b->pending++;
    if (forked && ++s->tries < FLEET_TRIES)
        return;
    fault_set(&why, STATUS_SETUP, 0, "box", "it ended before its start line");
    fleet_fail_later(s, &why);
}

static void pool_ready(void *owner, struct box *box)
{
    struct fleet_bundle *b = owner;
    struct slot *s = pool_slot(b, box);
    struct fleet_box **link = pool_find(b, box);
    struct fault why;

    if (*link) {
        (*link)->ready = true;
        b->ordered--;
        b->ready++;
    } else if (s && fleet_start_in(s, box, &why) < 0) {
        fleet_fail_later(s, &why);
    }
}

static void pool_failed(void *owner, struct box *box, const struct fault *why, bool again)
{
    struct fleet_bundle *b = owner;
    struct slot *s = pool_slot(b, box);
    struct fleet_box **link = pool_find(b, box);

    if (*link) {
        pool_drop(b, link);
        pool_fail(b, why, again);
        return;
    }
    if (s)
        fleet_fail_later(s, why);
}

static void pool_prepared(void *owner, struct box *box, int r, const struct fault *why)
{
    struct fleet_bundle *b = owner;
    struct slot *s = pool_slot(b, box);
    struct fault failed;

    if (!s)
        return;
    if (r < 0) {
        if (why->err == EPIPE || why->err == ECONNRESET) /* it died before it had its keys */
            pool_lost(b, s);
        else
            fleet_fail_later(s, why);
        return;
    }
    s->box = s->coming;
    s->coming = NULL;
    if (fleet_begin(s, &failed) == 0)
        return;
    if (failed.err == EPIPE || failed.err == ECONNRESET)
        pool_lost(b, s);
    else
        fleet_fail_later(s, &failed);
}

static void pool_ended(void *owner, struct box *box)
{
    struct fleet_bundle *b = owner;
    struct slot *s = pool_slot(b, box);
    struct fleet_box **link = pool_find(b, box);

    if (*link) {
        b->lost++;
        pool_drop(b, link);
        fleet_lost(b);
    } else if (s) {
        pool_lost(b, s);
    }
}

const struct remote_pool_events fleet_events = {pool_ready, pool_failed, pool_prepared, pool_ended};
