/* The wire of a box: a pair of connected sockets, one end for each side. What the box may do with its end, beyond
 * reading and writing, is ended here. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/jail/jail.h"

int jail_wire(const struct plan *p, int *ours, int *theirs, struct fault *why)
{
    /* Only the family: the kernel chooses a name (unix(7), "autobind"). */
    const struct sockaddr any = {.sa_family = AF_UNIX};
    bool may_bind = p->profile != PROFILE_COMPUTE || p->allow.count;
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return fault_set(why, STATUS_SETUP, errno, "box", "its wire");
    *ours = pair[0];
    *theirs = pair[1];
    /* A socket belongs to the network namespace that it was made in: this one, whatever the box's own. Where the
     * box has bind(2), it could take any abstract name here with its end, before the service that it
     * belongs to, or find the name that another box has taken. A socket takes one name, and so it has one. */
    if (may_bind && bind(*theirs, &any, sizeof any.sa_family) < 0)
        return fault_set(why, STATUS_SETUP, errno, "box", "naming its end of the wire");
    return 0;
}
