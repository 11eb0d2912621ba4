/* A buffer each way. A message is a head, its struct, its text, each padded to 8 bytes, so that a struct
 * can be used where it lies. */
#include "runtime/wire/channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST     65536u /* bytes of a buffer, at least; a larger one is freed once it is empty */
#define FIXED_MAX 8192u

struct channel_head {
    uint32_t kind, run, fixed, text;
};

static size_t channel_padded(size_t n)
{
    return (n + 7) & ~(size_t)7;
}

void channel_open(struct channel *c, int fd)
{
    *c = (struct channel){.fd = fd};
}

static void bytes_free(struct channel_bytes *b)
{
    if (b->data)
        explicit_bzero(b->data, b->cap);
    free(b->data);
    *b = (struct channel_bytes){0};
}

void channel_close(struct channel *c)
{
    if (c->fd >= 0)
        close(c->fd);
    bytes_free(&c->in);
    bytes_free(&c->out);
    *c = (struct channel){.fd = -1, .lost = true};
}

/* Forget the first N bytes. */
static void bytes_done(struct channel_bytes *b, size_t n)
{
    explicit_bzero(b->data + b->begin, n);
    b->begin += n;
    b->len -= n;
    if (b->len)
        return;
    b->begin = 0;
    if (b->cap > FIRST)
        bytes_free(b);
}

/* Room for MORE bytes behind those there. 0 or -1. */
static int bytes_reserve(struct channel_bytes *b, size_t more)
{
    size_t cap = b->cap ? b->cap : FIRST;
    char *data;

    if (b->cap - b->begin - b->len >= more && b->data)
        return 0;
    while (cap < b->len + more)
        cap *= 2;
    /* Not realloc(3), which could leave a copy. */
    data = malloc(cap);
    if (!data)
        return -1;
    if (b->data) {
        memcpy(data, b->data + b->begin, b->len);
        explicit_bzero(b->data, b->cap);
        free(b->data);
    }
    *b = (struct channel_bytes){data, 0, b->len, cap};
    return 0;
}

static void bytes_add(struct channel_bytes *b, const void *what, size_t n)
{
    char *to = b->data + b->begin + b->len;

    if (n)
        memcpy(to, what, n);
    memset(to + n, 0, channel_padded(n) - n);
    b->len += channel_padded(n);
}

void channel_put(struct channel *c, uint32_t kind, uint32_t run, const void *fixed,
                 size_t fixed_size, const char *text, size_t size)
{
    const struct channel_head head = {kind, run, (uint32_t)fixed_size, (uint32_t)size};

    if (c->lost || c->deaf)
        return;
    if (size > CHANNEL_TEXT_MAX || bytes_reserve(&c->out, sizeof head + channel_padded(fixed_size) +
                                                              channel_padded(size)) < 0) {
        c->lost = true;
        return;
    }
    bytes_add(&c->out, &head, sizeof head);
    bytes_add(&c->out, fixed, fixed_size);
    bytes_add(&c->out, text, size);
}

void channel_flush(struct channel *c)
{
    while (c->out.len && !c->lost && !c->deaf) {
        ssize_t n =
            send(c->fd, c->out.data + c->out.begin, c->out.len, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n >= 0) {
            bytes_done(&c->out, (size_t)n);
            c->sent += (uint64_t)n;
        } else if (errno == EAGAIN)
            return;
        else if (errno == EPIPE || errno == ECONNRESET)
            c->deaf = true; /* what it has said before may still be read */
        else if (errno != EINTR)
            c->lost = true;
    }
}

size_t channel_waiting(const struct channel *c)
{
    return c->deaf ? 0 : c->out.len;
}

static void channel_drop_taken(struct channel *c)
{
    if (c->taken)
        bytes_done(&c->in, c->taken);
    c->looked -= c->looked < c->taken ? c->looked : c->taken;
    c->taken = 0;
}

/* Bytes of the message at byte AT of the buffer; 0: its head is not there yet; SIZE_MAX: it is none. */
static size_t channel_size(const struct channel *c, size_t at, struct channel_head *head)
{
    if (c->in.len - at < sizeof *head)
        return 0;
    memcpy(head, c->in.data + c->in.begin + at, sizeof *head);
    if (head->fixed > FIXED_MAX || head->text > CHANNEL_TEXT_MAX)
        return SIZE_MAX;
    return sizeof *head + channel_padded(head->fixed) + channel_padded(head->text);
}

/* The whole message at byte AT: its size and *M; or 0. */
static size_t channel_read(struct channel *c, size_t at, struct channel_message *m)
{
    struct channel_head head;
    size_t n = channel_size(c, at, &head);

    if (n == SIZE_MAX)
        c->lost = true;
    if (n == 0 || n > c->in.len - at)
        return 0;
    *m = (struct channel_message){.kind = head.kind, .run = head.run};
    m->fixed = c->in.data + c->in.begin + at + sizeof head;
    m->fixed_size = head.fixed;
    m->text = (const char *)m->fixed + channel_padded(head.fixed);
    m->size = head.text;
    return n;
}

/* The buffer has room for the rest of the first message, and for what comes with it. */
static int channel_room(struct channel *c)
{
    struct channel_head head;
    size_t first = channel_size(c, 0, &head), more = FIRST / 2;

    if (first == SIZE_MAX)
        return -1;
    if (first > c->in.len && first - c->in.len > more)
        more = first - c->in.len;
    return bytes_reserve(&c->in, more);
}

void channel_fill(struct channel *c)
{
    ssize_t n;

    if (c->lost)
        return;
    channel_drop_taken(c);
    if (channel_room(c) < 0) {
        c->lost = true;
        return;
    }
    do
        n = recv(c->fd, c->in.data + c->in.begin + c->in.len, c->in.cap - c->in.begin - c->in.len,
                 MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n > 0)
        c->in.len += (size_t)n;
    else if (n == 0 || errno != EAGAIN || c->deaf) /* one that has ended is read to its end */
        c->lost = true;
}

bool channel_next(struct channel *c, struct channel_message *m)
{
    channel_drop_taken(c);
    c->taken = channel_read(c, 0, m);
    return c->taken > 0;
}

bool channel_find(struct channel *c,
                  bool (*wanted)(const void *of, const struct channel_message *m), const void *of)
{
    struct channel_message m;
    size_t n;

    if (c->looked < c->taken)
        c->looked = c->taken;
    while ((n = channel_read(c, c->looked, &m)) > 0) {
        c->looked += n;
        if (wanted(of, &m))
            return true;
    }
    return false;
}
