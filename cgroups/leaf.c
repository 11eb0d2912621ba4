/* "No internal processes" (cgroups(7)): while a v2 group has processes, none below it can have limits; and
 * a container begins in such a group, the root that it sees. Moved are processes of runbox's own cgroup
 * namespace alone: a session of the host, which shares that group, is not; for an ordinary user, its own
 * processes alone. None leaves the container's limits, which hold for the root group and all below it.
 * A group that systemd made for a unit is systemd's, unless it was delegated: what is below it may be
 * removed, and its processes be moved back. */
#include "cgroups/leaf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cgroups/cgroups.h"
#include "cgroups/files.h"
#include "cgroups/place.h"
#include "runtime/base/fd.h"
#include "runtime/base/fields.h"
#include "runtime/base/pidfd.h"

#define LEAF   "runbox-leaf" /* as cgroups/systemd has it; not GROUP_PREFIX, which is swept */
#define ROUNDS 16            /* of processes that have forked meanwhile */

static char refusal[160];
static const char *cure = "move them all to a group below it (leaf.sh in runbox-doctor(1))";
static struct stat foreseen; /* the root group; all 0: none */

const char *leaf_refusal(void)
{
    return refusal;
}

const char *leaf_cure(void)
{
    return cure;
}

bool leaf_is_foreseen(int dir)
{
    struct stat st;

    return foreseen.st_ino && (dir < 0 || (fstat(dir, &st) == 0 && st.st_ino == foreseen.st_ino &&
                                           st.st_dev == foreseen.st_dev));
}

/* Whether /proc/self/cgroup has runbox in the root that its namespace sees. */
static bool in_root(void)
{
    char text[8192];
    struct field rest, line;

    if (cgroup_read_text(AT_FDCWD, "/proc/self/cgroup", text, sizeof text) < 0)
        return false;
    for (rest = field_of(text); field_line(&rest, &line);)
        if (field_is(line, "0::/"))
            return true;
    return false;
}

/* Whether systemd has noted NAME=VALUE with the group DIR; NULL: any value. Only root sees "trusted.", which
 * systemd had alone before version 251. */
static bool leaf_has_note(int dir, const char *name, const char *value)
{
    static const char *const kinds[] = {"user", "trusted"};
    char full[40], text[64];

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        ssize_t n;

        snprintf(full, sizeof full, "%s.%s", kinds[i], name);
        n = fgetxattr(dir, full, text, sizeof text);
        if (n >= 0 &&
            (!value || ((size_t)n == strlen(value) && memcmp(text, value, (size_t)n) == 0)))
            return true;
    }
    return false;
}

/* Whether DIR is a unit's group without Delegate=; where systemd is at hand (sd_booted(3)), any group that
 * it has not noted as delegated is taken for one. */
static bool leaf_is_managed(int dir)
{
    return !leaf_has_note(dir, "delegate", "1") &&
           (leaf_has_note(dir, "invocation_id", NULL) || access("/run/systemd/system/", F_OK) == 0);
}

/* Whether groups can be made in DIR, and controllers handed down to them. */
static bool leaf_is_writable(int dir)
{
    static const char *const files[] = {".", "cgroup.procs", "cgroup.subtree_control"};

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (faccessat(dir, files[i], W_OK, AT_EACCESS) < 0) {
            snprintf(refusal, sizeof refusal, "writing its %s: %s", files[i], strerror(errno));
            return false;
        }
    return true;
}

/* The container's root group, if nobody has made it hand down controllers; or -1. */
static int leaf_open_root(void)
{
    char at[CGROUP_PATH_MAX], text[256];
    autoclose int dir = -1;

    if (!cgroups_unified() || !place_is_namespaced() || !in_root() ||
        place_find(at, "/sys/fs/cgroup", field_of("/"), text, sizeof text) < 0)
        return -1;
    dir = open(at, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0 || cgroup_read_text(dir, "cgroup.type", text, sizeof text) < 0 ||
        strcmp(text, "domain\n") != 0 ||
        cgroup_read_text(dir, "cgroup.controllers", text, sizeof text) <= 1 ||
        cgroup_read_text(dir, "cgroup.subtree_control", text, sizeof text) > 1)
        return -1;
    return steal_fd(&dir);
}

/* DIR's processes, one a line. The kernel gives a page of them at once. NULL and errno. */
static FILE *leaf_processes(int dir)
{
    int fd = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "re");

    if (!f && fd >= 0)
        close(fd);
    return f;
}

