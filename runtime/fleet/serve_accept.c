/* New connections: whom the socket's mode let through, the kernel's word on who it is decides about. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/fleet/serve_peer.h"

#define PAUSE_NS 100000000ull

static bool is_allowed(const struct server *s, int fd, uid_t *uid)
{
    struct ucred who;
    socklen_t size = sizeof who;

    *uid = (uid_t)-1;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) < 0)
        return false;
    *uid = who.uid;
    for (size_t i = 0; i < s->o->uid_count; i++)
        if (s->o->uids[i] == who.uid)
            return true;
    return who.uid == geteuid() || who.uid == 0;
}

static void welcome(struct server *s, int fd)
{
    struct peer *p = peer_new(s, fd);
    struct fault why;
    uid_t uid;

    if (!p) {
        close(fd);
        return;
    }
    s->peers[s->peer_count++] = p;
    if (is_allowed(s, fd, &uid))
        return;
    s->refused++;
    p->lost = true;
    fault_set(&why, STATUS_REFUSED, 0, "", "user %u may not use this server (--allow-uid)",
              (unsigned)uid);
    peer_refuse(p, &why);
}

/* Where no descriptor is left the listener stays readable: it is left alone for a while, not asked in a loop. */
void serve_accept(struct server *s)
{
    while (s->peer_count < s->o->connections) {
        int fd = accept4(s->o->listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd >= 0) {
            welcome(s, fd);
        } else if (errno != ECONNABORTED && errno != EINTR) {
            if (errno != EAGAIN)
                s->accept_after = s->now + PAUSE_NS;
            return;
        }
    }
}
