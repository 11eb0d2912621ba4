/* Whoever makes the server work long on what is said to it rests after that, as long as others are there: a check that a
 * bundle's schema makes costly is a fraction of a second at most, but a hundred of them would be a minute for everybody. What
 * was worked is counted in steps, so that a machine that is slow for other reasons makes nobody rest. */
#include "runtime/broker/box.h"
#include "runtime/serve/peer.h"

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static bool another_user(const struct server *s, const struct user *u)
{
    for (unsigned i = 0; i < s->user_count; i++)
        if (&s->users[i] != u && (s->users[i].places || s->users[i].running))
            return true;
    return false;
}

static bool another_bundle(const struct server *s, const struct served *d)
{
    for (unsigned i = 0; i < s->o->bundle_count; i++)
        if (&s->served[i] != d && (s->served[i].queued || s->served[i].running))
            return true;
    return false;
}

void rest_charge(const struct server *s, struct served *d, struct user *u, uint64_t steps)
{
    uint64_t until = fleet_rest(steps);

    if (!until)
        return;
    d->rests_until = d->charged_to == u ? later(d->rests_until, until) : until;
    u->rests_until = later(u->rests_until, until);
    d->charged = u->charged = s->passes;
    d->charged_to = u;
}

/* Until when U, and what U says to D, rest for the sake of others; 0: they do not. Who says to D what is soon checked
 * does not rest for what others said to it. */
static uint64_t rests(const struct server *s, const struct served *d, const struct user *u)
{
    uint64_t until = 0;

    if (u->rests_until > s->now && another_user(s, u))
        until = u->rests_until;
    if (d->rests_until > s->now && d->charged_to == u && another_bundle(s, d))
        until = later(until, d->rests_until);
    return until;
}

/* Who is alone has one in each pass, between which others are heard. */
static bool had_one(const struct server *s, const struct served *d, const struct user *u)
{
    return d->charged == s->passes || u->charged == s->passes;
}

bool rest_holds(const struct server *s, const struct served *d, const struct user *u)
{
    return had_one(s, d, u) || rests(s, d, u);
}

void rest_due(const struct server *s, uint64_t *due)
{
    for (unsigned i = 0; i < s->o->bundle_count; i++) {
        const struct served *d = &s->served[i];

        for (const struct peer *p = d->first; p; p = p->next) {
            uint64_t until = rests(s, d, p->user);

            if (!until && queue_may_run(s, d, p->user))
                until = s->now;
            if (until)
                *due = until < *due ? until : *due;
        }
    }
}
