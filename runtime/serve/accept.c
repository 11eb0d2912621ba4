/* New connections: the socket's mode decides who can connect; of these, the user id that the
 * kernel reports decides who is served. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/serve/peer.h"

#define PAUSE_NS 100000000ull

#define AT_ONCE 256 /* in one pass, so that others are served too */

/* NULL: a user who is not served. */
static struct user *user_of(const struct server *s, int fd, uid_t *uid)
{
    struct ucred who;
    socklen_t size = sizeof who;

    *uid = (uid_t)-1;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) < 0)
        return NULL;
    *uid = who.uid;
    for (unsigned i = 0; i < s->user_count; i++)
        if (s->users[i].uid == who.uid)
            return &s->users[i];
    return NULL;
}

static void welcome(struct server *s, int fd)
{
    struct peer *p;
    struct fault why;
    uid_t uid;
    struct user *u = user_of(s, fd, &uid);

    if (u) {
        door_enter(s, fd, u);
        return;
    }
    s->refused++;
    p = s->peer_count - s->places < SERVE_BRIEF ? peer_new(s, fd, NULL, true) : NULL;
    if (!p) {
        close(fd);
        return;
    }
    p->lost = true;
    fault_set(&why, STATUS_REFUSED, 0, "", "user %u may not use this server (--allow-uid)",
              (unsigned)uid);
    peer_refuse(p, &why);
}

/* Without a free descriptor the listener stays readable: pause, instead of retrying in a loop. */
void serve_accept(struct server *s)
{
    for (unsigned i = 0; i < AT_ONCE; i++) {
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
