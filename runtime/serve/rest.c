/* A user whose lines take long to check rests afterwards, as long as others are there: a check
 * made costly by a bundle's schema takes a fraction of a second at most, but a hundred of them
 * would block everyone for a minute. Work is counted in steps, so that a machine that is slow
 * for other reasons makes no one rest. */
#include "runtime/jail/box.h"
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

/* Until when U, or U's lines for D, rest for the sake of others; 0: they do not. A user whose
 * lines for D are quick to check does not rest for what others sent to D. */
static uint64_t rests(const struct server *s, const struct served *d, const struct user *u)
{
    uint64_t until = 0;

    if (u->rests_until > s->now && another_user(s, u))
        until = u->rests_until;
    if (d->rests_until > s->now && d->charged_to == u && another_bundle(s, d))
        until = later(until, d->rests_until);
    return until;
}

/* Even a lone user gets only one such check per pass: others are heard in between. */
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
