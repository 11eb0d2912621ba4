/* Removes groups. Kills only processes that are members of a group that runbox made. */
#include "cgroups/remove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cgroups/files.h"
#include "cgroups/group.h"
#include "runtime/base/fd.h"
#include "runtime/base/fields.h"

#define BUSY_TRIES    1000
#define BUSY_PAUSE_NS 1000000

/* SIGKILL all processes inside: together where the kernel can (v2, Linux 5.14), else one by one. */
static void kill_members(int dir)
{
    char text[4096];
    struct field rest, line;
    uint64_t pid;

    if (cgroup_write_text(dir, "cgroup.kill", "1") == 0)
        return;
    if (cgroup_read_text(dir, "cgroup.procs", text, sizeof text) <= 0)
        return;
    for (rest = field_of(text); field_line(&rest, &line);) /* what TEXT cut off: next try */
        if (field_number(line, &pid) == 0 && pid > 1 && pid <= INT_MAX)
            kill((pid_t)pid, SIGKILL);
}

int remove_one(int parent, const char *name, int dir)
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

int lock_one(int parent, const char *name, int dir)
{
    struct stat opened, named;

    if (flock(dir, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? 0 : -1;
    if (fstat(dir, &opened) < 0)
        return -1;
    if (fstatat(parent, name, &named, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : -1;
    return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

static void sweep_one(int parent, const char *name)
{
    autoclose int dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

    if (dir >= 0 && lock_one(parent, name, dir) > 0)
        remove_one(parent, name, dir);
}

/* Whether OWN is in the directory ST. */
static bool holds(const struct stat *st, const struct group *own)
{
    struct stat parent;

    for (unsigned i = 0; i < own->places; i++)
        if (fstat(own->place[i].parent, &parent) == 0 && parent.st_dev == st->st_dev &&
            parent.st_ino == st->st_ino)
            return true;
    return false;
}

static void sweep_dir(const char *path, const struct group *own)
{
    struct stat st;
    struct dirent *e;
    DIR *d;

    /* A cgroup directory has 2 links plus one per child: a cheap test for nothing to sweep. */
    if (stat(path, &st) < 0 || st.st_nlink <= 2u + holds(&st, own))
        return;
    d = opendir(path);
    while (d && (e = readdir(d)))
        if (e->d_type == DT_DIR && strncmp(e->d_name, GROUP_PREFIX, sizeof GROUP_PREFIX - 1) == 0)
            sweep_one(dirfd(d), e->d_name);
    if (d)
        closedir(d);
}

void group_sweep(const struct cgroups *c, const struct group *own)
{
    for (int i = 0; i < CONTROLLER__COUNT; i++) {
        bool seen = false;

        for (int before = 0; before < i; before++)
            seen = seen ||
                   (c->version[before] != HIERARCHY_NONE && strcmp(c->dir[before], c->dir[i]) == 0);
        if (c->version[i] != HIERARCHY_NONE && !seen)
            sweep_dir(c->dir[i], own);
    }
}
