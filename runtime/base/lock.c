/* An fcntl(2) write lock needs a descriptor open for writing, a read lock one open for reading: a
 * process that may only read the file can block the former, never the latter. So on a conflict,
 * take a read lock beside the others and look up who holds them: our user's processes show theirs
 * in /proc/PID/fdinfo. Trusts that, and /proc/PID/status. Source: fcntl_locking(2),
 * proc_pid_fdinfo(5). */
#include "runtime/base/lock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* major:minor:inode as the kernel knows the file; stat(2) may report others. */
struct lock_id {
    char text[64];
};

static int lock_set(int fd, short type)
{
    struct flock all = {.l_type = type, .l_whence = SEEK_SET};

    return fcntl(fd, F_OFD_SETLK, &all);
}

static bool in_the_way(void)
{
    return errno == EAGAIN || errno == EACCES;
}

/* "lock:\t1: OFDLCK ADVISORY  READ -1 08:02:5678 0 EOF", in the fdinfo of PATH. */
static bool lock_of(const char *path, struct lock_id *id)
{
    FILE *f = fopen(path, "re");
    char line[256];
    bool found = false;

    while (f && !found && fgets(line, sizeof line, f))
        found = sscanf(line, "lock: %*u: OFDLCK %*s %*s %*d %63s", id->text) == 1;
    if (f)
        fclose(f);
    return found;
}

/* Whether PID runs as our user or root. Not the owner of /proc/PID: a process can make it root. */
static bool is_ours(const char *pid)
{
    char path[300], line[128];
    unsigned uid = 0;
    bool found = false;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%s/status", pid);
    f = fopen(path, "re");
    while (f && !found && fgets(line, sizeof line, f))
        found = sscanf(line, "Uid: %u", &uid) == 1;
    if (f)
        fclose(f);
    return found && (uid == 0 || uid == getuid() || uid == geteuid());
}

static bool holds(const char *pid, const struct lock_id *id)
{
    char path[600];
    struct lock_id other;
    struct dirent *e;
    bool found = false;
    DIR *d;

    snprintf(path, sizeof path, "/proc/%s/fdinfo", pid);
    d = opendir(path);
    while (d && !found && (e = readdir(d))) {
        snprintf(path, sizeof path, "/proc/%s/fdinfo/%s", pid, e->d_name);
        found = *e->d_name != '.' && lock_of(path, &other) && strcmp(other.text, id->text) == 0;
    }
    if (d)
        closedir(d);
    return found;
}

/* Whether another process of ours holds a lock on the file that FD has locked. */
static bool lock_is_shared(int fd)
{
    char path[64];
    struct lock_id own;
    struct dirent *e;
    bool found = false;
    DIR *d;

    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    if (!lock_of(path, &own))
        return true;
    d = opendir("/proc");
    while (d && !found && (e = readdir(d)))
        found = *e->d_name >= '1' && *e->d_name <= '9' && atol(e->d_name) != getpid() &&
                is_ours(e->d_name) && holds(e->d_name, &own);
    if (!d)
        return true;
    closedir(d);
    return found;
}

int lock_file(int fd)
{
    if (lock_set(fd, F_WRLCK) == 0 || !in_the_way())
        return 0;
    if (lock_set(fd, F_RDLCK) < 0) /* another process holds a write lock */
        return 1;
    if (!lock_is_shared(fd))
        return 0;
    lock_set(fd, F_UNLCK);
    return 1;
}
