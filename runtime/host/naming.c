/* A forbidden call is named by whoever holds the listener of the box's filter: so the box must be able
 * to load one, and runbox to take it. Trusts what the kernel answers; what /proc shows only decides
 * what has to be tried: each try makes a child. */
#include "runtime/host/naming.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
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

/* Whether the kernel lets this process look into a child: it tries one that has nothing to hide, and
 * perhaps has ended. That it has no descriptor -1 (EBADF), or none (ESRCH), is said only to who may. */
static bool may_look(void)
{
    pid_t pid = fork();
    autoclose int pidfd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    bool may;

    if (pid == 0)
        _exit(0);
    may = pidfd < 0 || syscall(SYS_pidfd_getfd, pidfd, -1, 0) >= 0 || errno != EPERM;
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    return may;
}

/* Where /proc/sys does not show what Yama does, it has to be tried. */
enum unnamed host_unnamed(void)
{
    static const char yama[] = "/proc/sys/kernel/yama/ptrace_scope";
    char scope[16];

    /* A filter answers before the kernel, which knows no pidfd -1. */
    if (syscall(SYS_pidfd_getfd, -1, -1, 0) < 0 && errno != EBADF)
        return UNNAMED_FILTER;
    if (field_file(yama, scope, sizeof scope) && strcmp(scope, "3") == 0)
        return UNNAMED_YAMA;
    if (listener_is_taken())
        return UNNAMED_LISTENER;
    if (access("/proc/sys/kernel/", F_OK) == 0 || access(yama, F_OK) == 0)
        return UNNAMED_NO;
    return may_look() ? UNNAMED_NO : UNNAMED_DENIED;
}
