/* runtime/wire/lines.c: whatever the pieces in which bytes come, the same lines come out, and never
 * more than .max bytes are kept. */
#include "runtime/wire/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/str.h"
#include "tests/unit/tap.h"

struct ends {
    int out, in;
};

static struct ends pipe_open(void)
{
    int fd[2];

    if (pipe2(fd, O_CLOEXEC | O_NONBLOCK) < 0)
        abort();
    return (struct ends){.out = fd[0], .in = fd[1]};
}

static void send_text(int fd, const char *text)
{
    if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        abort();
}

static bool next_is(struct lines *l, const char *expected)
{
    char *line;
    size_t n;

    return lines_next(l, &line, &n) == 1 && n == strlen(expected) && !memcmp(line, expected, n);
}

static void test_plain(void)
{
    struct ends p = pipe_open();
    struct lines l;
    char *line;
    size_t n;

    lines_open(&l, 64);
    ok(lines_next(&l, &line, &n) == 0 && !l.data,
       "nothing is there, and nothing allocated, at first");
    ok(lines_rest(&l, &line) == 0, "no rest either");
    ok(lines_fill(&l, p.out) == -1 && errno == EAGAIN && !l.eof, "an empty pipe is EAGAIN");
    send_text(p.in, "one\n\nthree\nfo");
    ok(lines_fill(&l, p.out) == 13, "one read takes what is there");
    ok(next_is(&l, "one") && next_is(&l, "") && next_is(&l, "three"),
       "three lines, one of them empty");
    ok(lines_next(&l, &line, &n) == 0, "an unfinished line is none");
    ok(lines_rest(&l, &line) == 2 && !memcmp(line, "fo", 2), "it is the rest");
    send_text(p.in, "ur\n");
    ok(lines_fill(&l, p.out) == 3 && next_is(&l, "four"), "its end completes it");
    send_text(p.in, "last");
    close(p.in);
    ok(lines_fill(&l, p.out) == 4 && lines_fill(&l, p.out) == 0 && l.eof,
       "then the end of the file");
    ok(lines_next(&l, &line, &n) == 0 && lines_rest(&l, &line) == 4,
       "with an unfinished last line");
    lines_close(&l);
    ok(!l.data && l.len == 0, "closed is empty");
    close(p.out);
}

static void test_longest(void)
{
    struct ends p = pipe_open();
    struct lines l;
    char *line;
    size_t n;

    lines_open(&l, 8);
    send_text(p.in, "1234567\nabcdefg\n");
    ok(lines_fill(&l, p.out) == 8, "no more than a longest line is read at once");
    ok(next_is(&l, "1234567"), "a line of just .max bytes with its newline is fine");
    ok(lines_fill(&l, p.out) == 8 && next_is(&l, "abcdefg"), "and so is the next");
    send_text(p.in, "12345678\n");
    ok(lines_fill(&l, p.out) == 8, "eight bytes without a newline come in");
    ok(lines_next(&l, &line, &n) == -1, "one byte more is too long");
    ok(lines_next(&l, &line, &n) == -1, "and stays too long");
    ok(lines_fill(&l, p.out) == -1 && errno == ENOBUFS, "a full buffer is not read into");
    lines_close(&l);
    close(p.in);
    close(p.out);
}

/* A monitor that waits in a read is a monitor without timers. */
static void test_socket(void)
{
    struct lines l;
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        abort();
    alarm(10);
    lines_open(&l, 64);
    ok(lines_fill(&l, pair[0]) == -1 && errno == EAGAIN,
       "a socket that may block is not waited for");
    send_text(pair[1], "a\nb");
    ok(lines_fill(&l, pair[0]) == 3 && next_is(&l, "a"), "what is there is read");
    ok(lines_fill(&l, pair[0]) == -1 && errno == EAGAIN && !l.eof, "and then nothing more");
    close(pair[1]);
    ok(lines_fill(&l, pair[0]) == 0 && l.eof, "until its end");
    alarm(0);
    lines_close(&l);
    close(pair[0]);
}

/* COUNT lines of random lengths below MAX, of bytes that are not newlines; one line in ten is of
 * the greatest length. */
static void make_lines(struct str *text, size_t max, int count)
{
    for (int i = 0; i < count; i++) {
        size_t n = rand() % 10 ? (size_t)rand() % max : max - 1;

        for (size_t k = 0; k < n; k++) {
            char c = (char)(rand() & 0xff);

            str_addc(text, c == '\n' ? ' ' : c);
        }
        str_addc(text, '\n');
    }
}

/* Send a piece of at most MOST bytes, read once, and take up to TAKE lines, adding them to OUT. */
static int round_trip(struct lines *l, struct ends p, struct str *out, size_t take)
{
    char *line;
    size_t n;
    int got = 0;

    while (take-- && (got = lines_next(l, &line, &n)) > 0) {
        str_add(out, line, n);
        str_addc(out, '\n');
    }
    if (got == 0 && lines_fill(l, p.out) < 0 && errno != EAGAIN)
        return -1;
    return got < 0 ? -1 : 0;
}

