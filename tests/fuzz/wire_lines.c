/* The bounded reader, runtime/wire/lines.c, against the plain meaning of "a line": bytes come in pieces of
 * any size, lines go out, and none is lost, changed, invented or longer than allowed. The first byte is the
 * longest line, the second begins the pieces' sizes, the rest is what the other side sends. */
#include "runtime/wire/lines.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/fuzz/judge/judge.h"

struct feed {
    const char *sent;
    size_t n, wrote, taken; /* bytes of SENT: all, given to the socket, come back in lines */
    uint32_t dice;
    int to, from;
};

/* 1 to 16 bytes, sometimes all that is left. */
static size_t piece(struct feed *f)
{
    size_t left = f->n - f->wrote, n;

    f->dice = f->dice * 1103515245u + 12345u;
    n = f->dice >> 28 ? 1 + (f->dice >> 24 & 15) : left;
    return n < left ? n : left;
}

/* Whatever was taken is overwritten when it is asked for. */
static void forget(struct lines *l)
{
    lines_forget(l);
    for (size_t i = 0; l->data && i < l->cap; i++)
        must((i >= l->begin && i < l->begin + l->len) || !l->data[i], "byte %zu is kept", i);
}

/* Lines until there are none: -1 where one is too long. */
static int take(struct lines *l, struct feed *f)
{
    const char *due;
    char *line;
    size_t n;
    int r;

    while ((r = lines_next(l, &line, &n)) > 0) {
        due = f->sent + f->taken;
        must(f->taken + n < f->wrote && due[n] == '\n' && !memchr(due, '\n', n), "not a line");
        must(memcmp(line, due, n) == 0, "a line's bytes changed");
        must(n + 1 <= l->max, "a line of %zu bytes", n + 1);
        f->taken += n + 1;
    }
    due = f->sent + f->taken;
    if (r == 0)
        must(!memchr(due, '\n', l->len), "a line was held back");
    else
        must(f->wrote - f->taken >= l->max && !memchr(due, '\n', l->max),
             "a line is called too long");
    must(l->cap <= l->max, "%zu bytes for lines of %zu", l->cap, l->max);
    if (f->dice >> 20 & 1)
        forget(l);
    return r;
}

/* Until end of file, or a line that is too long. */
static void run(struct lines *l, struct feed *f)
{
    char *rest;

    do {
        size_t n = piece(f);

        must(n == 0 || write(f->to, f->sent + f->wrote, n) == (ssize_t)n, "write: %d", errno);
        f->wrote += n;
        if (n == 0)
            shutdown(f->to, SHUT_WR);
        while (lines_fill(l, f->from) > 0)
            if (take(l, f) < 0)
                return;
        must(l->eof || errno == EAGAIN, "lines_fill: %d", errno);
    } while (!l->eof);
    must(lines_rest(l, &rest) == f->n - f->taken, "%zu bytes are left", l->len);
    must(!l->len || memcmp(rest, f->sent + f->taken, l->len) == 0, "the rest changed");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct feed f = {.sent = (const char *)data + 2, .n = n - 2};
    struct lines l;
    int pair[2];

    if (n < 2 || n > 16384) /* one piece may be all of it: the socket must take it */
        return 0;
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0, "socketpair: %d", errno);
    f.dice = data[1] * 2654435761u;
    f.to = pair[0];
    f.from = pair[1];
    lines_open(&l, 1u + data[0]);
    run(&l, &f);
    lines_close(&l);
    close(pair[0]);
    close(pair[1]);
    return 0;
}