static bool leaf_has(int dir, uint64_t pid)
{
    FILE *f = leaf_processes(dir);
    unsigned long long one;
    bool has = !f;

    while (f && !has && fscanf(f, "%llu", &one) == 1)
        has = one == pid;
    if (f)
        fclose(f);
    return has;
}

/* Why process PID of DIR, at PATH in /proc, is another's, or NULL. One that is not in /proc, or not in any
 * namespace, has ended, or is hidden (hidepid), or has threads that its first has left. The number in /proc
 * is another where that is another PID namespace's. */
static const char *leaf_others(int dir, uint64_t pid, const char *path)
{
    struct stat own, its;
    char space[64];

    if (!pid)
        return "is outside of its PID namespace";
    if (geteuid() && stat(path, &its) == 0 && its.st_uid != geteuid())
        return "is another user's";
    snprintf(space, sizeof space, "%s/ns/cgroup", path);
    if (stat(space, &its) < 0)
        return errno == ENOENT && !leaf_has(dir, pid) ? NULL : "cannot be looked at";
    return stat("/proc/self/ns/cgroup", &own) < 0 || own.st_ino != its.st_ino
               ? "is in another cgroup namespace"
               : NULL;
}

/* 1: process PID may be moved; 0: it has ended; -1: it is another's, as REFUSAL says. */
static int leaf_may_move(int dir, uint64_t pid)
{
    autoclose int fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
    const char *why;
    char path[32];

    snprintf(path, sizeof path, "/proc/%d", fd < 0 ? 0 : pidfd_in_proc(fd, (pid_t)pid));
    why = leaf_others(dir, pid, path);
    if (!why)
        return access(path, F_OK) == 0;
    snprintf(refusal, sizeof refusal, "process %llu %s", (unsigned long long)pid, why);
    return -1;
}

/* Look at all of DIR's processes, or with LEAF >= 0 move them there. How many may be moved, or -1. */
static int leaf_each(int dir, int leaf)
{
    FILE *f = leaf_processes(dir);
    unsigned long long pid;
    char number[24];
    int n = f ? 0 : -1;

    while (n >= 0 && fscanf(f, "%llu", &pid) == 1) {
        int may = leaf_may_move(dir, pid);

        n = may < 0 ? -1 : n + may;
        snprintf(number, sizeof number, "%llu", pid);
        if (may > 0 && leaf >= 0 && cgroup_write_text(leaf, "cgroup.procs", number) < 0 &&
            errno != ESRCH) {
            snprintf(refusal, sizeof refusal, "moving process %s: %s", number, strerror(errno));
            n = -1;
        }
    }
    if (f)
        fclose(f);
    return n;
}

/* The container's root group, if it has processes and all may be moved; or -1. */
static int leaf_find(const char *parent)
{
    autoclose int dir = parent && strcmp(parent, "/") != 0 ? -1 : leaf_open_root();

    if (dir < 0 || !leaf_is_writable(dir))
        return -1;
    if (leaf_is_managed(dir)) {
        snprintf(refusal, sizeof refusal, "systemd manages it and has not delegated it");
        cure = "give runbox's unit Delegate=yes (systemd.resource-control(5))";
        return -1;
    }
    return leaf_each(dir, -1) > 0 ? steal_fd(&dir) : -1;
}

void leaf_foresee(const char *parent)
{
    autoclose int dir = leaf_find(parent);

    if (dir >= 0 && fstat(dir, &foreseen) < 0)
        foreseen.st_ino = 0;
}

void leaf_make(const char *parent)
{
    autoclose int dir = leaf_find(parent), leaf = -1;
    int n = 1;

    if (dir < 0)
        return;
    if (mkdirat(dir, LEAF, 0755) == 0 || errno == EEXIST)
        leaf = openat(dir, LEAF, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (leaf < 0) {
        snprintf(refusal, sizeof refusal, "making the group " LEAF ": %s", strerror(errno));
        return;
    }
    for (int i = 0; i < ROUNDS && n > 0; i++)
        n = leaf_each(dir, leaf);
    if (n < 0)
        unlinkat(dir, LEAF, AT_REMOVEDIR); /* if none was moved there */
    if (n > 0)
        snprintf(refusal, sizeof refusal, "new processes come faster than they can be moved");
}
