/* Memory that callers make the server hold, bounded in total: lines without an end, waiting
 * start lines, unread answers. At the bound, a caller that needs more is not read; if that
 * lasts, the user who holds most gives up the largest item, so that others go on. Small lines,
 * of HOLD_FIRST bytes, always fit. */
#include <signal.h>

#include "cgroups/room.h"
#include "runtime/serve/peer.h"

#define MIB      (1ull << 20)
#define MOST     (64 * MIB)
#define LEAST    (4 * MIB)
#define SHORT_NS 1000000000ull

size_t serve_budget(void)
{
    uint64_t part = cgroups_memory_room() / 8;

    return part < LEAST ? LEAST : part > MOST ? MOST : part;
}

static size_t held_by(const struct peer *p)
{
    size_t n = p->caller.lines.cap + p->line.cap + p->caller.out.pending.cap;

    n -= p->caller.lines.cap < HOLD_FIRST ? p->caller.lines.cap : HOLD_FIRST;
    return n + (p->state == PEER_RUNNING ? tenant_holds(&p->run) : 0);
}

/* The size that its line buffer would have to grow to; 0: it need not. */
static size_t growth(const struct peer *p)
{
    const struct lines *l = &p->caller.lines;

    if (!l->cap || l->begin + l->len < l->cap || l->len < l->cap / 2 || l->cap >= l->max)
        return 0;
    return l->cap > l->max / 2 ? l->max : l->cap * 2;
}

/* The old and the new buffer exist together for a moment. */
bool hold_lets(const struct peer *p)
{
    return hold_fits(p->server, growth(p));
}

bool hold_fits(const struct server *s, size_t n)
{
    return !n || s->held + n <= s->budget;
}

bool hold_take(struct peer *p)
{
    size_t n = growth(p);

    if (!hold_fits(p->server, n))
        return false;
    p->server->held += n ? n - p->caller.lines.cap : 0;
    return true;
}

static const struct user *who_holds_most(const struct server *s)
{
    const struct user *most = NULL;
    size_t most_held = 0;

    for (unsigned u = 0; u < s->user_count; u++) {
        size_t n = 0;

        for (unsigned i = 0; i < s->peer_count; i++)
            n += s->peers[i]->user == &s->users[u] ? held_by(s->peers[i]) : 0;
        if (n > most_held) {
            most = &s->users[u];
            most_held = n;
        }
    }
    return most;
}

static void give_up(struct peer *p)
{
    struct fault why;

    p->server->turned_away++;
    fault_set(&why, STATUS_INVALID, 0, "start line",
              "has no end yet, and what callers have sent holds as much memory as it may "
              "(%llu MiB): send it again",
              (unsigned long long)(p->server->budget / MIB));
    if (p->state == PEER_IDLE && !sink_waiting(&p->caller.out)) {
        p->lost = true;
        p->of = NULL;
        p->server->unnamed++;
        peer_refuse(p, &why);
    } else if (p->state == PEER_RUNNING) {
        peer_cancel(p, SIGPIPE,
                    "caller: what callers have sent and do not read holds as much "
                    "memory as it may");
    } else if (p->state == PEER_WAITING) {
        queue_remove(p);
        str_wipe(&p->line);
        peer_busy(p, "queue", p->of->queued,
                  "what callers have sent holds as much memory as it may; try again");
    } else {
        p->gone = true;
        p->state = PEER_CLOSING;
    }
}

static void relieve(struct server *s)
{
    const struct user *u = who_holds_most(s);
    struct peer *largest = NULL;

    for (unsigned i = 0; i < s->peer_count; i++) {
        struct peer *p = s->peers[i];
        size_t n = held_by(p), than = largest ? held_by(largest) : HOLD_FIRST;

        if (p->user == u && !p->gone &&
            (n > than || (largest && n == than && p->since < largest->since)))
            largest = p;
    }
    if (largest)
        give_up(largest);
}

void hold_count(struct server *s, uint64_t *due)
{
    bool is_short = false, pressed;

    s->held = 0;
    for (unsigned i = 0; i < s->peer_count; i++) {
        peer_give_back(s->peers[i]);
        s->held += held_by(s->peers[i]);
    }
    pressed = s->held >= s->budget;
    for (unsigned i = 0; i < s->peer_count; i++) {
        struct peer *p = s->peers[i];

        p->caller.pressed = pressed;
        is_short =
            is_short || ((p->state == PEER_IDLE || p->state == PEER_RUNNING) && !hold_lets(p));
    }
    if (!is_short && !pressed) {
        s->short_since = 0;
        return;
    }
    if (!s->short_since)
        s->short_since = s->now;
    if (s->short_since + SHORT_NS <= s->now) {
        relieve(s);
        s->short_since = s->now;
    }
    if (s->short_since + SHORT_NS < *due)
        *due = s->short_since + SHORT_NS;
}
