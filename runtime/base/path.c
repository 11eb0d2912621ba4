/* Walks a path component by component; each link is read and checked here. Trusts only the kernel.
 * Links on procfs (/dev/stdout leads to one) may lead where no path does, and are left to the
 * kernel. Source: path_resolution(7), proc_sys_fs(5), fs/namei.c: may_follow_link(),
 * may_create_in_sticky(). */
#include "runtime/base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "runtime/base/fd.h"

#define LINKS_MAX 40 /* MAXSYMLINKS, path_resolution(7) */
#define TRIES     100

size_t path_length(const char *path)
{
    size_t n = strlen(path);

    while (n > 1 && path[n - 1] == '/')
        n--;
    return n;
}

struct walk {
    int dir;             /* O_PATH */
    char rest[PATH_MAX]; /* the rest of the path, links replaced by their targets */
    char *at;            /* in .rest: the next component */
    unsigned links;
    bool shared;
    const char **refused;
};

static int path_refuse(const char **refused, const char *why)
{
    *refused = why;
    errno = EACCES;
    return -1;
}

static int path_fail(int err)
{
    errno = err;
    return -1;
}

/* Clean up after a failure, preserving errno. */
static void path_release(int dir)
{
    int failed = errno;

    if (dir >= 0)
        close(dir);
    errno = failed;
}

static int path_step(struct walk *w, int dir)
{
    if (dir < 0)
        return -1;
    if (w->dir >= 0)
        close(w->dir);
    w->dir = dir;
    return 0;
}

/* Insert TEXT before the rest of the path. */
static int path_prepend(struct walk *w, const char *text, size_t n)
{
    size_t left = strlen(w->at);

    if (n + 1 + left + 1 > sizeof w->rest)
        return path_fail(ENAMETOOLONG);
    memmove(w->rest + n + 1, w->at, left + 1);
    memcpy(w->rest, text, n);
    w->rest[n] = '/';
    if (!left)
        w->rest[n] = '\0'; /* last component: only TEXT itself may require a directory */
    w->at = w->rest;
    return *text == '/' ? path_step(w, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) : 0;
}

static bool is_sticky(const struct stat *dir, mode_t writers)
{
    return (dir->st_mode & S_ISVTX) && (dir->st_mode & writers);
}

static int follow(struct walk *w, int link, const struct stat *st)
{
    struct stat dir;
    char text[PATH_MAX];
    ssize_t n;

    if (++w->links > LINKS_MAX)
        return path_fail(ELOOP);
    if (fstat(w->dir, &dir) < 0)
        return -1;
    if (is_sticky(&dir, S_IWOTH)) {
        if (st->st_uid != geteuid() && st->st_uid != dir.st_uid)
            return path_refuse(w->refused,
                               "another user's symbolic link, in a directory where all may write");
        if (st->st_nlink > 1) /* a link of ours, but who linked it here? */
            return path_refuse(
                w->refused,
                "a symbolic link of more than one name, in a directory where all may write");
    }
    n = readlinkat(link, "", text, sizeof text);
    if (n < 0 || n == sizeof text || n == 0)
        return n < 0 ? -1 : path_fail(n ? ENAMETOOLONG : ENOENT);
    return path_prepend(w, text, (size_t)n);
}

