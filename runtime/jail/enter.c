/* The child's path from clone to exec: one table of steps, each row saying why it comes where it
 * does. Trusts its order; never returns. Its memory and descriptors are its own. */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

#include "bundles/manifest.h"
#include "runtime/base/fd.h"
#include "runtime/base/span.h"
#include "runtime/jail/exe.h"
#include "runtime/jail/steps.h"
#include "runtime/jail/sys.h"
#include "schemas/setup.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

/* The box dies with its parent, the broker. A parent that died before the call shows on its pidfd:
 * getppid(2) knows no pid for one outside the pid namespace. */
static long death_tie(struct jail_child *j)
{
    struct pollfd monitor = {.fd = JAIL_MONITOR, .events = POLLIN};
    struct timespec now = {0};
    long r = sys2(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);

    (void)j;
    if (r == 0)
        r = sys5(SYS_ppoll, &monitor, 1, &now, NULL, 0);
    return r > 0 ? -ESRCH : r;
}

static long network_unshare(struct jail_child *j)
{
    (void)j;
    return sys1(SYS_unshare, CLONE_NEWNET);
}

/* It confines nothing: no script sees the name but by a system call that has to be granted. Where a
 * filter around runbox refuses it, as containers' do, the one that no manifest asked for is let go. */
static long hostname_enter(struct jail_child *j)
{
    long r = sys2(SYS_sethostname, j->order.hostname, strlen(j->order.hostname));

    return (r == -EPERM || r == -ENOSYS) && strcmp(j->order.hostname, MANIFEST_HOSTNAME) == 0 ? 0
                                                                                              : r;
}

static long groups_join(struct jail_child *j)
{
    for (uint32_t i = 0; i < j->order.joins; i++) {
        long r = sys3(SYS_write, j->join[i], "0", 1);

        if (r < 0)
            return r;
    }
    return 0;
}

/* If memory runs short in a group around them, the kernel is to kill a box before the template that
 * forks others, and the template before monitor and broker. Never lowered: that may be forbidden,
 * and whoever started runbox may have set it on purpose. A template keeps the file open to raise
 * what it forks (oom_score_adj is inherited). */
static long score_raise(struct jail_child *j)
{
    static const char most[] = SETUP_SCORE_BOX;
    char text[16] = {0};
    autoclose int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
    long now, r = fd < 0 ? -errno : 0;

    if (r < 0 || !j->order.forks)
        return r < 0 ? r : sys3(SYS_write, fd, most, sizeof most - 1);
    r = sys4(SYS_pread64, fd, text, sizeof text - 1, 0);
    if (r < 0)
        return r;
    now = strtol(text, NULL, 10);
    snprintf(text, sizeof text, "%ld", now + (strtol(most, NULL, 10) - now) * 9 / 10);
    r = sys4(SYS_pwrite64, fd, text, strlen(text), 0);
    j->score = steal_fd(&fd);
    return r;
}

static long cgroup_enter(struct jail_child *j)
{
    (void)j;
    return sys1(SYS_unshare, CLONE_NEWCGROUP);
}

/* Where clone3 does not know the flag: Linux before 6.3, unless its distribution has mended that. What
 * is unshared is for children; a process alone may then enter it. Source: time_namespaces(7). */
