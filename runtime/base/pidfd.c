/* An ioctl if the kernel has it (6.13; namespaces: 6.11), else a file in /proc. */
#include "runtime/base/pidfd.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/fields.h"

/* Missing from <linux/pidfd.h> in Debian 12: the first published size of struct pidfd_info. */
struct info {
    uint64_t mask, cgroup;
    uint32_t pid, more[11];
};

#define GET_INFO _IOWR(0xff, 11, struct info)
#define WANT_PID 1u

static pid_t number_of_file(int pidfd)
{
    char path[48], text[512];
    uint64_t pid;
    ssize_t n;

    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);

    autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);

    n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (n < 0)
        return -1;
    text[n] = '\0';
    /* "-1" means that the process was reaped. */
    return field_key_number(text, "Pid", ':', &pid) == 0 && pid <= INT_MAX ? (pid_t)pid : -1;
}

const char *const pidfd_namespaces[PIDFD_NAMESPACES] = {
    [PIDFD_USER] = "user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time"};

/* Of /proc each lookup makes a directory entry and an inode, which the process's end has to find
 * again: five times as long. */
ino_t pidfd_namespace(int pidfd, pid_t pid, unsigned i)
{
    static const unsigned get[PIDFD_NAMESPACES] = {9, 3, 5, 4, 2, 10, 1, 7};
    autoclose int fd = ioctl(pidfd, _IO(0xff, get[i]), 0);
    char path[32];
    struct stat st;

    snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, pidfd_namespaces[i]);
    return (fd < 0 ? stat(path, &st) : fstat(fd, &st)) < 0 ? 0 : st.st_ino;
}

/* Whether this process is in /proc under its own number. */
static bool proc_is_ours(void)
{
    static enum { UNKNOWN, OURS, ANOTHERS } proc; /* of this process and its children */
    char text[16];
    ssize_t n;

    if (proc == UNKNOWN) {
        n = readlink("/proc/self", text, sizeof text - 1);
        text[n > 0 ? n : 0] = '\0';
        proc = n > 0 && atoi(text) == getpid() ? OURS : ANOTHERS;
    }
    return proc == OURS;
}

pid_t pidfd_in_proc(int pidfd, pid_t pid)
{
    return proc_is_ours() ? pid : number_of_file(pidfd);
}

pid_t pidfd_number(int pidfd)
{
    struct info info = {.mask = WANT_PID};

    if (ioctl(pidfd, GET_INFO, &info) == 0 && info.mask & WANT_PID)
        return (pid_t)info.pid;
    return number_of_file(pidfd);
}
