/* What is read of a process through its pidfd is what /proc says of it, where the kernel has the ioctl and where not. */
#include "runtime/base/pidfd.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/tap.h"

static ino_t in_proc(pid_t pid, const char *name)
{
    char path[64];
    struct stat st;

    snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, name);
    return stat(path, &st) < 0 ? 0 : st.st_ino;
}

static void same(const char *whose, int pidfd, pid_t pid)
{
    for (unsigned i = 0; i < PIDFD_NAMESPACES; i++) {
        ino_t its = in_proc(pid, pidfd_namespaces[i]);

        ok(its && pidfd_namespace(pidfd, pid, i) == its, "%s %s: %lu", whose, pidfd_namespaces[i],
           (unsigned long)its);
        ok(pidfd_namespace(-1, pid, i) == its, "... and without the ioctl");
    }
}

static pid_t child(void)
{
    int ready[2];
    char byte;
    pid_t pid;

    if (pipe2(ready, O_CLOEXEC) < 0)
        return -1;
    pid = fork();
    if (pid == 0) {
        close(ready[0]);
        if (unshare(CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET) == 0 &&
            write(ready[1], "", 1) == 1)
            pause();
        _exit(1);
    }
    close(ready[1]);
    if (pid > 0 && read(ready[0], &byte, 1) != 1) {
        waitpid(pid, NULL, 0);
        pid = -1;
    }
    close(ready[0]);
    return pid;
}

int main(void)
{
    int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
    pid_t pid = child();
    int its = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;

    if (!ok(self >= 0 && its >= 0, "a child in namespaces of its own"))
        return done();
    same("own", self, getpid());
    same("its", its, pid);
    for (unsigned i = 0; i < PIDFD_NAMESPACES; i++)
        if (in_proc(pid, pidfd_namespaces[i]) != in_proc(getpid(), pidfd_namespaces[i]))
            ok(pidfd_namespace(its, pid, i) != pidfd_namespace(self, getpid(), i), "%s differs",
               pidfd_namespaces[i]);
    ok(pidfd_number(its) == pid, "its number");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    ok(pidfd_namespace(its, pid, PIDFD_USER) == 0, "of one that was reaped: none");
    return done();
}