static long time_enter(struct jail_child *j)
{
    long r = sys1(SYS_unshare, CLONE_NEWTIME), fd;

    (void)j;
    if (r < 0)
        return r;
    fd = sys3(SYS_openat, AT_FDCWD, "/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
    r = fd < 0 ? fd : sys2(SYS_setns, fd, CLONE_NEWTIME);
    if (fd >= 0)
        sys1(SYS_close, fd);
    return r;
}

/* For a user whose key quota has no room for another session keyring. A process keyring is
 * allocated regardless (KEY_ALLOC_QUOTA_OVERRUN), and one that its user may search can be joined by
 * name. The box's user namespace has its own list of names, in which this one is alone. Source:
 * security/keys/process_keys.c. */
static long keyring_beyond_quota(void)
{
    const uint32_t may = 0x3f000000 | 0x00090000; /* KEY_POS_ALL | KEY_USR_VIEW | KEY_USR_SEARCH */
    long id = sys3(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1);
    long r = id < 0 ? id : sys3(SYS_keyctl, KEYCTL_SETPERM, id, may);

    if (r >= 0)
        r = sys2(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, "_pid");
    return r < 0 || r == id ? r : -EDQUOT;
}

static long session_enter(struct jail_child *j)
{
    long r = sys0(SYS_setsid);

    (void)j;
    if (r < 0)
        return r;
    r = sys2(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
    if (r == -EDQUOT)
        r = keyring_beyond_quota();
    /* A kernel without CONFIG_KEYS has no keyring to isolate; where a filter around runbox refuses the
     * call (a container's: EPERM, which the kernel itself never answers here), it does so in the box,
     * too, whose own filter has it in no profile. */
    return r >= 0 || r == -ENOSYS || r == -EPERM ? 0 : r;
}

static long signals_reset(struct jail_child *j)
{
    uint64_t none = 0;

    (void)j;
    return sys4(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none);
}

/* In a template, its score file takes the number that it had so far. */
long exe_place(struct jail_child *j)
{
    if (j->order.forks && j->exe == JAIL_EXE)
        j->exe = fcntl(JAIL_EXE, F_DUPFD_CLOEXEC, JAIL_OWN);
    return j->exe < 0 ? -errno : j->exe;
}

/* Keep the wire, in a template also its score file; all else is closed by the exec, or here. */
static long descriptors_close(struct jail_child *j)
{
    long r = sys3(SYS_dup3, j->wire, 0, 0);

    if (r < 0)
        return r;
    if (!j->order.forks) { /* all are close-on-exec, should a filter around runbox refuse it */
        r = sys3(SYS_close_range, JAIL_OWN, ~0u, 0);
        return r == -ENOSYS || r == -EPERM ? 0 : r;
    }
    r = exe_place(j);
    return r < 0 ? r : sys3(SYS_dup3, j->score, SETUP_SCORE, 0);
}

static long box_exec(struct jail_child *j)
{
    char *const argv[] = {(char *)(uintptr_t)exe_box(), NULL};
    char *const envp[] = {NULL};

    return sys5(SYS_execveat, j->exe, "", argv, envp, AT_EMPTY_PATH);
}

static bool has_files(const struct jail_child *j)
{
    return j->order.files;
}

static bool has_own_network(const struct jail_child *j)
{
    return !j->host_network;
}

static bool lacks_own_time(const struct jail_child *j)
{
    return !j->own_time && !j->order.no_time_namespace;
}

static bool has_own_sources(const struct jail_child *j)
{
    return j->order.files && !j->order.own_ids;
}

static const struct step {
    const char *name;
    long (*run)(struct jail_child *j);
    bool (*when)(const struct jail_child *j); /* NULL: always */
} steps[] = {
    /* No order needed: meanwhile the broker reads the bundle, plans, maps ids, makes groups. */
    {"parent death", death_tie, NULL},
    {"network namespace", network_unshare, has_own_network}, /* by far the slowest, so early */
    {"order", order_await, NULL},
    {"cgroups", groups_join, NULL},           /* first: what follows is charged to the box */
    {"oom_score_adj", score_raise, NULL},     /* while the host's /proc is mounted */
    {"cgroup namespace", cgroup_enter, NULL}, /* after joining: its root is the box's own group */
    {"time namespace", time_enter, lacks_own_time},
    {"session", session_enter, NULL}, /* without the caller's terminal and keys */
    {"host name", hostname_enter, NULL},
    {"mount sources", sources_enter, has_own_sources}, /* while the host's tree is mounted */
    {"ids", ids_enter, NULL}, /* before mounts: whoever makes a tmpfs or a file owns it */
    {"root", root_enter, NULL},
    {"mounts", mounts_enter, has_files},
    {"sealing the root", root_seal, has_files},
    {"landlock", landlock_enter, NULL}, /* after every mount: it forbids later ones */
    {"rlimits", rlimits_enter, NULL},   /* after ids: RLIMIT_NPROC counts per user */
    {"capabilities", caps_enter, NULL}, /* the last step that needs privilege */
    {"parent death", death_tie, NULL},  /* again: a change of ids clears it (prctl(2)) */
    {"signals", signals_reset, NULL},
    {"descriptors", descriptors_close, NULL},
    {"exec", box_exec, NULL},
};

#define STEPS (sizeof steps / sizeof steps[0])

const char *jail_step(uint32_t i)
{
    return i < STEPS ? steps[i].name : "an unknown step";
}

bool jail_is_exec(uint32_t i)
{
    return i == STEPS - 1;
}

/* First of all, close everything of the caller's but these few, in the child's own table. */
static long descriptors_take(int monitor, int exe, int control)
{
    long r = sys3(SYS_dup3, monitor, JAIL_MONITOR, O_CLOEXEC);

    if (r >= 0)
        r = sys3(SYS_dup3, exe, JAIL_EXE, O_CLOEXEC);
    if (r >= 0)
        r = sys3(SYS_dup3, control, JAIL_CONTROL, O_CLOEXEC);
    return r >= 0 && span_close(JAIL_OWN, ~0u) < 0 ? -errno : r;
}

noreturn void jail_enter(bool host_network, bool own_time, int monitor, int exe, int control)
{
    struct jail_child j = {.host_network = host_network,
                           .own_time = own_time,
                           .exe = JAIL_EXE,
                           .wire = -1,
                           .proc = -1,
                           .score = -1};
    struct jail_message message = {0};

    if (descriptors_take(monitor, exe, control) < 0)
        _exit(125);
    for (; message.step < STEPS; message.step++) {
        const struct step *s = &steps[message.step];
        long r = s->when && !s->when(&j) ? 0 : s->run(&j);

        if (r >= 0)
            continue;
        message.failed = (int32_t)-r;
        send(JAIL_CONTROL, &message, sizeof message, MSG_NOSIGNAL);
        break;
    }
    _exit(125);
}
