/* Splits bytes into lines. Trusts nothing about the peer: a line without an end costs at most .max
 * bytes and is scanned once, however small its pieces. Never blocks by itself. */
#include "runtime/wire/lines.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* The first buffer: a pipe's capacity, so that one read(2) empties it. Its unused
 * pages cost nothing. */
#define FIRST 65536

void lines_open(struct lines *l, size_t max)
{
    *l = (struct lines){.max = max};
}

void lines_look(struct lines *l, int fd)
{
    struct stat st;

    l->pipe = fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

void lines_close(struct lines *l)
{
    free(l->data);
    *l = (struct lines){0};
}

static int lines_grow(struct lines *l)
{
    size_t cap = l->cap ? l->cap : (l->first ? l->first : FIRST) / 2;
    char *data;

    cap = cap > l->max / 2 ? l->max : cap * 2;
    data = malloc(cap);
    if (!data) {
        errno = ENOMEM;
        return -1;
    }
    /* Not realloc(3): it could leave a copy of a line that holds keys in freed memory. */
    if (l->data) {
        memcpy(data, l->data, l->cap);
        explicit_bzero(l->data, l->cap);
        free(l->data);
    }
    l->data = data;
    l->cap = cap;
    return 0;
}

/* Make room after the unread bytes. A full buffer moves them to its front, and grows if they fill
 * at least half of it, so that moving costs no more than reading did. */
static int make_room(struct lines *l)
{
    if (l->len == 0)
        l->begin = 0;
    if (l->begin + l->len < l->cap)
        return 0;
    if (l->begin > 0) {
        memmove(l->data, l->data + l->begin, l->len);
        l->begin = 0;
    }
    if (l->len >= l->cap / 2 && l->cap < l->max && lines_grow(l) < 0)
        return -1;
    if (l->len < l->cap)
        return 0;
    errno = ENOBUFS;
    return -1;
}

/* MSG_DONTWAIT, RWF_NOWAIT for each call: O_NONBLOCK would also affect processes that share the file,
 * and one of those may take what poll(2) has seen. */
long lines_read(struct lines *l, int fd, char *to, size_t room)
{
    struct iovec iov = {.iov_base = to, .iov_len = room};
    long n;

    if (!l->no_socket) {
        n = recv(fd, to, room, MSG_DONTWAIT);
        if (n >= 0 || errno != ENOTSOCK)
            return n;
        l->no_socket = true;
    }
    if (l->pipe) {
        n = preadv2(fd, &iov, 1, -1, RWF_NOWAIT);
        if (n >= 0 || (errno != EOPNOTSUPP && errno != EINVAL && errno != ENOSYS))
            return n;
        l->pipe = false;
    }
    return read(fd, to, room);
}

long lines_fill(struct lines *l, int fd)
{
    long n;

    if (make_room(l) < 0)
        return -1;
    n = lines_read(l, fd, l->data + l->begin + l->len, l->cap - l->begin - l->len);
    if (n > 0)
        l->len += (size_t)n;
    else if (n == 0)
        l->eof = true;
    return n;
}

int lines_add(struct lines *l, const char *bytes, size_t n)
{
    if (n == 0)
        return 0;
    if (l->begin > 0) {
        memmove(l->data, l->data + l->begin, l->len);
        l->begin = 0;
    }
    if (n > l->max - l->len) {
        errno = ENOBUFS;
        return -1;
    }
    while (l->cap - l->len < n)
        if (lines_grow(l) < 0)
            return -1;
    memcpy(l->data + l->len, bytes, n);
    l->len += n;
    return 0;
}

/* The buffer never exceeds .max, so a line found in it is never too long. */
int lines_next(struct lines *l, char **line, size_t *n)
{
    char *first, *end;

    if (l->len == l->scanned)
        return l->len > 0 && l->len >= l->max ? -1 : 0;
    first = l->data + l->begin;
    end = memchr(first + l->scanned, '\n', l->len - l->scanned);
    if (!end) {
        l->scanned = l->len;
        return l->len >= l->max ? -1 : 0;
    }
    *line = first;
    *n = (size_t)(end - first);
    l->begin += *n + 1;
    l->len -= *n + 1;
    l->scanned = 0;
    return 1;
}

size_t lines_bytes(struct lines *l, size_t most, char **bytes)
{
    size_t n = l->len < most ? l->len : most;

    *bytes = l->data ? l->data + l->begin : NULL;
    l->begin += n;
    l->len -= n;
    l->scanned = 0;
    return n;
}

bool line_is_blank(const char *line, size_t n)
{
    while (n && memchr(" \t\r", line[n - 1], 3))
        n--;
    return n == 0;
}

int lines_message(struct lines *l, char **line, size_t *n)
{
    int r;

    do {
        r = lines_next(l, line, n);
        if (r == 0 && l->eof && l->len) {
            *n = lines_rest(l, line);
            lines_drop(l);
            r = 1;
        }
    } while (r > 0 && line_is_blank(*line, *n));
    return r;
}

void lines_untake(struct lines *l, size_t n)
{
    l->begin -= n + 1;
    l->len += n + 1;
    l->scanned = 0;
}

void lines_forget(struct lines *l)
{
    size_t end = l->begin + l->len;

    if (!l->data)
        return;
    explicit_bzero(l->data, l->begin);
    explicit_bzero(l->data + end, l->cap - end);
}

size_t lines_rest(const struct lines *l, char **rest)
{
    *rest = l->data ? l->data + l->begin : NULL;
    return l->len;
}

void lines_drop(struct lines *l)
{
    l->begin = l->len = l->scanned = 0;
}
