/* Who gives way to whom: a lone user may have everything; while another waits, the user with the
 * most gives up what costs least, until they differ by one at most; idle places are given up in
 * any case. A run under way is never ended for this. */
#include <stdlib.h>

#include "runtime/serve/peer.h"

int share_next(const struct server *s, bool spoke)
{
    int best = -1;

    for (unsigned i = 0; i < s->guest_count; i++) {
        const struct guest *g = &s->guests[i], *than = best < 0 ? NULL : &s->guests[best];

        if (spoke && !g->spoke)
            continue;
        if (!than || g->user->places < than->user->places ||
            (g->user->places == than->user->places && g->spoke + g->had > than->spoke + than->had))
            best = (int)i;
    }
    return best;
}

/* What taking P's place would cost, least first. */
enum cost { COST_NOTHING, COST_UNREAD, COST_HALF_LINE, COST_TURN, COST_RUN };

static enum cost cost_of(const struct peer *p)
{
    if (peer_is_idle(p))
        return COST_NOTHING;
    if (p->state == PEER_CLOSING || (p->state == PEER_IDLE && sink_waiting(&p->caller.out)))
        return COST_UNREAD;
    return p->state == PEER_IDLE ? COST_HALF_LINE : p->state == PEER_WAITING ? COST_TURN : COST_RUN;
}

/* The place of V's that costs least: of idle ones the longest idle, of waiting ones the last to
 * arrive. */
static unsigned cheapest(const struct server *s, const struct user *v, enum cost *cost)
{
    unsigned best = s->peer_count;

    *cost = COST_RUN;
    for (unsigned i = 0; i < s->peer_count; i++) {
        const struct peer *p = s->peers[i];
        enum cost c = cost_of(p);

        if (p->user != v || p->brief || c == COST_RUN || c > *cost)
            continue;
        if (c < *cost || (c == COST_TURN ? p->arrived > s->peers[best]->arrived
                                         : p->since < s->peers[best]->since)) {
            best = i;
            *cost = c;
        }
    }
    return best;
}

/* Whose place G may have; NULL: none. A guest that gave up a place gets one back from an idle
 * peer of its own user. */
static struct peer *giver(const struct server *s, const struct guest *g, enum cost *cost)
{
    const struct user *u = g->user, *most = u;
    unsigned at = s->peer_count;

    for (unsigned i = 0; i < s->user_count; i++)
        if (s->users[i].places > most->places)
            most = &s->users[i];
    if (most != u)
        at = cheapest(s, most, cost);
    if (at < s->peer_count && (*cost == COST_NOTHING || most->places > u->places + 1))
        return s->peers[at];
    if (g->had)
        at = cheapest(s, u, cost);
    return g->had && at < s->peer_count && *cost == COST_NOTHING ? s->peers[at] : NULL;
}

static void share_drop(struct server *s, struct peer *p)
{
    for (unsigned i = 0; i < s->peer_count; i++)
        if (s->peers[i] == p) {
            s->peers[i] = s->peers[--s->peer_count];
            break;
        }
    door_return(s, p);
}

bool share_displace(struct server *s, const struct guest *g)
{
    enum cost cost;
    struct peer *p = giver(s, g, &cost);
    uint64_t has;

    if (!p)
        return false;
    has = p->user->places;
    switch (cost) {
    case COST_NOTHING:
        share_drop(s, p);
        return true;
    case COST_UNREAD:
        p->gone = true;
        p->state = PEER_CLOSING;
        break;
    case COST_TURN:
        queue_remove(p);
        str_wipe(&p->line);
        peer_busy(p, "connections", has, "another user waits, who has fewer connections");
        return true;
    default:
        p->lost = true;
        peer_busy(p, "connections", has,
                  "another user waits, who has fewer connections, and this line has no end yet");
        break;
    }
    s->turned_away++;
    return true;
}
