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

int pool_order(struct fleet_bundle *b, struct fault *why)
{
    struct fleet_box *one, **last = &b->boxes;

    if (makers_open(b, why) < 0)
        return -1;
    one = calloc(1, sizeof *one);
    if (!one)
        return fault_set(why, STATUS_SETUP, ENOMEM, "box", "ordering one");
    if (remote_pool_fork(b->pool, &one->box, why) < 0) {
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
    struct slot *s = pool_slot(owner, box);
    struct fault failed;

    if (!s)
        return;
    s->box = s->coming;
    s->coming = NULL;
    if (r < 0)
        fleet_fail_later(s, why);
    else if (fleet_begin(s, &failed) < 0)
        fleet_fail_later(s, &failed);
}

static void pool_ended(void *owner, struct box *box)
{
    struct fleet_bundle *b = owner;
    struct slot *s = pool_slot(b, box);
    struct fleet_box **link = pool_find(b, box);
    struct fault why;

    if (*link) {
        b->lost++;
        pool_drop(b, link);
        fleet_lost(b);
    } else if (s) {
        fault_set(&why, STATUS_SETUP, 0, "box", "it ended before its start line");
        fleet_fail_later(s, &why);
    }
}

const struct remote_pool_events fleet_events = {pool_ready, pool_failed, pool_prepared, pool_ended};
