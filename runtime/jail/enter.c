/* The child's way from clone to exec: one table of steps, each row saying why it stands where it
 * does. Trusts the plan; never parses anything; never returns. */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "runtime/jail/steps.h"
#include "runtime/jail/sys.h"

static long network_unshare(struct jail *j)
{
    (void)j;
    return sys1(SYS_unshare, CLONE_NEWNET);
}

static long hostname_enter(struct jail *j)
{
    return sys2(SYS_sethostname, j->plan->hostname, strlen(j->plan->hostname));
}

static long gate_wait(struct jail *j)
{
    __atomic_store_n(&j->arrived, 1, __ATOMIC_RELEASE);
    sys6(SYS_futex, SYS_ARG(&j->arrived), FUTEX_WAKE, 1, 0, 0, 0);
    for (;;) {
        uint32_t gate = __atomic_load_n(&j->gate, __ATOMIC_ACQUIRE);

        if (gate == JAIL_GO)
            return 0;
        if (gate == JAIL_ABORT)
            sys1(SYS_exit_group, 1);
        sys6(SYS_futex, SYS_ARG(&j->gate), FUTEX_WAIT, JAIL_WAIT, 0, 0, 0);
    }
}

static long groups_join(struct jail *j)
{
    for (int i = 0; i < JAIL_JOINS; i++) {
        long r = j->join[i] < 0 ? 0 : sys3(SYS_write, j->join[i], "0", 1);

        if (r < 0)
            return r;
    }
    return 0;
}

static long cgroup_enter(struct jail *j)
{
    (void)j;
    return sys1(SYS_unshare, CLONE_NEWCGROUP);
}

static long descriptors_unshare(struct jail *j)
{
    (void)j;
    return sys1(SYS_unshare, CLONE_FILES);
}

