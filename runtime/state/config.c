/* Where the user's files are, and who else could have touched them. Trusts the environment for the
 * path (it is the caller's), the file system for owners and modes. Never prints a file's bytes. */
#include "runtime/state/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/path.h"

#define LOCK_TRIES 1000 /* of 10 ms */

/* Set the path: 0, or -1 where no variable gives one. A relative $XDG_CONFIG_HOME is invalid and
 * ignored, as its specification says. */
static int config_find(struct config *c)
{
    const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    int n = -1;

    if (xdg && *xdg == '/')
        n = snprintf(c->path, sizeof c->path, "%s/runbox", xdg);
    else if (home && *home == '/')
        n = snprintf(c->path, sizeof c->path, "%s/.config/runbox", home);
    return n < 0 || (size_t)n >= sizeof c->path ? -1 : 0;
}

static int config_failed(struct fault *why, const char *path, const char *doing,
                         const char *refused)
{
    if (refused)
        return fault_set(why, STATUS_SETUP, 0, path, "%s: %s", doing, refused);
    return fault_set(why, STATUS_SETUP, errno, path, "%s", doing);
}

static int make_one(const char *path, const char **refused)
{
    const char *name;
    autoclose int dir = path_parent(path, &name, NULL, refused);

    if (dir < 0)
        return -1;
    return mkdirat(dir, name, 0700) < 0 && errno != EEXIST ? -1 : 0;
}

/* mkdir -p, with mode 0700 for new directories. */
static int make_path(const char *path, struct fault *why)
{
    char part[CONFIG_PATH_MAX];
    const char *refused;

    for (const char *at = path; at;) {
        at = strchr(at + 1, '/');
        snprintf(part, sizeof part, "%.*s", at ? (int)(at - path) : (int)strlen(path), path);
        if (part[strlen(part) - 1] != '/' && make_one(part, &refused) < 0)
            return config_failed(why, part, "making the directory", refused);
    }
    return 0;
}

/* Anyone who can write to a directory can replace the files in it. */
static int check_dir(const struct config *c, struct fault *why)
{
    struct stat st;

    if (fstat(c->dir, &st) < 0)
        return fault_set(why, STATUS_SETUP, errno, c->path, "looking at it");
    if (st.st_uid != geteuid())
        return fault_set(why, STATUS_SETUP, 0, c->path, "belongs to uid %u, not to you (uid %u)",
                         st.st_uid, geteuid());
    if (st.st_mode & 022)
        return fault_set(why, STATUS_SETUP, 0, c->path,
                         "others can write to it (mode %03o): chmod 700 %s", st.st_mode & 0777,
                         c->path);
    return 0;
}

enum way { WAY_NONE, WAY_BROKEN, WAY_THERE };

/* Why the kernel answered ENOENT for PATH. A dangling link is WAY_BROKEN, not an absent directory;
 * WAY_THERE: it has been created in the meantime. */
static enum way way_of(const char *path)
{
    char part[CONFIG_PATH_MAX];
    struct stat st;

    for (const char *at = path; at;) {
        at = strchr(at + 1, '/');
        snprintf(part, sizeof part, "%.*s", at ? (int)(at - path) : (int)strlen(path), path);
        if (stat(part, &st) < 0)
            return lstat(part, &st) == 0 ? WAY_BROKEN : WAY_NONE;
    }
    return WAY_THERE;
}

/* Open PATH; errno and *REFUSED are path_open()'s. *WAY says why after ENOENT, else WAY_NONE. */
static int open_dir(const char *path, enum way *way, const char **refused)
{
    int fd = path_open(path, O_RDONLY | O_DIRECTORY, 0, refused);

    *way = WAY_NONE;
    if (fd >= 0 || *refused || errno != ENOENT)
        return fd;
    *way = way_of(path);
    errno = ENOENT;
    if (*way != WAY_THERE)
        return -1;
    fd = path_open(path, O_RDONLY | O_DIRECTORY, 0, refused);
    *way = fd < 0 && errno == ENOENT ? WAY_THERE : WAY_NONE;
    return fd;
}