/* Lines may still wait when the test stops taking them: reading goes on only when none does. */
static bool chunked(size_t max, size_t most, int count)
{
    autostr struct str text = {0}, out = {0};
    struct ends p = pipe_open();
    struct lines l;
    size_t sent = 0;
    bool bounded = true;

    lines_open(&l, max);
    make_lines(&text, max, count);
    while (out.len < text.len) {
        size_t n = 1 + (size_t)rand() % most;
        ssize_t wrote;

        n = n < text.len - sent ? n : text.len - sent;
        wrote = n ? write(p.in, text.data + sent, n) : 0;
        sent += wrote > 0 ? (size_t)wrote : 0;
        if (round_trip(&l, p, &out, 1 + (size_t)rand() % 50) < 0)
            break;
        bounded = bounded && l.cap <= (max < 65536 ? max : max * 2) && l.len <= max;
    }
    bounded = bounded && out.len == text.len && !memcmp(out.data, text.data, text.len);
    lines_close(&l);
    close(p.in);
    close(p.out);
    return bounded;
}

static void test_chunks(void)
{
    static const size_t max[] = {1, 2, 3, 17, 100, 4096, 65536, 100000, 1 << 20};

    for (size_t i = 0; i < sizeof max / sizeof max[0]; i++) {
        size_t small = max[i] < 1000 ? 3 : 997;

        ok(chunked(max[i], small, 60), "lines of up to %zu bytes, in small pieces", max[i]);
        ok(chunked(max[i], 65536, 60), "lines of up to %zu bytes, in large pieces", max[i]);
    }
}

/* A peer that never ends its line, a byte at a time: bounded, and not scanned from the start each
 * time. */
static void test_endless(void)
{
    struct ends p = pipe_open();
    struct lines l;
    char *line;
    size_t n, sent = 0;

    lines_open(&l, 200000);
    while (lines_next(&l, &line, &n) == 0) {
        send_text(p.in, "x");
        if (lines_fill(&l, p.out) != 1)
            break;
        sent++;
    }
    ok(sent == 200000 && lines_next(&l, &line, &n) == -1, "an endless line ends at .max");
    ok(l.cap == 200000, "and holds no more memory than that");
    lines_close(&l);
    close(p.in);
    close(p.out);
}

static void test_untake(void)
{
    struct ends p = pipe_open();
    struct lines l;
    char *line;
    size_t n;

    lines_open(&l, 64);
    send_text(p.in, "one\ntwo\nth");
    lines_fill(&l, p.out);
    ok(next_is(&l, "one"), "the first");
    lines_untake(&l, 3);
    ok(next_is(&l, "one") && next_is(&l, "two"), "the first again, then the second");
    lines_untake(&l, 3);
    send_text(p.in, "ree\n");
    ok(lines_fill(&l, p.out) == 4, "more comes meanwhile");
    ok(next_is(&l, "two") && next_is(&l, "three") && lines_next(&l, &line, &n) == 0,
       "the second again, then the third");
    lines_close(&l);
    close(p.in);
    close(p.out);
}

static void test_add(void)
{
    struct lines l;
    char *line;
    size_t n;

    lines_open(&l, 8);
    ok(lines_add(&l, "", 0) == 0 && lines_rest(&l, &line) == 0, "nothing is added to nothing");
    ok(lines_add(&l, "one\ntw", 6) == 0 && next_is(&l, "one"),
       "what came by another way is a line");
    ok(lines_add(&l, "o\n", 2) == 0 && next_is(&l, "two"), "in pieces, too");
    ok(lines_add(&l, "12345678", 8) == 0 && lines_add(&l, "9", 1) < 0 && errno == ENOBUFS &&
           lines_next(&l, &line, &n) == -1,
       "no more than .max");
    lines_close(&l);
}

static void test_bytes(void)
{
    struct lines l;
    char *bytes;

    lines_open(&l, 64);
    ok(lines_bytes(&l, 4, &bytes) == 0, "no bytes of nothing");
    lines_add(&l, "one\nt\nw", 7);
    ok(next_is(&l, "one") && lines_bytes(&l, 2, &bytes) == 2 && memcmp(bytes, "t\n", 2) == 0,
       "bytes behind a line, its end among them");
    ok(lines_bytes(&l, 5, &bytes) == 1 && *bytes == 'w', "what there is");
    lines_add(&l, "xy\n", 3);
    ok(lines_bytes(&l, 2, &bytes) == 2 && next_is(&l, ""), "and the rest, then a line");
    lines_close(&l);
}

int main(void)
{
    srand(1);
    test_add();
    test_untake();
    test_bytes();
    test_plain();
    test_longest();
    test_socket();
    test_chunks();
    test_endless();
    return done();
}
