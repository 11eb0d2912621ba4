/* A template: confined by the jail, with Lua's libraries open, and the bundle's sources as bytes that it
 * never parses. For each order it forks a box. It trusts the monitor; of its boxes it reads nothing: they
 * share no descriptor with it. */
#include "runtime/script/template.h"

#include "runtime/script/pinned.h"

#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
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

static uint64_t address_of(const void *p)
{
    return (uint64_t)(uintptr_t)p;
}

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
    if (pinned_call(SYS_sendmsg, 0, address_of(&msg), MSG_NOSIGNAL, 0) != (long)sizeof *word)
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

    if (pinned_call(SYS_wait4, (uint64_t)o->ended, address_of(&word.status), 0,
                    address_of(&used)) != o->ended)
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

    if (pinned_call(SYS_recvmsg, 0, address_of(&msg), MSG_CMSG_CLOEXEC | MSG_WAITALL, 0) !=
            (long)sizeof o->head ||
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
    struct rlimit want;

    for (uint32_t i = 0; i < g->head.rlimit_count; i++, at += sizeof(struct setup_rlimit)) {
        struct setup_rlimit one;

        memcpy(&one, at, sizeof one);
        want = (struct rlimit){one.soft, one.hard};
        if (pinned_call(SYS_prlimit64, 0, one.resource, address_of(&want), 0) < 0)
            return -1;
    }
    return 0;
}

/* In the box: all that is not the template's already; the last is that it can do none of it again. */
static void become(struct box *b, const struct order *o)
{
    int joined = join(o);

    /* Its own wire in place of the orders; nothing else stays open. */
    if (pinned_call(SYS_dup3, (uint64_t)o->fd[0], 0, 0, 0) < 0 ||
        pinned_call(SYS_close_range, 1, ~0u, 0, 0) < 0)
        _exit(WIRE_GONE);
    if (joined < 0)
        box_exit_setup(b, "cannot join its groups");
    if (tighten(&b->given) < 0)
        box_exit_setup(b, "cannot tighten its resource limits");
    if (pinned_leave() < 0)
        box_exit_setup(b, "cannot give up the template's calls");
}

void template_serve(struct box *b)
{
    const char *why;
    int listener;

    if (pinned_confine(&b->given, &listener, &why) < 0)
        box_exit_setup(b, why);
    box_say_ready(b, listener, pinned_page());
    for (;;) {
        struct order o;
        int pidfd = -1;
        struct clone_args args = {
            .flags = CLONE_PIDFD, .pidfd = address_of(&pidfd), .exit_signal = SIGCHLD};

        take_order(&o);
        if (o.head.ended)
            reap(&o.head);
        if (!o.head.fork)
            continue;

        long pid = pinned_call(SYS_clone3, address_of(&args), sizeof args, 0, 0);

        if (pid == 0) {
            become(b, &o);
            return;
        }
        say(&(struct setup_word){.kind = SETUP_BORN, .pid = (int32_t)pid}, pidfd);
        /* The box's descriptors; its own are the orders and the listener. */
        pinned_call(SYS_close_range, (uint64_t)listener + 1, ~0u, 0, 0);
    }
}
