/* A bundle's waiting boxes: ordered, ready, taken. */
#include <errno.h>
#include <stdlib.h>

#include "runtime/fleet/parts.h"
#include "runtime/jail/template.h"

bool pool_serves(const struct fleet *f, const struct plan *p)
{
    const struct plan *own = f->bundle.plan;

    return !f->options.fresh && template_serves(own) && template_serves(p) &&
           (p == own || box_may_lower(p, own));
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

void pool_clear_all(struct fleet *f)
{
    struct fleet_bundle *b = &f->bundle;

    while (b->boxes)
        pool_drop(b, &b->boxes);
}

/* Others are made when runs want them. */
void fleet_shed(struct fleet *f)
{
    struct fleet_bundle *b = &f->bundle;

    if (b->pending)
        return;
    for (struct fleet_box **link = &b->boxes; *link;) {
        if ((*link)->ready)
            pool_drop(b, link);
        else
            link = &(*link)->next;
    }
    b->peak = 0; /* make none again before a run wants one */
    fleet_lost(f);
}

int pool_order_cold(struct fleet *f, struct slot *s, struct fault *why)
{
    const struct plan *p = s->run->plan;

    return remote_pool_cold(f->bundle.pool, p, fleet_plan_limits(f, p), &s->coming, why);
}

int pool_order(struct fleet *f, struct fault *why)
{
    struct fleet_bundle *b = &f->bundle;
    struct fleet_box *one = calloc(1, sizeof *one), **last = &b->boxes;

    if (!one)
        return fault_set(why, STATUS_SETUP, ENOMEM, "box", "ordering one");
    if (remote_pool_fork(b->pool, &one->box, why) < 0) {
        fleet_lost(f); /* else the next pass tries again */
        free(one);
        return -1;
    }
    while (*last)
        last = &(*last)->next;
    *last = one;
    b->ordered++;
    return 0;
}

int fleet_warm(struct fleet *f, struct fault *why)
{
    const struct fleet_bundle *b = &f->bundle;
    unsigned warm = pool_serves(f, b->plan) ? f->options.warm : 0;

    for (unsigned i = 0; i < warm && b->ready + b->ordered < warm; i++)
        if (pool_order(f, why) < 0)
            return -1;
    return 0;
}

bool fleet_is_warm(const struct fleet *f)
{
    const struct fleet_bundle *b = &f->bundle;

    return b->ready + b->ordered || !f->options.warm || !pool_serves(f, b->plan);
}

unsigned fleet_templates(const struct fleet *f)
{
    return remote_pool_templates(f->bundle.pool);
}

bool fleet_is_lost(const struct fleet *f)
{
    return remote_pool_is_lost(f->bundle.pool);
}

struct box *pool_take(struct fleet *f)
{
    struct fleet_bundle *b = &f->bundle;
    struct fleet_box **link = &b->boxes;

    while (*link && !(*link)->ready)
        link = &(*link)->next;
    return *link ? pool_unlink(b, link) : NULL;
}

/* The slot for which BOX is on its way; NULL: none. */
static struct slot *pool_slot(const struct fleet *f, const struct box *box)
{
    for (unsigned i = 0; i < f->options.slots; i++)
        if (f->slots[i].run && f->slots[i].coming == box)
            return &f->slots[i];
    return NULL;
}

static void pool_fail(struct fleet *f, const struct fault *why, bool again)
{
    fleet_lost(f);
    if (again)
        return;
    f->bundle.failed = true;
    f->bundle.why = *why;
}

/* The box of S has died before its run has begun: the run waits for another, a few times. */
static void pool_lost(struct fleet *f, struct slot *s)
{
    struct fleet_bundle *b = &f->bundle;
    struct box *box = s->box ? s->box : s->coming;
    bool forked = box->maker == MAKER_WARM;
    struct fault why;

    b->lost++;
    fleet_lost(f);
    box_delete(box, &why);
    s->box = s->coming = NULL;
    b->pending++;
    if (forked && ++s->tries < FLEET_TRIES)
        return;
    fault_set(&why, STATUS_SETUP, 0, "box", "it ended before its start line");
    fleet_fail_later(f, s, &why);
}

static void pool_ready(void *owner, struct box *box)
{
    struct fleet *f = owner;
    struct fleet_bundle *b = &f->bundle;
    struct slot *s = pool_slot(f, box);
    struct fleet_box **link = pool_find(b, box);
    struct fault why;

    if (*link) {
        (*link)->ready = true;
        b->ordered--;
        b->ready++;
    } else if (s && fleet_start_in(f, s, box, &why) < 0) {
        fleet_fail_later(f, s, &why);
    }
}

static void pool_failed(void *owner, struct box *box, const struct fault *why, bool again)
{
    struct fleet *f = owner;
    struct fleet_bundle *b = &f->bundle;
    struct slot *s = pool_slot(f, box);
    struct fleet_box **link = pool_find(b, box);

    if (*link) {
        pool_drop(b, link);
        pool_fail(f, why, again);
        return;
    }
    if (s)
        fleet_fail_later(f, s, why);
}

static void pool_prepared(void *owner, struct box *box, int r, const struct fault *why)
{
    struct fleet *f = owner;
    struct slot *s = pool_slot(f, box);
    struct fault failed;

    if (!s)
        return;
    if (r < 0) {
        if (why->err == EPIPE || why->err == ECONNRESET) /* it died before it had its keys */
            pool_lost(f, s);
        else
            fleet_fail_later(f, s, why);
        return;
    }
    s->box = s->coming;
    s->coming = NULL;
    if (fleet_begin(f, s, &failed) == 0)
        return;
    if (failed.err == EPIPE || failed.err == ECONNRESET)
        pool_lost(f, s);
    else
        fleet_fail_later(f, s, &failed);
}

static void pool_ended(void *owner, struct box *box)
{
    struct fleet *f = owner;
    struct fleet_bundle *b = &f->bundle;
    struct slot *s = pool_slot(f, box);
    struct fleet_box **link = pool_find(b, box);

    if (*link) {
        b->lost++;
        pool_drop(b, link);
        fleet_lost(f);
    } else if (s) {
        pool_lost(f, s);
    }
}

const struct remote_pool_events fleet_events = {pool_ready, pool_failed, pool_prepared, pool_ended};
