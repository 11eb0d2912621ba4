/* A forbidden call is named by whoever holds the listener of the box's filter: so the box must be able
 * to load one, and runbox to take it. Trusts what the kernel answers; what /proc shows only decides
 * what has to be tried: each try makes a child. */
#include "runtime/host/naming.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/fields.h"
#include "runtime/host/checkup.h"
#include "runtime/jail/own_filter.h"

int host_load_listener(int unused)
{
    struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {1, &allow};

    (void)unused;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program) <
            0)
        return errno;
    return 0;
}

/* The kernel allows one listener among all filters of a process. Source: seccomp(2), EBUSY. */
static bool listener_is_taken(void)
{
    return own_filter_inherited() && check_try(host_load_listener, 0) == EBUSY;
}

/* Whether LABEL is an AppArmor profile's in one of the two modes that deny nothing. */
static bool is_lax(const char *label)
{
    static const char *const modes[] = {" (complain)", " (unconfined)"};
    const char *mode = strrchr(label, ' ');

    for (size_t i = 0; mode && i < sizeof modes / sizeof modes[0]; i++)
        if (strcmp(mode, modes[i]) == 0)
            return true;
    return false;
}

/* Whether something may deny it that Yama's setting does not tell: where /proc/sys does not show that,
 * and for a process with a label of a security module. */
static bool may_be_denied(bool yama_shown)
{
    char label[256];

    if (!yama_shown && (access("/proc/sys/kernel/", F_OK) < 0 ||
                        access("/proc/sys/kernel/yama/ptrace_scope", F_OK) == 0))
        return true;
    if (!field_file("/proc/self/attr/current", label, sizeof label))
        return errno == EACCES || errno == EPERM; /* else there is no such module */
    return strcmp(label, "unconfined") != 0 && !is_lax(label);
}

/* Whether the kernel lets this process look into a child in a user namespace of its own, as a box has:
 * Yama may allow no other (ptrace_scope=2). The child has ended, so that it has nothing to hide. That it
 * has no descriptor -1 (EBADF, ESRCH) is said only to who may. Where none can be made, no box can. */
static bool may_look(void)
{
    int pidfd = -1;
    struct clone_args args = {
        .flags = CLONE_NEWUSER | CLONE_PIDFD, .pidfd = (uintptr_t)&pidfd, .exit_signal = SIGCHLD};
    long pid = syscall(SYS_clone3, &args, sizeof args);
    siginfo_t info;
    bool may;

    if (pid == 0)
        _exit(0);
    if (pid < 0)
        return true;
    while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
        continue;
    may = syscall(SYS_pidfd_getfd, pidfd, -1, 0) >= 0 || errno != EPERM;
    while (waitid(P_PID, (id_t)pid, &info, WEXITED) < 0 && errno == EINTR)
        continue;
    close(pidfd);
    return may;
}

enum unnamed host_unnamed(void)
{
    char scope[16];
    const char *shown;

    /* A filter answers before the kernel, which knows no pidfd -1. */
    if (syscall(SYS_pidfd_getfd, -1, -1, 0) < 0 && errno != EBADF)
        return UNNAMED_FILTER;
    shown = field_file("/proc/sys/kernel/yama/ptrace_scope", scope, sizeof scope);
    if (shown && strcmp(shown, "3") == 0)
        return UNNAMED_YAMA;
    if (listener_is_taken())
        return UNNAMED_LISTENER;
    return may_be_denied(shown) && !may_look() ? UNNAMED_DENIED : UNNAMED_NO;
}
