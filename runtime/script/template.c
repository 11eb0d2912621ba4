/* A template: confined by the jail, with Lua's libraries open, and the bundle's sources as bytes that it
 * never parses. For each order it forks a box. It trusts the monitor; of its boxes it reads nothing: they
 * share no descriptor with it. */
#include "runtime/script/template.h"

#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FDS (1 + SETUP_JOINS)

union rights { /* room for descriptors beside a message: cmsg(3) */
    char bytes[CMSG_SPACE(FDS * sizeof(int))];
    struct cmsghdr aligned;
};

struct order {
    struct setup_order head;
    int fd[FDS];
};

/* The monitor reads its words; one that does not any more is gone. */
static void say(const struct setup_word *word, int pidfd)
{
    struct iovec iov = {(void *)word, sizeof *word};
    union rights rights = {0};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

    if (pidfd >= 0) {
        msg.msg_control = rights.bytes;
        msg.msg_controllen = CMSG_SPACE(sizeof pidfd);
        rights.aligned = (struct cmsghdr){CMSG_LEN(sizeof pidfd), .cmsg_level = SOL_SOCKET,
                                          .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(&rights.aligned), &pidfd, sizeof pidfd);
    }
    if (sendmsg(0, &msg, MSG_NOSIGNAL) != (ssize_t)sizeof *word)
        _exit(WIRE_GONE);
}

static uint64_t microseconds(struct timeval t)
{
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_usec;
}

/* The monitor has seen its end, so that this does not wait. */
static void reap(const struct setup_order *o)
{
    struct setup_word word = {.kind = SETUP_ENDED, .pid = o->ended};
    struct rusage used;

    if (wait4(o->ended, &word.status, 0, &used) != o->ended)
        _exit(WIRE_GONE);
    word.user_us = microseconds(used.ru_utime);
    word.system_us = microseconds(used.ru_stime);
    if (o->tell)
        say(&word, -1);
}

static void take_order(struct order *o)
{
    struct iovec iov = {&o->head, sizeof o->head};
    union rights rights;
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = rights.bytes,
                         .msg_controllen = sizeof rights.bytes};
    size_t fds = 0;

    if (recvmsg(0, &msg, MSG_CMSG_CLOEXEC | MSG_WAITALL) != (ssize_t)sizeof o->head ||
        o->head.joins > SETUP_JOINS)
        _exit(WIRE_GONE);
    if (o->head.fork)
        fds = (1 + o->head.joins) * sizeof(int);
    if (fds && msg.msg_controllen < CMSG_LEN(fds))
        _exit(WIRE_GONE);
    memcpy(o->fd, CMSG_DATA(&rights.aligned), fds);
}

/* "0" is whoever writes it. */
static int join(const struct order *o)
{
    for (uint32_t i = 1; i <= o->head.joins; i++)
        if (write(o->fd[i], "0", 1) != 1)
            return -1;
    return 0;
}

static int tighten(const struct given *g)
{
    const char *at = g->rlimits;

    for (uint32_t i = 0; i < g->head.rlimit_count; i++, at += sizeof(struct setup_rlimit)) {
        struct setup_rlimit one;

        memcpy(&one, at, sizeof one);
        if (setrlimit((int)one.resource, &(struct rlimit){one.soft, one.hard}) < 0)
            return -1;
    }
    return 0;
}

/* In the box: all that is not the template's already. The listener. */
static int become(struct box *b, const struct order *o)
{
    const char *why = "cannot join its groups";
    int joined = join(o), listener;

    /* Its own wire in place of the orders; nothing else stays open. */
    if (dup3(o->fd[0], 0, 0) < 0 || close_range(1, ~0u, 0) < 0)
        _exit(WIRE_GONE);
    if (joined < 0)
        box_exit_setup(b, why);
    why = "cannot tighten its resource limits";
    if (tighten(&b->given) < 0)
        box_exit_setup(b, why);
    if (given_confine(&b->given, &listener, &why))
        box_exit_setup(b, why);
    return listener;
}

int template_serve(struct box *b)
{

    box_say_ready(b, -1);
    for (;;) {
        struct order o;
        int pidfd = -1;
        struct clone_args args = {
            .flags = CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&pidfd, .exit_signal = SIGCHLD};

        take_order(&o);
        if (o.head.ended)
            reap(&o.head);
        if (!o.head.fork)
            continue;

        long pid = syscall(SYS_clone3, &args, sizeof args);

        if (pid == 0)
            return become(b, &o);
        say(&(struct setup_word){.kind = SETUP_BORN, .pid = pid < 0 ? -errno : (int32_t)pid},
            pidfd);
        if (pid > 0)
            close(pidfd);
        for (uint32_t i = 0; i <= o.head.joins; i++)
            close(o.fd[i]);
    }
}
