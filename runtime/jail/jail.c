/* The broker's side of a jail: the clone, what is sent with the order, and the child's messages.
 * Trusts the plan; reads one small struct from the child. */
#include "runtime/jail/jail.h"

#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bundles/bundle.h"
#include "runtime/base/fd.h"
#include "runtime/jail/diagnosis.h"
#include "runtime/jail/steps.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

#define PATIENCE_MS 10000 /* in case the child is stopped from outside and so sends nothing */

void jail_spread(int pid)
{
    cpu_set_t all, others;
    int here = sched_getcpu();

    if (here < 0 || sched_getaffinity(pid, sizeof all, &all) < 0)
        return;
    others = all;
    CPU_CLR((unsigned)here, &others);
    /* The child moves immediately; restoring the old mask does not move it back. Where another task
     * keeps that processor busy, the child can return as soon as its parent waits. */
    if (CPU_COUNT(&others) && sched_setaffinity(pid, sizeof others, &others) == 0)
        sched_setaffinity(pid, sizeof all, &all);
}

/* Whether what is executed needs a name: learned from an exec that failed. */
static bool names_exec;

bool jail_names_exec(void)
{
    return names_exec;
}

/* Whether clone3 knows CLONE_NEWTIME, as far as it was tried; else the child makes that namespace. */
static bool clones_time = true;

static long clone_once(struct clone_args *args)
{
    if (clones_time)
        args->flags |= CLONE_NEWTIME;
    else
        args->flags &= ~(uint64_t)CLONE_NEWTIME;
    return syscall(SYS_clone3, args, sizeof *args);
}

static long clone_child(struct clone_args *args)
{
    long pid = clone_once(args);

    if (pid >= 0 || errno != EINVAL || !clones_time)
        return pid;
    clones_time = false;
    pid = clone_once(args);
    clones_time = pid < 0; /* then it was something else */
    return pid;
}

int jail_clone(struct jail *j, bool host_network, int exe, int cgroup, int *pidfd)
{
    /* Without CLONE_VM and CLONE_FILES, what kills the child leaves the broker intact, and neither
     * gets what the other opens. A child with memory of its own enters the time namespace
     * immediately. */
    struct clone_args args = {
        .flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS |
                 CLONE_PIDFD | CLONE_CLEAR_SIGHAND | (cgroup >= 0 ? CLONE_INTO_CGROUP : 0ull),
        .exit_signal = SIGCHLD,
        .cgroup = (unsigned)(cgroup >= 0 ? cgroup : 0),
    };
    autoclose int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
    autoclose int theirs = -1;
    int pair[2], made = -1;
    long pid;

    if (self < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return -1;
    *j = JAIL_INIT;
    j->control = pair[0];
    theirs = pair[1];
    args.pidfd = (uint64_t)(uintptr_t)&made;
    pid = clone_child(&args);
    if (pid == 0)
        jail_enter(host_network, args.flags & CLONE_NEWTIME, self, exe, theirs);
    /* The kernel writes a number before it knows that it can make the process: on failure it is no
     * open descriptor. */
    if (pid > 0)
        *pidfd = made;
    return (int)pid;
}

/* Receive one message: 1; 0: none will come (exec, exit); -1 with errno (EAGAIN: none in MS). */
static int take_message(const struct jail *j, struct jail_message *message, int ms)
{
    struct pollfd p = {.fd = j->control, .events = POLLIN};
    ssize_t n;
    int ready;

    if (j->control < 0)
        return 0;
    while ((ready = poll(&p, 1, ms)) < 0 && errno == EINTR)
        continue;
    if (ready == 0)
        errno = EAGAIN;
    if (ready <= 0)
        return -1;
    n = recv(j->control, message, sizeof *message, 0);
    if (n < 0 && errno == ECONNRESET) /* exited with its order unread: reported first, and once */
        n = recv(j->control, message, sizeof *message, MSG_DONTWAIT);
    return n == (ssize_t)sizeof *message;
}

static int tell_failed(struct jail *j, const struct jail_message *message, struct fault *why)
{
    j->again = jail_is_exec(message->step) && message->failed == ENOENT && !names_exec;
    names_exec |= j->again;
    fault_set(why, STATUS_SETUP, message->failed, "jail", "%s", jail_step(message->step));
    return diagnosis_add(why, jail_step(message->step));
}

int jail_await_namespaces(struct jail *j, struct fault *why)
{
    struct jail_message message;
    int r = take_message(j, &message, PATIENCE_MS);

    if (r > 0 && !message.failed)
        return 0;
    return r > 0 ? tell_failed(j, &message, why)
                 : fault_set(why, STATUS_SETUP, 0, "box",
                             "it ended, or hangs, before its namespaces were made");
}

int jail_await_exec(struct jail *j, struct fault *why)
{
    struct jail_message message;
    int r;

    while ((r = take_message(j, &message, PATIENCE_MS)) > 0)
        if (message.failed)
            return tell_failed(j, &message, why);
    if (r == 0)
        close(steal_fd(&j->control));
    return r == 0;
}

int jail_failure(struct jail *j, struct fault *why)
{
    struct jail_message message;

    while (take_message(j, &message, 0) > 0)
        if (message.failed)
            return tell_failed(j, &message, why);
    return 0;
}

void jail_release(struct jail *j)
{
    if (j->control >= 0)
        close(j->control);
    if (j->image >= 0)
        close(j->image);
    for (unsigned i = 0; i < j->sources; i++)
        close(j->source[i]);
    *j = JAIL_INIT;
}
