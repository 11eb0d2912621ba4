/* One control message, of descriptors alone. */
#include "runtime/base/pass.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

union rights {
    char bytes[CMSG_SPACE(PASS_MAX * sizeof(int))];
    struct cmsghdr aligned;
};

ssize_t pass_send(int socket, const void *bytes, size_t n, const int *fds, size_t count, int flags)
{
    struct iovec iov = {(void *)(uintptr_t)bytes, n};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    union rights rights;

    if (count) {
        msg.msg_control = rights.bytes;
        msg.msg_controllen = CMSG_SPACE(count * sizeof *fds);
        memset(rights.bytes, 0, msg.msg_controllen);
        rights.aligned = (struct cmsghdr){CMSG_LEN(count * sizeof *fds), .cmsg_level = SOL_SOCKET,
                                          .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(&rights.aligned), fds, count * sizeof *fds);
    }
    return sendmsg(socket, &msg, flags);
}

/* The kernel stores as many descriptors as there is room for, in one message, and closes the
 * others (MSG_CTRUNC). */
ssize_t pass_receive(int socket, void *bytes, size_t n, int *fds, size_t *count, int flags)
{
    struct iovec iov = {bytes, n};
    union rights rights;
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = rights.bytes,
                         .msg_controllen = CMSG_LEN(*count * sizeof *fds)};
    ssize_t got = recvmsg(socket, &msg, flags | MSG_CMSG_CLOEXEC);

    /* The other end closed with messages unread: said once, before what it has sent (unix(7)). */
    if (got < 0 && errno == ECONNRESET)
        got = recvmsg(socket, &msg, flags | MSG_CMSG_CLOEXEC);
    *count = 0;
    if (got < 0 || msg.msg_controllen < CMSG_LEN(sizeof *fds) ||
        rights.aligned.cmsg_type != SCM_RIGHTS)
        return got;
    *count = (rights.aligned.cmsg_len - CMSG_LEN(0)) / sizeof *fds;
    memcpy(fds, CMSG_DATA(&rights.aligned), *count * sizeof *fds);
    return got;
}
