/* Replaces files. Trusts the path, which is the caller's own; of an existing file only its type.
 * Never leaves half a file under the requested name, if the directory allows a second file. */
#include "runtime/base/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/fd.h"

/* For /proc/self/fd/N, where /dev/fd/N and /dev/stdout lead: our descriptor N; else -1. */
static int replace_named(const struct path_end *end)
{
    struct stat own, there;
    char *rest;
    long fd;

    if (!end->magic || stat("/proc/self/fd", &own) < 0 || fstat(end->dir, &there) < 0 ||
        own.st_dev != there.st_dev || own.st_ino != there.st_ino)
        return -1;
    fd = strtol(end->name, &rest, 10);
    return *rest || fd < 0 || fd > INT_MAX ? -1 : (int)fd;
}

/* Use a descriptor of a regular file or a socket as it is: others may write at the same offset. */
static int replace_open_other(struct replace *r, int descriptor)
{
    struct stat st;

    if (descriptor >= 0 && fstat(descriptor, &st) == 0 &&
        (S_ISREG(st.st_mode) || S_ISSOCK(st.st_mode))) {
        r->fd = descriptor;
        return 0;
    }
    r->fd = path_open_end(&r->end, O_WRONLY | O_NOCTTY | O_NONBLOCK, &r->refused);
    r->own = true;
    return r->fd < 0 ? -1 : 0;
}

int replace_open(struct replace *r, const char *path)
{
    *r = (struct replace){.fd = -1, .mode = 0644, .end.dir = -1};
    if (path_find(path, &r->end, &r->refused) < 0)
        return -1;
    if (!*r->end.name) {
        errno = EISDIR;
        return -1;
    }
    if (!r->end.there)
        return 0;
    if (!S_ISREG(r->end.st.st_mode))
        return replace_open_other(r, replace_named(&r->end));
    r->mode = r->end.st.st_mode & 0777;
    return path_may_write(&r->end, &r->end.st, &r->refused);
}

int replace_descriptor(const char *path)
{
    struct path_end end = {.dir = -1};
    const char *refused;
    int descriptor = path_find(path, &end, &refused) == 0 ? replace_named(&end) : -1;

    if (end.dir >= 0)
        close(end.dir);
    return descriptor;
}

void replace_close(struct replace *r)
{
    if (r->own && r->fd >= 0)
        close(r->fd);
    if (r->end.dir >= 0)
        close(r->end.dir);
    r->fd = r->end.dir = -1;
}

/* Create a file beside the old one and set NAME. */
static int replace_beside(const struct replace *r, char name[32])
{
    unsigned long long random;
    int fd;

    do {
        if (getrandom(&random, sizeof random, 0) != sizeof random)
            return -1;
        snprintf(name, 32, ".runbox-%016llx", random);
        fd = openat(r->end.dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, r->mode);
    } while (fd < 0 && errno == EEXIST);
    return fd;
}

/* Waits for a reader with poll(2): the descriptor may be blocking or not. */
static int replace_put(int fd, const char *data, size_t n, int signals)
{
    while (n) {
        struct pollfd p[2] = {{fd, POLLOUT, 0}, {signals, POLLIN, 0}};
        ssize_t done = write(fd, data, n);

        if (done < 0 && errno == EAGAIN) {
            if (poll(p, 2, -1) < 0 && errno != EINTR)
                return -1;
            if (p[1].revents) {
                errno = EINTR;
                return -1;
            }
        } else if (done < 0 && errno != EINTR) {
            return -1;
        }
        data += done > 0 ? done : 0;
        n -= done > 0 ? (size_t)done : 0;
    }
    return 0;
}

/* Whether no second file can be created or renamed: another user's directory, a mounted file. */
static bool replace_needs_place(void)
{
    return errno == EACCES || errno == EPERM || errno == EROFS || errno == EBUSY;
}

static int replace_open_place(struct replace *r, int more)
{
    return path_open_end(&r->end, O_WRONLY | O_NOCTTY | O_NONBLOCK | more, &r->refused);
}

static int replace_in_place(struct replace *r, const char *data, size_t n, int signals)
{
    int failed = errno;
    autoclose int fd = replace_open_place(r, O_TRUNC);

    if (fd >= 0)
        return replace_put(fd, data, n, signals);
    if (errno == ENOENT)
        errno = failed;
    return -1;
}

int replace_probe(struct replace *r)
{
    char name[32];
    int fd, failed;

    if (r->fd >= 0)
        return 0;
    fd = replace_beside(r, name);
    if (fd >= 0) {
        close(fd);
        return unlinkat(r->end.dir, name, 0);
    }
    if (!replace_needs_place())
        return -1;
    failed = errno;
    fd = replace_open_place(r, 0);
    if (fd >= 0)
        return close(fd);
    if (errno == ENOENT)
        errno = failed;
    return -1;
}

int replace_write(struct replace *r, const char *data, size_t n, int signals)
{
    char name[32];
    int fd, failed;
    bool whole;

    if (r->fd >= 0)
        return replace_put(r->fd, data, n, signals);
    fd = replace_beside(r, name);
    if (fd < 0)
        return replace_needs_place() ? replace_in_place(r, data, n, signals) : -1;
    /* A quota or a network file system may fail as late as close(2). */
    failed = replace_put(fd, data, n, signals) < 0 ? errno : 0;
    if (close(fd) < 0 && errno != EINTR && !failed)
        failed = errno;
    if (!failed && renameat(r->end.dir, name, r->end.dir, r->end.name) == 0)
        return 0;
    whole = !failed;
    failed = failed ? failed : errno;
    unlinkat(r->end.dir, name, 0);
    errno = failed;
    return whole && replace_needs_place() ? replace_in_place(r, data, n, signals) : -1;
}

int replace_file(const char *path, const char *data, size_t n, int signals, const char **refused)
{
    struct replace r;
    int done = replace_open(&r, path), failed;

    if (done == 0)
        done = replace_write(&r, data, n, signals);
    failed = errno;
    *refused = r.refused;
    replace_close(&r);
    errno = failed;
    return done;
}
