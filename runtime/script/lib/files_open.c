/* fopen(3) for the box: files, and nothing else that a mount may hold. They are read and written at
 * their own position with pread(2) and pwrite(2), which fail on a FIFO, a socket or a device
 * without one, so that the profile can limit read(2) and write(2) to the wire. The linker redirects
 * Lua's io library here. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/script/core/box.h"
#include "runtime/script/lib/lib.h"

struct opened {
    int fd;
    off_t at;
    bool append;
};

static ssize_t opened_read(void *cookie, char *to, size_t n)
{
    struct opened *o = cookie;
    ssize_t r = pread(o->fd, to, n, o->at);

    o->at += r > 0 ? r : 0;
    return r;
}

/* fopencookie(3): never negative; errors are in errno. With O_APPEND the kernel ignores the
 * position. */
static ssize_t opened_write(void *cookie, const char *bytes, size_t n)
{
    struct opened *o = cookie;
    size_t done = 0;

    while (done < n) {
        ssize_t r = pwrite(o->fd, bytes + done, n - done, o->at);

        if (r <= 0)
            break;
        done += (size_t)r;
        o->at = o->append ? lseek(o->fd, 0, SEEK_END) : o->at + r;
    }
    return (ssize_t)done;
}

static int opened_seek(void *cookie, off64_t *offset, int whence)
{
    struct opened *o = cookie;
    off_t from = whence == SEEK_CUR ? o->at : whence == SEEK_END ? lseek(o->fd, 0, SEEK_END) : 0;
    off_t to;

    if (from < 0)
        return -1;
    if (__builtin_add_overflow(from, *offset, &to) || to < 0) {
        errno = EINVAL;
        return -1;
    }
    *offset = o->at = to;
    return 0;
}

static int opened_close(void *cookie)
{
    struct opened *o = cookie;
    int r = close(o->fd);

    free(o);
    return r;
}

static int opened_flags(const char *mode)
{
    int flags = strchr(mode, '+') ? O_RDWR : *mode == 'r' ? O_RDONLY : O_WRONLY;

    return flags | (*mode == 'w' ? O_CREAT | O_TRUNC : *mode == 'a' ? O_CREAT | O_APPEND : 0);
}

/* Checked before open(2), since opening a FIFO wakes the process waiting at its other end; if one
 * replaces PATH after the check, reads and writes fail. */
static bool opened_is_file(const char *path)
{
    struct stat st;

    return stat(path, &st) < 0 || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode);
}

FILE *files_open(const char *path, const char *mode)
{
    static const cookie_io_functions_t calls = {opened_read, opened_write, opened_seek,
                                                opened_close};
    int flags = opened_flags(mode);
    struct opened *o = opened_is_file(path) ? malloc(sizeof *o) : (errno = EACCES, NULL);
    FILE *f;

    if (!o)
        return NULL;
    *o = (struct opened){open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666), 0,
                         flags & O_APPEND};
    if (o->fd < 0) {
        free(o);
        return NULL;
    }
    if (*mode == 'a' && flags & O_WRONLY)
        o->at = lseek(o->fd, 0, SEEK_END);
    f = fopencookie(o, mode, calls);
    if (!f)
        opened_close(o);
    return f;
}
