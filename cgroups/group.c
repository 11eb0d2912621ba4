/* A box's groups. Each directory is locked (flock) by the monitor that made it for as long as that
 * monitor lives: a free lock means the owner is gone, so the next run may sweep. libcgroup is not
 * used here: its start costs 0.8 to 1 ms, and its delete of a busy v1 group moves the process to
 * the parent, outside every limit, and reports success. */
#include "cgroups/group.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cgroups/limits.h"
#include "runtime/base/fd.h"

#define PREFIX        "runbox."
#define BUSY_TRIES    1000
#define BUSY_PAUSE_NS 1000000

static int join_open(const struct group *g, int i)
{
    /* v1's cgroup.procs moves every thread of a process and takes a global lock that, after a
     * pause, waits several ms for a grace period; "0" to tasks moves the writer alone and does not.
     */
    return openat(g->dir[i], "tasks", O_WRONLY | O_CLOEXEC);
}

/* Make and lock PARENT/NAME. A directory of that name is another's leftover: its pid was reused. */
static int make_one(struct group *g, int i, struct fault *why)
{
    if (mkdirat(g->parent[i], g->name, 0755) < 0)
        return errno == EEXIST
                   ? 1
                   : fault_set(why, STATUS_SETUP, errno, "cgroup", "making group %s", g->name);
    g->dir[i] = openat(g->parent[i], g->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (g->dir[i] < 0 || flock(g->dir[i], LOCK_EX | LOCK_NB) < 0)
        return 1; /* a sweeper was quicker than our lock: it removes the group, we take another name
                   */
    g->join[i] = join_open(g, i);
    if (g->join[i] < 0)
        return fault_set(why, STATUS_SETUP, errno, "cgroup", "opening tasks of group %s", g->name);
    return 0;
}

static int make_all(struct group *g, struct fault *why)
{
    for (int i = 0; i < CGROUP__COUNT; i++) {
        int r = g->parent[i] < 0 ? 0 : make_one(g, i, why);

        if (r)
            return r;
    }
    return 0;
}

static void drop(struct group *g)
{
    for (int i = 0; i < CGROUP__COUNT; i++) {
        if (g->dir[i] >= 0) {
            close(g->dir[i]);
            unlinkat(g->parent[i], g->name, AT_REMOVEDIR);
        }
        if (g->join[i] >= 0)
            close(g->join[i]);
        g->dir[i] = g->join[i] = -1;
    }
}

static void close_parents(struct group *g)
{
    for (int i = 0; i < CGROUP__COUNT; i++)
        if (g->parent[i] >= 0)
            close(g->parent[i]);
    *g = GROUP_INIT;
}

int group_create(struct group *g, const struct cgroups *c, const struct group_limits *l,
                 struct fault *why)
{
    static unsigned serial;
    int r = 1;

    *g = GROUP_INIT;
    for (int i = 0; i < CGROUP__COUNT; i++) {
        if (!l->use[i])
            continue;
        g->version[i] = c->version[i];
        g->parent[i] = open(c->dir[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (g->parent[i] < 0) {
            fault_set(why, STATUS_SETUP, errno, "cgroup", "opening %s", c->dir[i]);
            close_parents(g);
            return -1;
        }
    }
    for (int tries = 0; r == 1 && tries < 100; tries++) {
        snprintf(g->name, sizeof g->name, PREFIX "%d.%u", getpid(), serial++);
        r = make_all(g, why);
        if (r)
            drop(g);
    }
    if (r == 1)
        fault_set(why, STATUS_SETUP, EEXIST, "cgroup", "making group %s", g->name);
    if (r == 0 && limits_write(g, l, why) == 0)
        return 0;
    drop(g);
    close_parents(g);
    return -1;
}

int group_holds(const struct group *g, const struct cgroups *c, int pid, struct fault *why)
{
    char path[64], text[8192], want[128];
    ssize_t n;
    autoclose int fd = -1;

    snprintf(path, sizeof path, "/proc/%d/cgroup", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (n < 0)
        return fault_set(why, STATUS_SETUP, errno, path, "cannot be read");
    text[n] = '\0';
    for (int i = 0; i < CGROUP__COUNT; i++) {
        const char *name = cgroup_controller_text((enum cgroup_controller)i, c->version[i]);
        char *at = g->dir[i] < 0 ? NULL : text;
        bool found = g->dir[i] < 0;

        snprintf(want, sizeof want, "/%s\n", g->name);
        for (; at && *at && !found; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL) {
            size_t len = strcspn(at, "\n") + 1, tail = strlen(want);
            char *list = strchr(at, ':');

            found = list && strncmp(list + 1, name, strlen(name)) == 0 && len > tail &&
                    memcmp(at + len - tail, want, tail) == 0;
        }
        if (!found)
            return fault_set(why, STATUS_SETUP, 0, path, "the box is not in group %s of %s",
                             g->name, name);
    }
    return 0;
}

/* SIGKILL to whatever is still in the group. Only this group's own members are named in its tasks.
 */
static void kill_members(int dir)
{
    autoclose int fd = openat(dir, "tasks", O_RDONLY | O_CLOEXEC);
    char text[4096];
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

    if (n <= 0)
        return;
    text[n] = '\0';
    for (char *at = text, *end;; at = end) {
        long pid = strtol(at, &end, 10);

        if (end == at)
            return;
        if (pid > 1)
            kill((pid_t)pid, SIGKILL);
    }
}

/* rmdir, and again while the kernel says busy: a member that was just killed leaves in its own
 * time. */
static int remove_one(int parent, const char *name, int dir)
{
    for (int tries = 0; unlinkat(parent, name, AT_REMOVEDIR) < 0; tries++) {
        if (errno == ENOENT)
            return 0;
        if (errno != EBUSY || tries == BUSY_TRIES)
            return -1;
        kill_members(dir);
        nanosleep(&(struct timespec){.tv_nsec = BUSY_PAUSE_NS}, NULL);
    }
    return 0;
}

int group_remove(struct group *g, struct fault *why)
{
    int r = 0;

    for (int i = 0; i < CGROUP__COUNT; i++) {
        if (g->dir[i] >= 0 && remove_one(g->parent[i], g->name, g->dir[i]) < 0)
            r = fault_set(why, STATUS_SETUP, errno, "cgroup", "removing group %s", g->name);
        if (g->dir[i] >= 0)
            close(g->dir[i]);
        if (g->join[i] >= 0)
            close(g->join[i]);
    }
    close_parents(g);
    return r;
}

static void sweep_one(int parent, const char *name)
{
    autoclose int dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

    if (dir >= 0 && flock(dir, LOCK_EX | LOCK_NB) == 0)
        remove_one(parent, name, dir);
}

void group_sweep(const struct cgroups *c)
{
    for (int i = 0; i < CGROUP__COUNT; i++) {
        struct stat st;
        struct dirent *e;
        DIR *d;

        /* A directory's link count is 2 and its sub-groups: none means nothing to sweep, cheaply.
         */
        if (c->version[i] == CGROUP_ABSENT || stat(c->dir[i], &st) < 0 || st.st_nlink <= 2)
            continue;
        d = opendir(c->dir[i]);
        while (d && (e = readdir(d)))
            if (e->d_type == DT_DIR && strncmp(e->d_name, PREFIX, sizeof PREFIX - 1) == 0)
                sweep_one(dirfd(d), e->d_name);
        if (d)
            closedir(d);
    }
}
