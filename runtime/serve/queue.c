/* Who is next. Users take turns, those with fewer runs under way first; a user's bundles take
 * turns; runs of one user and bundle begin in order of arrival. A slot is kept for each bundle,
 * and for each user, without a run under way; and if all slots are taken, some by runs that wait
 * for their callers, such a bundle or user may begin one more. So no flood for one, however long
 * its runs go unanswered, keeps another from being served. */
#include "runtime/serve/peer.h"

/* Slots kept for other bundles without a run under way; none unless that leaves at least half of
 * all slots for everyone. */
static unsigned kept_for_bundles(const struct server *s, const struct served *d)
{
    unsigned n = 0;

    if (!d->running || s->o->slots < 2 * s->o->bundle_count)
        return 0;
    for (unsigned i = 0; i < s->o->bundle_count; i++)
        n += &s->served[i] != d && !s->served[i].running;
    return n;
}

static unsigned kept_for_users(const struct server *s, const struct user *u)
{
    unsigned n = 0, there = 0;

    if (!u->running)
        return 0;
    for (unsigned i = 0; i < s->user_count; i++) {
        const struct user *other = &s->users[i];
        bool is_there = other->places || other->running;

        there += is_there;
        n += other != u && is_there && !other->running;
    }
    return s->o->slots < 2 * there ? 0 : n;
}

/* Runs that wait for an answer of their caller, or for it to read. */
static unsigned held(const struct server *s)
{
    unsigned n = 0;

    for (unsigned i = 0; i < s->peer_count; i++) {
        const struct peer *p = s->peers[i];

        n += p->state == PEER_RUNNING && (p->caller.owed || !caller_has_room(&p->caller));
    }
    return n;
}

bool queue_may_run(const struct server *s, const struct served *d, const struct user *u)
{
    unsigned running = tenants_taken(s->o->tenants), slots = s->o->slots;

    if (running < slots) {
        unsigned a = kept_for_bundles(s, d), b = kept_for_users(s, u);

        return slots - running > (a > b ? a : b);
    }
    return (!d->running || !u->running) && running < slots + s->o->extra &&
           running - held(s) < slots;
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

static unsigned waiting_of(const struct served *d, const struct user *u)
{
    unsigned n = 0;

    for (const struct peer *p = d->first; p; p = p->next)
        n += p->user == u;
    return n;
}

/* The last line of the user with the most gives way to a user with fewer. */
bool queue_make_room(struct peer *p)
{
    struct server *s = p->server;
    const struct served *d = p->of;
    const struct user *most = p->user;
    unsigned own = waiting_of(d, p->user), count = own;
    struct peer *last = NULL;

    for (unsigned i = 0; i < s->user_count; i++) {
        unsigned n = waiting_of(d, &s->users[i]);

        if (n > count) {
            most = &s->users[i];
            count = n;
        }
    }
    if (count <= own + 1)
        return false;
    for (struct peer *q = d->first; q; q = q->next)
        if (q->user == most)
            last = q;
    queue_remove(last);
    str_wipe(&last->line);
    peer_busy(last, "queue", count, "another user waits, of whom fewer runs do (--queue)");
    return true;
}

static bool goes_before(const struct user *a, const struct user *b)
{
    return a->running < b->running || (a->running == b->running && a->served < b->served);
}

/* The oldest waiting peer of U for D; NULL: none, or not now. */
static struct peer *of_user(const struct server *s, const struct served *d, const struct user *u)
{
    struct peer *p = d->first;

    while (p && p->user != u)
        p = p->next;
    return p && queue_may_run(s, d, u) ? p : NULL;
}

/* The waiting peer of U whose bundle is next in turn. */
static struct peer *next_of(const struct server *s, struct user *u, bool takes)
{
    for (unsigned i = 0; i < s->o->bundle_count; i++) {
        unsigned at = (u->turn + i) % s->o->bundle_count;
        struct peer *p = of_user(s, &s->served[at], u);

        if (!p)
            continue;
        if (takes)
            u->turn = at + 1;
        return p;
    }
    return NULL;
}

static struct peer *next(struct server *s)
{
    struct user *first = NULL;

    for (unsigned i = 0; i < s->user_count; i++) {
        struct user *u = &s->users[i];

        if ((!first || goes_before(u, first)) && next_of(s, u, false))
            first = u;
    }
    if (!first)
        return NULL;
    first->served = ++s->begun;
    return next_of(s, first, true);
}

void queue_feed(struct server *s)
{
    struct peer *p;

    while ((p = next(s))) {
        queue_remove(p);
        start_waiting(p);
    }
}
