/* Who is next. Runs of a bundle begin in the order in which they came; bundles take turns, and a slot is kept for
 * each that has none, so that whatever is asked of one bundle, another is served. */
#include "runtime/fleet/serve_peer.h"

/* Slots that others, none of whose runs is under way, may want at any time. Only where there are enough to keep
 * half of them for everybody. */
static unsigned reserved(const struct server *s, const struct served *d)
{
    unsigned n = 0;

    if (s->o->slots < 2 * s->o->bundle_count)
        return 0;
    for (unsigned i = 0; i < s->o->bundle_count; i++)
        n += &s->served[i] != d && !s->served[i].running;
    return n;
}

bool queue_may_run(const struct server *s, const struct served *d)
{
    unsigned running = fleet_running(s->o->fleet);

    return running < s->o->slots && (!d->running || s->o->slots - running > reserved(s, d));
}

void queue_add(struct peer *p)
{
    struct served *d = p->of;

    p->next = NULL;
    if (d->last)
        d->last->next = p;
    else
        d->first = p;
    d->last = p;
    d->queued++;
}

void queue_remove(struct peer *p)
{
    struct served *d = p->of;
    struct peer **link = &d->first, *before = NULL;

    while (*link && *link != p) {
        before = *link;
        link = &before->next;
    }
    if (!*link)
        return;
    *link = p->next;
    if (d->last == p)
        d->last = before;
    d->queued--;
}

static struct peer *next(struct server *s)
{
    for (unsigned i = 0; i < s->o->bundle_count; i++) {
        unsigned at = (s->turn + i) % s->o->bundle_count;
        struct served *d = &s->served[at];

        if (!d->first || !queue_may_run(s, d))
            continue;
        s->turn = at + 1;
        return d->first;
    }
    return NULL;
}

void queue_feed(struct server *s)
{
    struct peer *p;

    while ((p = next(s))) {
        queue_remove(p);
        start_waiting(p);
    }
}
