/* The wire of a box: two connected sockets, one for each side. Prevents what the box could do with
 * its end beyond reading and writing. */
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
    /* A socket belongs to the network namespace that it was made in: this one, not the box's. A box
     * with bind(2) could claim an abstract name here before the service that owns it, or find out
     * which names are taken. A socket can have one name only, so name it now. */
    if (may_bind && bind(*theirs, &any, sizeof any.sa_family) < 0)
        return fault_set(why, STATUS_SETUP, errno, "box", "naming its end of the wire");
    return 0;
}