static long session_enter(struct jail *j)
{
    long r = sys0(SYS_setsid);

    (void)j;
    if (r < 0)
        return r;
    r = sys2(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
    /* A kernel without CONFIG_KEYS has no keyring to keep apart. */
    return r >= 0 || r == -ENOSYS ? 0 : r;
}

/* The box dies with its monitor. A monitor that was gone before the call shows on its pidfd: a parent
 * outside the pid namespace has no number that getppid(2) could give. */
static long death_tie(struct jail *j)
{
    struct pollfd monitor = {.fd = j->monitor, .events = POLLIN};
    struct timespec now = {0};
    long r = sys2(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);

    if (r == 0)
        r = sys5(SYS_ppoll, &monitor, 1, &now, NULL, 0);
    return r > 0 ? -ESRCH : r;
}

static long signals_reset(struct jail *j)
{
    uint64_t none = 0;

    (void)j;
    return sys4(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none);
}

/* Both descriptors are above 2 (main.c saw to that), so neither is overwritten before it is copied. */
static long descriptors_close(struct jail *j)
{
    long r = sys3(SYS_dup3, j->wire, 0, 0);

    if (r >= 0)
        r = sys3(SYS_dup3, j->exe, 1, O_CLOEXEC);
    return r < 0 ? r : sys3(SYS_close_range, 2, ~0u, 0);
}

static long box_exec(struct jail *j)
{
    static char name[] = "runbox-lua";
    char *const argv[] = {name, NULL};
    char *const envp[] = {NULL};

    __atomic_store_n(&j->confined, 1, __ATOMIC_RELEASE);
    return sys5(SYS_execveat, 1, "", argv, envp, AT_EMPTY_PATH);
}

static bool is_empty_root(const struct jail *j)
{
    return !j->shape.files;
}

static bool has_files(const struct jail *j)
{
    return j->shape.files;
}

static bool has_own_network(const struct jail *j)
{
    return !j->shape.host_network;
}

static bool has_own_sources(const struct jail *j)
{
    return j->shape.files && !j->plan->own_ids;
}

static const struct step {
    const char *name;
    long (*run)(struct jail *j);
    bool (*when)(const struct jail *j); /* NULL: always */
} steps[] = {
    /* Up to the gate: what the shape alone decides and no ids are needed for. Meanwhile the monitor
     * reads the bundle, plans, writes the id maps and makes the groups. */
    {"parent death", death_tie, NULL},
    {"network namespace", network_unshare, has_own_network}, /* the slowest of all by far: first */
    {"root", root_enter, is_empty_root}, /* nothing is ever written into it: no ids needed */
    {"gate", gate_wait, NULL},
    {"cgroups", groups_join,
     NULL}, /* first after the gate: all that follows is the box's to pay for */
    {"cgroup namespace", cgroup_enter, NULL}, /* after joining: its root is the box's own group */
    {"descriptor table", descriptors_unshare, NULL}, /* before the first descriptor of its own */
    {"session", session_enter, NULL},                /* no terminal, no key of the caller's */
    {"host name", hostname_enter, NULL},
    {"mount sources", sources_enter, has_own_sources}, /* while the host's tree is still there */
    {"ids", ids_enter, NULL},        /* before mounts: files get the box's owner */
    {"root", root_enter, has_files}, /* after ids: a tmpfs belongs to who mounts it */
    {"mounts", mounts_enter, has_files},
    {"sealing the root", root_seal, has_files},
    {"landlock", landlock_enter, NULL}, /* after every mount: it forbids later ones */
    {"rlimits", rlimits_enter, NULL},   /* after ids: RLIMIT_NPROC counts by user */
    {"capabilities", caps_enter, NULL}, /* last of what needs privilege */
    {"parent death", death_tie, NULL},  /* again: a change of ids clears it (prctl(2)) */
    {"signals", signals_reset, NULL},
    {"descriptors", descriptors_close, NULL},
    {"exec runbox-lua", box_exec, NULL},
};

#define STEPS (sizeof steps / sizeof steps[0])

noreturn void jail_enter(struct jail *j)
{
    for (size_t i = 0; i < STEPS; i++) {
        long r = steps[i].when && !steps[i].when(j) ? 0 : steps[i].run(j);

        if (r < 0) {
            j->failed_errno = -r;
            j->failed_step = (int)i + 1;
            __atomic_store_n(&j->arrived, 1, __ATOMIC_RELEASE);
            sys6(SYS_futex, SYS_ARG(&j->arrived), FUTEX_WAKE, 1, 0, 0, 0);
            break;
        }
    }
    for (;;)
        sys1(SYS_exit_group, 125);
}

/* A bound, in case the child was killed from outside and so says nothing. */
static long await(const uint32_t *futex, uint32_t while_is)
{
    struct timespec patience = {.tv_sec = 10};
    long r = 0;

    while (r != -ETIMEDOUT && __atomic_load_n(futex, __ATOMIC_ACQUIRE) == while_is)
        r = sys6(SYS_futex, SYS_ARG(futex), FUTEX_WAIT, while_is, SYS_ARG(&patience), 0, 0);
    return r;
}

int jail_await_gate(struct jail *j)
{
    return await(&j->arrived, 0) == -ETIMEDOUT || j->failed_step ? -1 : 0;
}

bool jail_await_exec(struct jail *j)
{
    return await(&j->shared, 1) != -ETIMEDOUT && __atomic_load_n(&j->confined, __ATOMIC_ACQUIRE);
}

void jail_open_gate(struct jail *j, enum jail_gate to)
{
    __atomic_store_n(&j->gate, (uint32_t)to, __ATOMIC_RELEASE);
    sys6(SYS_futex, SYS_ARG(&j->gate), FUTEX_WAKE, 1, 0, 0, 0);
}

int jail_failure(const struct jail *j, struct fault *why)
{
    if (!j->failed_step)
        return 0;
    return fault_set(why, STATUS_SETUP, (int)j->failed_errno, "jail", "%s",
                     steps[j->failed_step - 1].name);
}
