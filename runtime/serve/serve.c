/* The server's loop: signals, new connections, existing ones, and what monitors say, in passes
 * that never wait for a single party. Serves whom the socket's mode and the peer's user id
 * allow, and keeps nothing of a run but its statistics. */
#include "runtime/serve/serve.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/jail/box.h"
#include "runtime/json/finding.h"
#include "runtime/monitor/remote.h"
#include "runtime/serve/peer.h"

#define MS 1000000ull /* ns */

enum { AT_SIGNALS, AT_BROKER, AT_LISTENER, AT_PEERS };

/* A bundle whose monitor has ended gets another before anyone waits for it. */
static void serve_revive(struct server *s, uint64_t *due)
{
    for (unsigned i = 0; i < s->o->bundle_count; i++) {
        struct served *d = &s->served[i];
        struct fault why;

        if (s->signo || !tenant_is_lost(d->bundle))
            continue;
        if (s->now < d->revive_after) {
            *due = d->revive_after < *due ? d->revive_after : *due;
            continue;
        }
        d->revive_after = s->now + 1000 * MS;
        if (tenant_revive(d->bundle, &why) < 0)
            s->o->say(&why, &(struct findings){0});
    }
}

static void add_user(struct server *s, uid_t uid)
{
    for (unsigned i = 0; i < s->user_count; i++)
        if (s->users[i].uid == uid)
            return;
    s->users[s->user_count++].uid = uid;
}

int serve_open(struct server **s, const struct serve_options *o, struct fault *why)
{
    struct server *new = calloc(1, sizeof *new);

    *s = new;
    if (new) {
        size_t peers = (size_t)o->connections + SERVE_BRIEF;

        new->served = calloc(o->bundle_count, sizeof *new->served);
        new->users = calloc(o->uid_count + 2, sizeof *new->users);
        new->peers = calloc(peers, sizeof(struct peer *));
        new->guests = calloc(o->guests, sizeof *new->guests);
        new->polls = calloc(AT_PEERS + peers + o->guests, sizeof *new->polls);
    }
    if (!new || !new->served || !new->users || !new->peers || !new->guests || !new->polls)
        return fault_set(why, STATUS_SETUP, ENOMEM, "serve", "%u connections", o->connections);
    new->o = o;
    add_user(new, 0);
    add_user(new, o->uid);
    for (size_t i = 0; i < o->uid_count; i++)
        add_user(new, o->uids[i]);
    new->started = new->now = box_now();
    for (unsigned i = 0; i < o->bundle_count; i++)
        new->served[i].bundle = o->bundles[i];
    new->budget = o->budget;
    return 0;
}

void serve_close(struct server *s)
{
    if (!s)
        return;
    for (unsigned i = 0; i < s->peer_count; i++)
        peer_free(s->peers[i]);
    if (s->guests)
        door_close(s);
    free(s->polls);
    free(s->guests);
    free(s->users);
    free(s->peers);
    free(s->served);
    free(s);
}

/* Write what to poll for; lower *DUE to when something is next to be done. */
static unsigned serve_ask(struct server *s, uint64_t *due)
{
    bool listens = !s->signo;

    if (listens && s->now < s->accept_after) {
        *due = s->accept_after < *due ? s->accept_after : *due;
        listens = false;
    }
    if (s->signo && s->drain_until < *due)
        *due = s->drain_until;
    s->polls[AT_SIGNALS] = (struct pollfd){.fd = s->o->signals, .events = POLLIN};
    s->polls[AT_BROKER] = (struct pollfd){.fd = remote_fd(s->o->front), .events = POLLIN};
    s->polls[AT_LISTENER] =
        (struct pollfd){.fd = listens ? s->o->listener->fd : -1, .events = POLLIN};
    for (unsigned i = 0; i < s->peer_count; i++) {
        const struct peer *p = s->peers[i];
        short events = peer_events(p, due);

        s->polls[AT_PEERS + i] = (struct pollfd){.fd = p->gone ? -1 : p->fd, .events = events};
    }
    for (unsigned i = 0; i < s->guest_count; i++) {
        const struct guest *g = &s->guests[i];
        uint64_t end = g->since + s->o->idle_ns;

        s->polls[AT_PEERS + s->peer_count + i] =
            (struct pollfd){.fd = g->fd, .events = g->spoke ? 0 : POLLIN};
        if (!g->spoke && s->o->idle_ns && end < *due)
            *due = end;
    }
    return AT_PEERS + s->peer_count + s->guest_count;
}

static void sweep(struct server *s)
{
    for (unsigned i = 0; i < s->peer_count;) {
        struct peer *p = s->peers[i];

        if (p->state == PEER_CLOSING && (p->gone || !sink_waiting(&p->caller.out))) {
            peer_free(p);
            s->peers[i] = s->peers[--s->peer_count];
        } else if (p->brief && peer_is_idle(p) && p->caller.lines.cap) {
            s->peers[i] = s->peers[--s->peer_count];
            door_return(s, p);
        } else {
            i++;
        }
    }
}

static int milliseconds(const struct server *s, uint64_t due)
{
    uint64_t now = box_now(), ms;

    if (s->hurry || due <= now)
        return 0;
    ms = (due - now + MS - 1) / MS;
    return due == UINT64_MAX ? -1 : ms > INT_MAX ? INT_MAX : (int)ms;
}

/* A user whose lines have taken long in this pass waits for the next, which follows immediately
 * and begins with the first peer that waits; any other pass begins with peer 0. */
static void pass_peers(struct server *s, unsigned peers)
{
    uint64_t before = box_now(), now;
    unsigned first = s->first;
    bool waits = false;

    for (unsigned i = 0; i < s->user_count; i++)
        s->users[i].worked = 0;
    s->first = 0;
    for (unsigned i = 0; i < peers; i++) {
        unsigned at = (first + i) % peers;
        struct user *u = s->peers[at]->user;

        if (u && u->worked >= SERVE_TURN_NS) {
            s->first = waits ? s->first : at;
            waits = s->hurry = true;
            continue;
        }
        peer_pass(s->peers[at], s->polls[AT_PEERS + at].revents);
        now = box_now();
        if (u)
            u->worked += now - before;
        before = now;
    }
}

static int pass(struct server *s, struct fault *why)
{
    uint64_t due = UINT64_MAX;
    unsigned n, peers = s->peer_count, guests = s->guest_count;
    int wait;

    if (remote_reload(s->o->front))
        serve_reload(s);
    if (tenants_reload_ends(s->o->tenants))
        serve_reloaded(s);
    serve_revive(s, &due);
    hold_count(s, &due);
    n = serve_ask(s, &due);
    wait = milliseconds(s, due);
    s->hurry = false;
    if (tenants_poll(s->o->tenants, s->polls, n, wait, why) < 0)
        return -1;
    s->now = box_now();
    queue_feed(s);
    pass_peers(s, peers);
    queue_feed(s);
    if (s->polls[AT_BROKER].revents)
        remote_hear(s->o->front);
    if (s->polls[AT_SIGNALS].revents)
        serve_signals(s);
    if (s->signo && !s->cancelled && s->now >= s->drain_until)
        serve_cancel(s);
    door_serve(s, s->polls + AT_PEERS + peers, s->signo ? 0 : guests);
    if (!s->signo && s->polls[AT_LISTENER].revents)
        serve_accept(s);
    sweep(s);
    door_open(s);
    return 0;
}

int serve_run(struct server *s, struct fault *why)
{
    while (!s->signo || (s->peer_count && !(s->cancelled && s->now >= s->drain_until)))
        if (pass(s, why) < 0)
            return -1;
    return s->cut ? s->signo : 0;
}
