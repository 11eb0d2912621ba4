/* One ioctl where the kernel has it (6.13), else a file of /proc. */
#include "runtime/monitor/pidfd.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "runtime/base/fd.h"

/* <linux/pidfd.h> of Debian 12 does not have it: the first published size of struct pidfd_info. */
struct info {
    uint64_t mask, cgroup;
    uint32_t pid, more[11];
};

#define GET_INFO _IOWR(0xff, 11, struct info)
#define WANT_PID 1u

static pid_t number_of_file(int pidfd)
{
    char path[48], text[512];
    const char *at;
    ssize_t n;

    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);

    autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);

    n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (n < 0)
        return -1;
    text[n] = '\0';
    at = strstr(text, "\nPid:");
    return at ? (pid_t)strtol(at + 5, NULL, 10) : -1;
}

pid_t pidfd_number(int pidfd)
{
    struct info info = {.mask = WANT_PID};

    if (ioctl(pidfd, GET_INFO, &info) == 0 && info.mask & WANT_PID)
        return (pid_t)info.pid;
    return number_of_file(pidfd);
}
