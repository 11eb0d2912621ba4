/* Looks at the host only once something has failed. Trusts files in /proc and /sys; one that cannot
 * be read shows nothing. */
#include "runtime/jail/diagnosis.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/fields.h"
#include "runtime/jail/exe.h"
#include "runtime/jail/own_filter.h"

struct sight {
    const char *step; /* that failed */
    char text[256];   /* what a row's look has found, for its text */
};

static bool is_set(const char *file, const char *value)
{
    char text[64];

    return field_file(file, text, sizeof text) && strcmp(text, value) == 0;
}

static bool always(struct sight *s)
{
    (void)s;
    return true;
}

/* The setting of a kind of namespace that is 0, of those that the step makes. */
static bool kind_forbidden(struct sight *s)
{
    static const struct {
        const char *step, *name;
    } kinds[] = {{"clone3", "user"},
                 {"clone3", "mnt"},
                 {"clone3", "pid"},
                 {"clone3", "ipc"},
                 {"clone3", "uts"},
                 {"clone3", "time"},
                 {"time namespace", "time"},
                 {"network namespace", "net"},
                 {"cgroup namespace", "cgroup"}};
    char file[64];

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        snprintf(file, sizeof file, "/proc/sys/user/max_%s_namespaces", kinds[i].name);
        if (strcmp(kinds[i].step, s->step) != 0 || !is_set(file, "0"))
            continue;
        snprintf(s->text, sizeof s->text, "no %s namespace may be made (user.max_%s_namespaces=0)",
                 kinds[i].name, kinds[i].name);
        return true;
    }
    return false;
}

/* Of the mounts below a process's root, the root itself is one, unless it was changed by chroot(2) to
 * a directory within a mount. */
static bool chrooted(struct sight *s)
{
    FILE *f = fopen("/proc/self/mountinfo", "re");
    autofree char *line = NULL;
    size_t room = 0;
    bool root = !f;
    char at[256];

    (void)s;
    while (f && !root && getline(&line, &room, f) > 0)
        root = sscanf(line, "%*s %*s %*s %*s %255s", at) == 1 && strcmp(at, "/") == 0;
    if (f)
        fclose(f);
    return !root;
}

/* Whether ID is in FILE, a map of a user namespace: "INSIDE OUTSIDE COUNT" per line. */
static bool is_mapped(const char *file, uint64_t id)
{
    FILE *f = fopen(file, "re");
    unsigned long inside, count;
    bool mapped = !f;

    while (f && !mapped && fscanf(f, "%lu %*u %lu", &inside, &count) == 2)
        mapped = id >= inside && id - inside < count;
    if (f)
        fclose(f);
    return mapped;
}

static bool unmapped(struct sight *s)
{
    (void)s;
    return !is_mapped("/proc/self/uid_map", geteuid()) ||
           !is_mapped("/proc/self/gid_map", getegid());
}

/* An id that is not mapped is shown as one of these; but that may be its own, too. */
static bool perhaps_unmapped(struct sight *s)
{
    char user[24], group[24];

    (void)s;
    snprintf(user, sizeof user, "%u", (unsigned)geteuid());
    snprintf(group, sizeof group, "%u", (unsigned)getegid());
    return is_set("/proc/sys/kernel/overflowuid", user) ||
           is_set("/proc/sys/kernel/overflowgid", group);
}

static bool unprivileged_forbidden(struct sight *s)
{
    (void)s;
    return geteuid() && is_set("/proc/sys/kernel/unprivileged_userns_clone", "0");
}

/* "NAME (MODE)", of which these two modes deny nothing, or "unconfined". */
static bool apparmor_confines(struct sight *s)
{
    return field_file("/proc/self/attr/apparmor/current", s->text, sizeof s->text) &&
           strcmp(s->text, "unconfined") != 0 && !strstr(s->text, " (complain)") &&
           !strstr(s->text, " (unconfined)");
}

/* Root is not restricted, and a program with a profile has what that allows. */
static bool apparmor_restricts(struct sight *s)
{
    return geteuid() && is_set("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1") &&
           !apparmor_confines(s);
}

/* By a filter that runbox did not load. */
static bool filtered(struct sight *s)
{
    (void)s;
    return own_filter_inherited();
}

static bool yama_forbids(struct sight *s)
{
    (void)s;
    return is_set("/proc/sys/kernel/yama/ptrace_scope", "3");
}

/* Whether the box program denies HOW (access(2)) to this user, or any of the bits MODE to somebody: the
 * child of root is somebody else. */
static bool program_denies(struct sight *s, int how, mode_t mode)
{
    struct fault unknown;
    struct stat st;
    char path[4096];

    snprintf(s->text, sizeof s->text, "%s", exe_box());
    return exe_path(exe_box(), path, sizeof path, &unknown) == 0 && stat(path, &st) == 0 &&
           (faccessat(AT_FDCWD, path, how, AT_EACCESS) < 0 ||
            (geteuid() == 0 && (st.st_mode & mode) != mode));
}

static bool unexecutable(struct sight *s) /* or on a noexec mount */
{
    return program_denies(s, X_OK, 0111);
}

static bool unreadable(struct sight *s)
{
    return program_denies(s, R_OK, 0);
}

/* Not by sched.h, which has SCHED_DEADLINE only since glibc 2.39, and other things of the kernel's header. */
static bool deadline(struct sight *s)
{
    (void)s;
    return syscall(SYS_sched_getscheduler, 0) == SCHED_DEADLINE;
}

#define REFUSED (-1) /* as filters do */

static const struct row {
    const char *step;
    int err;
    bool (*seen)(struct sight *s);
    const char *cause, *cure, *manual;
} rows[] = {
#define ROW(step, err, seen, cause, cure, manual) {step, err, seen, cause, cure, manual},
#include "runtime/jail/diagnosis.def"
#undef ROW
};

static bool fits(const struct row *r, const char *step, int err)
{
    return (strcmp(r->step, step) == 0 || strcmp(r->step, "*") == 0) &&
           (r->err == err || (r->err == REFUSED && (err == EPERM || err == ENOSYS)));
}

int diagnosis_add(struct fault *why, const char *step)
{
    struct sight s = {.step = step};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && why->err; i++) {
        const struct row *r = &rows[i];
        const char *named = strstr(r->cause, "%s");

        if (!fits(r, step, why->err) || !r->seen(&s))
            continue;
        fault_add(why, "; %.*s%s%s: %s (%s)",
                  named ? (int)(named - r->cause) : (int)strlen(r->cause), r->cause,
                  named ? s.text : "", named ? named + 2 : "", r->cure, r->manual);
        break;
    }
    return -1;
}

int diagnosis_fork(struct fault *why, const char *what)
{
    fault_set(why, STATUS_SETUP, errno, "broker", "%s", what);
    return diagnosis_add(why, "fork");
}
