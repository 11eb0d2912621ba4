/* Trusts the environment, which is the caller's. Checks a descriptor before it is used. */
#include "runtime/serve/systemd.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/fd.h"

#define FIRST_FD 3 /* SD_LISTEN_FDS_START */

static int option(int fd, int name)
{
    int value = -1;
    socklen_t size = sizeof value;

    return getsockopt(fd, SOL_SOCKET, name, &value, &size) < 0 ? -1 : value;
}

int systemd_listener(int *fd, struct fault *why)
{
    const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
    long count = pid && fds && strtol(pid, NULL, 10) == (long)getpid() ? strtol(fds, NULL, 10) : 0;

    *fd = -1;
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    if (count == 0)
        return 0;
    if (count != 1)
        return fault_set(why, STATUS_USAGE, 0, "LISTEN_FDS",
                         "%ld sockets were passed, but exactly one is needed", count);
    if (fcntl(FIRST_FD, F_SETFD, FD_CLOEXEC) < 0 || option(FIRST_FD, SO_DOMAIN) != AF_UNIX ||
        option(FIRST_FD, SO_TYPE) != SOCK_STREAM || option(FIRST_FD, SO_ACCEPTCONN) != 1)
        return fault_set(why, STATUS_USAGE, 0, "LISTEN_FDS",
                         "the socket that came is no listening Unix stream socket");
    /* The open file description is shared with the manager, which only polls it. */
    if (fcntl(FIRST_FD, F_SETFL, O_NONBLOCK) < 0)
        return fault_set(why, STATUS_SETUP, errno, "LISTEN_FDS", "the socket that came");
    *fd = FIRST_FD;
    return 0;
}

/* '@' stands for the NUL of an abstract name. */
static socklen_t systemd_address(struct sockaddr_un *to, const char *path)
{
    size_t n = strlen(path);

    *to = (struct sockaddr_un){.sun_family = AF_UNIX};
    if ((*path != '/' && *path != '@') || n < 2 || n >= sizeof to->sun_path)
        return 0;
    memcpy(to->sun_path, path, n);
    if (*path == '@')
        to->sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
}

void systemd_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to;
    socklen_t size = path ? systemd_address(&to, path) : 0;
    autoclose int fd = size ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;

    if (fd >= 0)
        sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&to, size);
}

void systemd_reloading(void)
{
    struct timespec now;
    char state[64];

    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%lld",
             (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
    systemd_notify(state);
}
