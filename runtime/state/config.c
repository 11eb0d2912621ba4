/* Where the user's files are, and who else could have touched them. Trusts the environment for the
 * place (it is the caller's), and the file system for owners and modes. Never shows a file's bytes. */
#include "runtime/state/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/fd.h"

/* The path, or -1 where no variable says it. A relative $XDG_CONFIG_HOME is invalid, and ignored, says
 * its specification. */
static int find(struct config *c)
{
    const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    int n = -1;

    if (xdg && *xdg == '/')
        n = snprintf(c->path, sizeof c->path, "%s/runbox", xdg);
    else if (home && *home == '/')
        n = snprintf(c->path, sizeof c->path, "%s/.config/runbox", home);
    return n < 0 || (size_t)n >= sizeof c->path ? -1 : 0;
}

/* mkdir -p, 0700 for what is made. */
static int make_path(const char *path, struct fault *why)
{
    char part[CONFIG_PATH_MAX];

    for (const char *at = path; at;) {
        at = strchr(at + 1, '/');
        snprintf(part, sizeof part, "%.*s", at ? (int)(at - path) : (int)strlen(path), path);
        if (mkdir(part, 0700) < 0 && errno != EEXIST)
            return fault_set(why, STATUS_SETUP, errno, part, "making the directory");
    }
    return 0;
}

/* Who can write a directory can replace the files in it. */
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
                         "others may write in it (mode %03o): chmod 700 %s", st.st_mode & 0777,
                         c->path);
    return 0;
}

int config_open(bool make, struct config *c, struct fault *why)
{
    c->dir = -1;
    if (find(c) < 0) {
        if (!make)
            return 0;
        return fault_set(why, STATUS_SETUP, 0, "environment",
                         "neither XDG_CONFIG_HOME nor HOME says where your files are");
    }
    if (make && make_path(c->path, why) < 0)
        return -1;
    c->dir = open(c->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (c->dir < 0 && !make && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
        return 0;
    if (c->dir < 0)
        return fault_set(why, STATUS_SETUP, errno, c->path, "opening it");
    /* To find nothing in somebody else's directory is no harm: su without "-" leaves HOME as it was. */
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

int config_lock(const struct config *c, const char *name, struct fault *why)
{
    char lock[64];
    int fd;

    snprintf(lock, sizeof lock, ".%s.lock", name);
    fd = openat(c->dir, lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    while (fd >= 0 && flock(fd, LOCK_EX) < 0) {
        if (errno == EINTR)
            continue;
        close(fd);
        fd = -1;
    }
    return fd < 0 ? fault_set(why, STATUS_SETUP, errno, c->path, "locking %s", lock) : fd;
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
                         "belongs to uid %u, and must belong to uid %u", st.st_uid, owner);
    if (st.st_mode & rules[rule].closed)
        return fault_set(why, STATUS_SETUP, 0, where,
                         "is open to others than its owner (mode %03o): chmod %s %s",
                         st.st_mode & 0777, rules[rule].chmod, where);
    if (st.st_size > CONFIG_FILE_MAX)
        return fault_set(why, STATUS_SETUP, 0, where, "is larger than %u bytes", CONFIG_FILE_MAX);
    *size = st.st_size;
    return 0;
}

int config_read_at(int dir, const char *name, const char *where, uid_t owner, enum config_rule rule,
                   struct str *text, struct fault *why)
{
    /* O_NONBLOCK: a FIFO of that name must not stop anybody. */
    autoclose int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    off_t size = 0;
    ssize_t n;

    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
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

static int write_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t wrote = write(fd, bytes, n);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return -1;
        bytes += wrote;
        n -= (size_t)wrote;
    }
    return fsync(fd);
}

int config_write(const struct config *c, const char *name, const struct str *text,
                 struct fault *why)
{
    char where[CONFIG_PATH_MAX], fresh[64];
    int fd, done;

    if (text->failed)
        return fault_set(why, STATUS_SETUP, ENOMEM, config_name(c, name, where), "writing it");
    /* One writer at a time holds the lock: what stands there is left of one that was killed. */
    snprintf(fresh, sizeof fresh, ".%s.new", name);
    unlinkat(c->dir, fresh, 0);
    fd = openat(c->dir, fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    done = fd < 0 ? -1 : write_all(fd, text->data, text->len);
    if (fd >= 0 && close(fd) < 0)
        done = -1;
    if (done == 0 && renameat(c->dir, fresh, c->dir, name) == 0)
        return fsync(c->dir) == 0 ? 0 : fault_set(why, STATUS_SETUP, errno, c->path, "fsync");
    fault_set(why, STATUS_SETUP, errno, config_name(c, name, where), "writing it");
    if (fd >= 0)
        unlinkat(c->dir, fresh, 0);
    return -1;
}
