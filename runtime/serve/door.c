/* Connections without a place. All enter here, since the kernel says whose they are only once
 * accepted; nothing is read from them, so they cost a descriptor and no more. A statistics
 * request is answered immediately, others get a place in their turn, and if too many wait, one
 * of the user with the most is turned away. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/serve/peer.h"
#include "runtime/wire/stats.h"

static int take_guest(struct server *s, unsigned at)
{
    struct guest *g = &s->guests[at];
    int fd = g->fd;

    g->user->guests--;
    memmove(g, g + 1, (--s->guest_count - at) * sizeof *g);
    return fd;
}

/* Make a guest a peer: with a place, or without one if BRIEF, for statistics. */
static void seat(struct server *s, unsigned at, bool brief)
{
    struct user *u = s->guests[at].user;
    int fd = take_guest(s, at);

    if (!peer_new(s, fd, u, brief))
        close(fd);
}

static void send_away(struct server *s, unsigned at)
{
    struct user *u = s->guests[at].user;
    int fd = take_guest(s, at);
    struct peer *p = s->peer_count - s->places < SERVE_BRIEF ? peer_new(s, fd, u, true) : NULL;

    s->turned_away++;
    if (!p) {
        close(fd);
        return;
    }
    p->lost = true;
    peer_busy(p, "connections", s->o->connections,
              "all connections are taken, and too many wait already (--connections)");
}

/* Send away the oldest guest of the user with the most guests. */
static void make_room(struct server *s)
{
    const struct user *most = s->guests[0].user;

    for (unsigned i = 0; i < s->user_count; i++)
        if (s->users[i].guests > most->guests)
            most = &s->users[i];
    for (unsigned i = 0; i < s->guest_count; i++)
        if (s->guests[i].user == most) {
            send_away(s, i);
            return;
        }
}

void door_enter(struct server *s, int fd, struct user *u)
{
    if (s->guest_count == s->o->guests)
        make_room(s);
    u->guests++;
    s->guests[s->guest_count++] = (struct guest){.fd = fd, .user = u, .since = s->now};
}

void door_return(struct server *s, struct peer *p)
{
    door_enter(s, p->fd, p->user);
    s->guests[s->guest_count - 1].had = !p->brief;
    p->fd = -1;
    peer_free(p);
}

void door_close(struct server *s)
{
    while (s->guest_count)
        close(take_guest(s, s->guest_count - 1));
}

/* Look at a guest's input; false: it is no longer a guest. */
static bool look(struct server *s, unsigned at)
{
    struct guest *g = &s->guests[at];
    char said[64];
    ssize_t n = recv(g->fd, said, sizeof said, MSG_PEEK | MSG_DONTWAIT);

    if (n == 0) {
        close(take_guest(s, at));
        return false;
    }
    if (n < 0 || !memchr(said, '\n', (size_t)n) || !stats_asked(said, (size_t)n - 1)) {
        g->spoke = g->spoke || n > 0;
        return true;
    }
    if (s->peer_count - s->places >= SERVE_BRIEF)
        return true;
    seat(s, at, true);
    return false;
}

void door_serve(struct server *s, const struct pollfd *at, unsigned n)
{
    uint64_t idle = s->o->idle_ns;
    unsigned i = 0;

    for (unsigned was = 0; was < n; was++) {
        const struct guest *g = &s->guests[i];

        if (at[was].revents & (POLLHUP | POLLERR) ||
            (idle && !g->spoke && g->since + idle <= s->now))
            close(take_guest(s, i));
        else if (!(at[was].revents & POLLIN) || look(s, i))
            i++;
    }
}

void door_open(struct server *s)
{
    int at;

    while (s->places < s->o->connections && !s->signo && (at = share_next(s, false)) >= 0)
        seat(s, (unsigned)at, false);
    at = s->signo ? -1 : share_next(s, true);
    if (at >= 0 && share_displace(s, &s->guests[at]))
        s->hurry = true;
}
