/* "No internal processes" (cgroups(7)): while a v2 group has processes, none below it can have limits; and
 * a container begins in such a group, the root that it sees. Moved are processes of runbox's own cgroup
 * namespace alone: a session of the host, which shares that group, is not; for an ordinary user, its own
 * processes alone. None leaves the container's limits, which hold for the root group and all below it. */
#include "cgroups/leaf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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

const char *leaf_refusal(void)
{
    return refusal;
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

void leaf_make(const char *parent)
{
    autoclose int dir = parent && strcmp(parent, "/") != 0 ? -1 : leaf_open_root();
    autoclose int leaf = -1;
    int n = dir < 0 ? 0 : leaf_each(dir, -1);

    if (n <= 0)
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