int config_open(bool make, struct config *c, struct fault *why)
{
    const char *refused;
    enum way way;

    c->dir = -1;
    c->denied = false;
    if (config_find(c) < 0) {
        if (!make)
            return 0;
        return fault_set(why, STATUS_SETUP, 0, "environment",
                         "neither XDG_CONFIG_HOME nor HOME is set to an absolute path");
    }
    if (make && make_path(c->path, why) < 0)
        return -1;
    c->dir = open_dir(c->path, &way, &refused);
    c->denied = c->dir < 0 && errno == EACCES;
    if (c->dir < 0 && !make && !refused && way == WAY_NONE &&
        (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
        return 0;
    if (c->dir < 0)
        return config_failed(why, c->path, "opening it", refused);
    /* Finding nothing in another user's directory is harmless: su without "-" keeps HOME. */
    return make && check_dir(c, why) < 0 ? -1 : 1;
}

void config_close(struct config *c)
{
    if (c->dir >= 0)
        close(steal_fd(&c->dir));
}

const char *config_name(const struct config *c, const char *name, char *out)
{
    size_t n = strlen(c->path), m = strlen(name);

    if (n + m + 2 > CONFIG_PATH_MAX)
        return name;
    memcpy(out, c->path, n);
    out[n] = '/';
    memcpy(out + n + 1, name, m + 1);
    return out;
}

/* Only its owner can open the lock file, and thus lock it; and the wait is bounded. */
int config_lock(const struct config *c, const char *name, struct fault *why)
{
    const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
    char lock[64];
    autoclose int fd = -1;
    struct stat st;

    snprintf(lock, sizeof lock, ".%s.lock", name);
    fd = openat(c->dir, lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 || fstat(fd, &st) < 0)
        return fault_set(why, STATUS_SETUP, errno, c->path, "locking %s", lock);
    if (st.st_uid != geteuid() || (st.st_mode & 077))
        return fault_set(why, STATUS_SETUP, 0, c->path,
                         "%s can be locked by others (uid %u, mode %03o): remove it", lock,
                         st.st_uid, st.st_mode & 0777);
    for (int tries = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; tries++) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return fault_set(why, STATUS_SETUP, errno, c->path, "locking %s", lock);
        if (tries == LOCK_TRIES)
            return fault_set(why, STATUS_SETUP, 0, c->path,
                             "another runbox has held the lock %s for ten seconds: try again",
                             lock);
        nanosleep(&pause, NULL);
    }
    return steal_fd(&fd);
}

static int check_file(int fd, const char *where, uid_t owner, enum config_rule rule, off_t *size,
                      struct fault *why)
{
    static const struct {
        mode_t closed;
        const char *chmod;
    } rules[] = {[CONFIG_TRUSTED] = {022, "go-w"},
                 [CONFIG_SECRET] = {077, "600"},
                 [CONFIG_GIVEN] = {007, "o="}};
    struct stat st;

    if (fstat(fd, &st) < 0)
        return fault_set(why, STATUS_SETUP, errno, where, "looking at it");
    if (!S_ISREG(st.st_mode))
        return fault_set(why, STATUS_SETUP, 0, where, "is not a regular file");
    if (owner != (uid_t)-1 && st.st_uid != owner)
        return fault_set(why, STATUS_SETUP, 0, where,
                         "belongs to uid %u, but must belong to uid %u", st.st_uid, owner);
    if (st.st_mode & rules[rule].closed)
        return fault_set(why, STATUS_SETUP, 0, where,
                         "is accessible to others (mode %03o): chmod %s %s", st.st_mode & 0777,
                         rules[rule].chmod, where);
    if (st.st_size > CONFIG_FILE_MAX)
        return fault_set(why, STATUS_SETUP, 0, where, "is larger than %u bytes", CONFIG_FILE_MAX);
    *size = st.st_size;
    return 0;
}

/* Whether NAME, or the directory in it, is a dangling link: then a file was meant to be there. */
static bool dangles(int dir, const char *name)
{
    const char *slash = strrchr(name, '/');
    char parent[CONFIG_PATH_MAX];
    struct stat st;

    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
        return true;
    snprintf(parent, sizeof parent, "%.*s", slash ? (int)(slash - name) : 0, name);
    return *parent && fstatat(dir, parent, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
           fstatat(dir, parent, &st, 0) < 0;
}

int config_read_at(int dir, const char *name, const char *where, uid_t owner, enum config_rule rule,
                   struct str *text, struct fault *why)
{
    /* O_NONBLOCK: opening a FIFO of that name must not block. */
    autoclose int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    off_t size = 0;
    ssize_t n;

    if (fd < 0 && errno == ENOENT && !dangles(dir, name))
        return 0;
    if (fd < 0)
        return fault_set(why, STATUS_SETUP, errno, where, "opening it");
    if (check_file(fd, where, owner, rule, &size, why) < 0)
        return -1;
    if (str_reserve(text, (size_t)size) < 0)
        return fault_set(why, STATUS_SETUP, ENOMEM, where, "reading it");
    while (size > 0 && (n = read(fd, text->data + text->len, (size_t)size)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fault_set(why, STATUS_SETUP, errno, where, "reading it");
        text->len += (size_t)n;
        size -= n;
    }
    text->data[text->len] = '\0';
    return 1;
}

int config_read(const struct config *c, const char *name, enum config_rule rule, struct str *text,
                struct fault *why)
{
    char where[CONFIG_PATH_MAX];
    int there = 0;

    if (c->dir >= 0)
        there =
            config_read_at(c->dir, name, config_name(c, name, where), geteuid(), rule, text, why);
    return there > 0 && check_dir(c, why) < 0 ? -1 : there;
}

int config_write(const struct config *c, const char *name, const struct str *text,
                 struct fault *why)
{
    char where[CONFIG_PATH_MAX], fresh[64];
    struct stat st;
    int fd, done;

    if (text->failed)
        return fault_set(why, STATUS_SETUP, ENOMEM, config_name(c, name, where), "writing it");
    if (fstatat(c->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
        if (errno != ENOENT)
            return fault_set(why, STATUS_SETUP, errno, config_name(c, name, where),
                             "looking at it");
    } else if (S_ISLNK(st.st_mode)) {
        return fault_set(why, STATUS_SETUP, 0, config_name(c, name, where),
                         "is a symbolic link: writing would replace the link, not its target; put "
                         "the file itself here");
    }
    /* Writers hold the lock, one at a time: a file of this name was left by one that was killed. */
    snprintf(fresh, sizeof fresh, ".%s.new", name);
    unlinkat(c->dir, fresh, 0);
    fd = openat(c->dir, fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    done = fd < 0 || fd_write_all(fd, text->data, text->len) < 0 ? -1 : fsync(fd);
    if (fd >= 0 && close(fd) < 0)
        done = -1;
    if (done == 0 && renameat(c->dir, fresh, c->dir, name) == 0)
        return fsync(c->dir) == 0 ? 0 : fault_set(why, STATUS_SETUP, errno, c->path, "fsync");
    fault_set(why, STATUS_SETUP, errno, config_name(c, name, where), "writing it");
    if (fd >= 0)
        unlinkat(c->dir, fresh, 0);
    return -1;
}
