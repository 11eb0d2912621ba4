/* Writing without blocking and without O_NONBLOCK: that flag belongs to the open file description,
 * which a shell and its other children share. */
#include "runtime/caller/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { KIND_UNKNOWN, KIND_FILE, KIND_PIPE, KIND_SOCKET, KIND_TTY, KIND_SHARED_TTY, KIND_OTHER };

/* Bytes that can be written to a pipe after POLLOUT without blocking (pipe(7), PIPE_BUF). */
#define SURE_BYTES 4096

/* For a terminal POLLOUT promises one byte; a longer write blocks while nothing reads the
 * other end. Reopening the device gives an open file description of our own, which may
 * have O_NONBLOCK. */
static int open_terminal(struct sink *s)
{
    char path[32];

    snprintf(path, sizeof path, "/proc/self/fd/%d", s->fd);
    s->own = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    return s->own > 0 ? KIND_TTY : KIND_SHARED_TTY;
}

static int kind_of(struct sink *s)
{
    struct stat st;

    if (fstat(s->fd, &st) < 0)
        return KIND_OTHER;
    if (isatty(s->fd))
        return open_terminal(s);
    return S_ISREG(st.st_mode)    ? KIND_FILE
           : S_ISFIFO(st.st_mode) ? KIND_PIPE
           : S_ISSOCK(st.st_mode) ? KIND_SOCKET
                                  : KIND_OTHER;
}

static ssize_t write_sure(int fd, const char *data, size_t n, size_t sure)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};

    if (poll(&p, 1, 0) <= 0) {
        errno = EAGAIN;
        return -1;
    }
    return write(fd, data, n < sure ? n : sure);
}

static ssize_t write_some(struct sink *s, const char *data, size_t n)
{
    struct iovec iov = {.iov_base = (void *)data, .iov_len = n};
    ssize_t r;

    switch (s->kind) {
    case KIND_FILE:
        return write(s->fd, data, n);
    case KIND_SOCKET:
        return send(s->fd, data, n, MSG_DONTWAIT | MSG_NOSIGNAL);
    case KIND_PIPE:
        r = pwritev2(s->fd, &iov, 1, -1, RWF_NOWAIT);
        if (r >= 0 || (errno != EOPNOTSUPP && errno != EINVAL && errno != ENOSYS))
            return r;
        s->kind = KIND_OTHER;
        break;
    case KIND_TTY:
        return write(s->own, data, n);
    case KIND_SHARED_TTY: /* owned by another user, cannot be reopened: byte by byte */
        return write_sure(s->fd, data, n, 1);
    default:
        break;
    }
    return write_sure(s->fd, data, n, SURE_BYTES);
}

void sink_open(struct sink *s)
{
    if (s->kind == KIND_UNKNOWN && s->fd >= 0)
        s->kind = kind_of(s);
}

void sink_socket(struct sink *s)
{
    s->kind = KIND_SOCKET;
}

/* Without memory for a whole line, none of it is written. */
static void drop_partial(struct sink *s)
{
    struct str *p = &s->pending;

    if (!p->failed)
        return;
    while (p->len && p->data[p->len - 1] != '\n')
        p->len--;
    p->failed = false;
    s->lost = true;
}

void sink_last(struct sink *s, const struct str *text)
{
    drop_partial(s);
    str_add(&s->pending, text->data, text->len);
    if (!s->pending.failed)
        return;
    s->pending.failed = false; /* nothing of TEXT was added */
    sink_flush(s);
    if (!s->pending.len) {
        str_free(&s->pending);
        s->pending = *text;
    }
}

void sink_flush(struct sink *s)
{
    size_t done = 0;

    drop_partial(s);

    if (s->pending.len)
        sink_open(s);
    while (done < s->pending.len && !s->broken) {
        ssize_t r = write_some(s, s->pending.data + done, s->pending.len - done);

        if (r > 0)
            done += (size_t)r;
        else if (r < 0 && errno == EAGAIN)
            break;
        else if (r < 0 && errno != EINTR)
            s->broken = errno;
    }
    if (s->broken)
        done = s->pending.len;
    if (done)
        str_consume(&s->pending, done);
}
