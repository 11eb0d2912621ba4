/* The kernel features that a box relies on. Each is tried, or asked of the kernel itself; files in
 * /proc and /sys only explain an answer. */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "runtime/host/checkup.h"
#include "runtime/host/naming.h"
#include "runtime/jail/diagnosis.h"

/* The oldest that the tests run on (tests/vm). */
#define KERNEL_MAJOR 5
#define KERNEL_MINOR 10

static void check_release(struct checkup *c)
{
    unsigned major = 0, minor = 0;
    struct utsname u;
    struct check *k;

    uname(&u);
    k = check_add(c, "kernel", "version", "%s %s %s", u.sysname, u.release, u.machine);
    if (sscanf(u.release, "%u.%u", &major, &minor) != 2 || major < KERNEL_MAJOR ||
        (major == KERNEL_MAJOR && minor < KERNEL_MINOR))
        check_missing(k, "Linux %d.%d or newer", KERNEL_MAJOR, KERNEL_MINOR);
}

static int exit_well(int unused)
{
    (void)unused;
    return 0;
}

static void check_processes(struct checkup *c)
{
    struct check *k = check_add(c, "kernel", "processes", "one was made");
    struct fault why;

    errno = check_try(exit_well, 0);
    c->forks = errno == 0;
    if (c->forks)
        return;
    diagnosis_fork(&why, "making one");
    snprintf(k->what, sizeof k->what, "%.600s", why.what);
    check_missing(k, "%s",
                  strstr(why.what, "; ") ? "as is said there" : "fork(2) says what can be missing");
}

static void check_vdso(struct checkup *c)
{
    struct check *k = check_add(c, "kernel", "vdso", "the clock is read without a system call");

    if (getauxval(AT_SYSINFO_EHDR))
        return;
    snprintf(k->what, sizeof k->what, "each clock reading is a system call, which is slower");
    check_missing(k, "boot without vdso=0");
}

static int action_available(int action)
{
    uint32_t wanted = (uint32_t)action;

    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &wanted) < 0 ? errno : 0;
}

static void check_seccomp(struct checkup *c)
{
    static const struct {
        const char *name, *what;
        int (*f)(int);
        int arg;
    } rows[] = {
        {"seccomp", "a filter can kill the whole process", action_available,
         (int)SECCOMP_RET_KILL_PROCESS},
        {"notification", "a filter can ask about a forbidden call", action_available,
         SECCOMP_RET_USER_NOTIF},
        {"listener", "a filter with a listener was loaded", host_load_listener, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct check *k = check_add(c, "kernel", rows[i].name, "%s", rows[i].what);
        int err = c->forks ? check_try(rows[i].f, rows[i].arg) : 0;
        bool taken;

        if (!c->forks)
            check_untried(k, "processes");
        if (!err)
            continue;
        taken = err == EBUSY; /* said of listeners alone */
        snprintf(k->what, sizeof k->what, "%s",
                 taken ? unnamed_cause(UNNAMED_LISTENER) : strerror(err));
        check_missing(k, "%s",
                      taken ? unnamed_cure(UNNAMED_LISTENER)
                            : "Linux 5.0 or newer with CONFIG_SECCOMP_FILTER; in a container, a "
                              "seccomp profile that permits seccomp(2)");
    }
}

static void check_naming(struct checkup *c)
{
    struct check *k = check_add(c, "kernel", "naming", "the report names a forbidden call");

    if (!c->known || !c->host.unnamed)
        return;
    snprintf(k->what, sizeof k->what, "a forbidden call kills a box without being named: %s",
             unnamed_cause(c->host.unnamed));
    check_missing(k, "%s", unnamed_cure(c->host.unnamed));
}

static void check_landlock(struct checkup *c)
{
    struct check *k;

    if (c->host.landlock_abi > 0) {
        check_add(c, "kernel", "landlock", "ABI %d", c->host.landlock_abi);
        return;
    }
    k = check_add(c, "kernel", "landlock", "boxes run without this additional layer");
    check_missing(k, "CONFIG_SECURITY_LANDLOCK, and landlock in the boot parameter lsm=");
}

static void check_swap(struct checkup *c)
{
    bool counted = !c->host.lacks[LIMIT_SWAP];
    bool held = counted && c->host.controllers[CONTROLLER_MEMORY] != HIERARCHY_NONE;
    struct sysinfo info = {0};
    char size[48] = "an unknown amount (sysinfo is refused)";
    struct check *k;

    if (sysinfo(&info) == 0)
        snprintf(size, sizeof size, "%llu MiB",
                 (unsigned long long)info.totalswap * info.mem_unit >> 20);
    if (c->known ? !c->host.swap : info.totalswap == 0) {
        check_add(c, "kernel", "swap", "the host has none: no box can swap");
        return;
    }
    k = check_add(c, "kernel", "swap", "the host has %s; %s", size,
                  held ? "the memory controller keeps boxes off it" : "a box may be swapped out");
    if (!counted)
        check_missing(k, "%s, or swapoff", limit_file[LIMIT_SWAP].cure);
    else if (!held)
        check_missing(k, "the memory controller (below), or swapoff");
}

static void check_ids(struct checkup *c)
{
    struct check *k;

    if (c->known && c->host.root) {
        check_add(c, "kernel", "box ids", "%u to %u, one for each box", c->host.uid_base,
                  c->host.uid_base + BOX_IDS - 1);
        return;
    }
    if (geteuid() != 0) {
        check_add(c, "kernel", "box ids", "boxes run as uid %u, like the user who starts them",
                  geteuid());
        return;
    }
    k = check_add(c, "kernel", "box ids", "root here cannot give a box an id of its own");
    check_missing(k,
                  "CAP_SETUID, CAP_SETGID, CAP_SYS_ADMIN and a uid_map that covers %u to %u; or "
                  "run as an ordinary user",
                  c->host.uid_base, c->host.uid_base + BOX_IDS - 1);
}

void checkup_kernel(struct checkup *c)
{
    check_release(c);
    check_processes(c);
    check_vdso(c);
    check_landlock(c);
    check_seccomp(c);
    check_naming(c);
    check_swap(c);
    check_ids(c);
}
