/* Descriptors with a message: as many as were sent, what there is no room for is closed, and each is close-on-exec. */
#include "runtime/base/pass.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/tap.h"

static unsigned is_open(void)
{
    unsigned n = 0;

    for (int fd = 0; fd < 512; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

static void pass(int type, size_t sent, size_t room)
{
    int pair[2], out[PASS_MAX] = {0}, in[PASS_MAX];
    size_t count = room, wrong = 0, want = sent < room ? sent : room;
    struct stat its, mine;
    char byte = 0;

    if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) < 0)
        return;
    for (size_t i = 0; i < sent; i++)
        out[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    unsigned before = is_open();

    ok(pass_send(pair[0], "x", 1, out, sent, MSG_NOSIGNAL) == 1, "%zu descriptors", sent);
    ssize_t got = pass_receive(pair[1], &byte, 1, in, &count, 0);

    ok(got == 1 && byte == 'x' && count == want, "%zu come where there is room for %zu", count,
       room);
    ok(is_open() == before + want, "and no other");
    for (size_t i = 0; i < count; i++) {
        wrong += fstat(in[i], &its) < 0 || fstat(out[i], &mine) < 0 || its.st_ino != mine.st_ino ||
                 !(fcntl(in[i], F_GETFD) & FD_CLOEXEC);
        close(in[i]);
    }
    ok(wrong == 0, "each is what was sent, and close-on-exec");
    for (size_t i = 0; i < sent; i++)
        close(out[i]);
    count = room;
    ok(pass_receive(pair[1], &byte, 1, in, &count, MSG_DONTWAIT) < 0 && errno == EAGAIN &&
           count == 0,
       "no message: none");
    close(pair[0]);
    close(pair[1]);
}

/* An end that has closed with something unread: what it sent comes, then the end. */
static void last_word(int type)
{
    int pair[2], in[1];
    char byte = 0;
    size_t count = 1;

    if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) < 0)
        return;
    pass_send(pair[0], "u", 1, NULL, 0, 0);
    pass_send(pair[1], "x", 1, NULL, 0, 0);
    close(pair[1]);
    ok(pass_receive(pair[0], &byte, 1, in, &count, 0) == 1 && byte == 'x', "its last word comes");
    count = 1;
    ok(pass_receive(pair[0], &byte, 1, in, &count, 0) <= 0, "then its end");
    close(pair[0]);
}

/* Where this process may hold no more, fewer come. */
static void starved(void)
{
    const struct rlimit few = {16, 16};
    int pair[2], out[4], in[4];
    size_t count = 4;
    char byte;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
        return;
    for (size_t i = 0; i < 4; i++)
        out[i] = open("/dev/null", O_RDONLY);
    for (int fd = 0; fd >= 0 && fd < 13;)
        fd = dup(0);
    setrlimit(RLIMIT_NOFILE, &few);
    ok(pass_send(pair[0], "x", 1, out, 4, 0) == 1, "four sent");
    ssize_t got = pass_receive(pair[1], &byte, 1, in, &count, 0);

    ok(got == 1 && count < 4, "%zu come", count);
    close_range(3, ~0u, 0); /* what a sanitizer does at the end wants a few */
}

int main(void)
{
    static const int types[] = {SOCK_STREAM, SOCK_SEQPACKET};

    for (size_t i = 0; i < 2; i++) {
        pass(types[i], 0, 1);
        pass(types[i], 1, 1);
        pass(types[i], 2, 1);
        pass(types[i], 3, 2);
        pass(types[i], PASS_MAX, PASS_MAX);
        pass(types[i], 5, PASS_MAX);
        last_word(types[i]);
    }
    starved();
    return done();
}