/* 1 if the walk must follow the link PART, else 0, or -1 and errno. *LINK is its descriptor. */
static int look_at(struct walk *w, const char *part, int *link, struct stat *st)
{
    struct statfs fs;

    *link = openat(w->dir, part, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (*link < 0 || fstat(*link, st) < 0)
        return -1;
    if (!S_ISLNK(st->st_mode))
        return 0;
    if (fstatfs(*link, &fs) < 0)
        return -1;
    return fs.f_type != PROC_SUPER_MAGIC;
}

static int enter_part(struct walk *w, const char *part)
{
    autoclose int fd = -1;
    struct stat st, dir;
    int is_link = look_at(w, part, &fd, &st);

    if (is_link)
        return is_link < 0 ? -1 : follow(w, fd, &st);
    if (fstat(w->dir, &dir) < 0)
        return -1;
    w->shared |= is_sticky(&dir, S_IWOTH | S_IWGRP);
    if (S_ISLNK(st.st_mode)) /* on procfs: followed by the kernel */
        return path_step(w, openat(w->dir, part, O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!S_ISDIR(st.st_mode))
        return path_fail(ENOTDIR);
    return path_step(w, steal_fd(&fd));
}

/* Descend to the last component, which is left in .at; "" if the path ends in '/'. */
static int path_descend(struct walk *w)
{
    for (;;) {
        char *end, part[NAME_MAX + 1];

        w->at += strspn(w->at, "/");
        end = strchr(w->at, '/');
        if (!end)
            return strlen(w->at) > NAME_MAX ? path_fail(ENAMETOOLONG) : 0;
        if (end - w->at > NAME_MAX)
            return path_fail(ENAMETOOLONG);
        memcpy(part, w->at, (size_t)(end - w->at));
        part[end - w->at] = '\0';
        w->at = end;
        if (enter_part(w, part) < 0)
            return -1;
    }
}

static int path_begin(struct walk *w, const char *path, const char **refused)
{
    size_t n = strlen(path);

    *refused = NULL;
    *w = (struct walk){.dir = -1, .refused = refused};
    if (n == 0 || n >= sizeof w->rest)
        return path_fail(n ? ENAMETOOLONG : ENOENT);
    memcpy(w->rest, path, n + 1);
    w->at = w->rest;
    return path_step(w, open(*path == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

static int path_end(struct walk *w, struct path_end *end)
{
    for (;;) {
        autoclose int seen = -1;
        int is_link;

        if (path_descend(w) < 0)
            return -1;
        strcpy(end->name, w->at);
        if (!*w->at)
            return 0;
        is_link = look_at(w, w->at, &seen, &end->st);
        if (is_link <= 0) {
            end->there = is_link == 0;
            end->magic = end->there && S_ISLNK(end->st.st_mode);
            return end->there || errno == ENOENT ? 0 : -1;
        }
        w->at += strlen(w->at);
        if (follow(w, seen, &end->st) < 0)
            return -1;
    }
}

int path_find(const char *path, struct path_end *end, const char **refused)
{
    struct walk w;
    struct stat dir;
    int r = path_begin(&w, path, refused);

    *end = (struct path_end){.dir = -1};
    if (r == 0)
        r = path_end(&w, end);
    if (r == 0)
        r = fstat(w.dir, &dir);
    if (r) {
        path_release(w.dir);
        return -1;
    }
    end->dir = w.dir;
    end->shared = w.shared || is_sticky(&dir, S_IWOTH | S_IWGRP);
    return 0;
}

int path_may_write(const struct path_end *end, const struct stat *st, const char **refused)
{
    struct stat dir;

    if (!S_ISREG(st->st_mode) && !S_ISFIFO(st->st_mode))
        return 0;
    if (fstat(end->dir, &dir) < 0)
        return -1;
    if (!is_sticky(&dir, S_IWOTH | S_IWGRP))
        return 0;
    if (st->st_uid != geteuid() && st->st_uid != dir.st_uid)
        return path_refuse(refused, "another user's file, in a directory where others may write");
    if (st->st_nlink > 1)
        return path_refuse(refused,
                           "a file of more than one name, in a directory where others may write");
    return 0;
}

/* Checks the descriptor, since the name may have changed meanwhile; truncates only after that. */
int path_open_end(const struct path_end *end, int flags, const char **refused)
{
    autoclose int fd = -1;
    struct stat st;

    *refused = NULL;
    if (end->magic)
        return openat(end->dir, end->name, (flags & ~O_CREAT) | O_CLOEXEC);
    fd = openat(end->dir, *end->name ? end->name : ".",
                (flags & ~(O_CREAT | O_EXCL | O_TRUNC)) | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0 || path_may_write(end, &st, refused) < 0)
        return -1;
    if ((flags & O_TRUNC) && S_ISREG(st.st_mode) && ftruncate(fd, 0) < 0)
        return -1;
    return steal_fd(&fd);
}

static int path_open_found(const struct path_end *end, int flags, mode_t mode, const char **refused)
{
    if (end->there || !*end->name || !(flags & O_CREAT))
        return path_open_end(end, flags, refused);
    return openat(end->dir, end->name, flags | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
}

int path_open(const char *path, int flags, mode_t mode, const char **refused)
{
    struct path_end end;
    int fd = -1, failed;

    for (int tries = 0; fd < 0 && tries < TRIES; tries++) {
        if (path_find(path, &end, refused) < 0)
            return -1;
        fd = path_open_found(&end, flags, mode, refused);
        failed = errno;
        close(end.dir);
        errno = failed;
        /* Created, removed or replaced by a link meanwhile: retry. */
        if (fd < 0 && failed != (end.there ? ELOOP : EEXIST) &&
            !(failed == ENOENT && end.there && (flags & O_CREAT)))
            return -1;
    }
    return fd;
}

int path_parent(const char *path, const char **name, bool *shared, const char **refused)
{
    const char *slash = strrchr(path, '/');
    struct walk w;
    struct stat dir;
    int r = path_begin(&w, path, refused);

    *name = slash ? slash + 1 : path;
    if (r == 0)
        r = **name ? path_descend(&w) : path_fail(EISDIR);
    if (r == 0)
        r = fstat(w.dir, &dir);
    if (r) {
        path_release(w.dir);
        return -1;
    }
    if (shared)
        *shared = w.shared || is_sticky(&dir, S_IWOTH | S_IWGRP);
    return w.dir;
}
