/* A template: confined by the jail, with Lua's libraries open, and the bundle's sources as bytes
 * that it never parses. It forks a box for each order. It trusts the broker; it reads nothing from
 * its boxes: they share no descriptor with it. */
#include "runtime/script/core/template.h"

#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/pass.h"
#include "runtime/script/core/filter.h"

#define FDS (1 + SETUP_JOINS)

struct order {
    struct setup_order head;
    int fd[FDS];
};

/* If the broker no longer reads messages, it is gone. Passing a descriptor may fail (too many in
 * flight: ETOOMANYREFS): without one, the broker drops the box, which ends with its wire. */
static void template_say(const struct setup_message *message, int pidfd)
{
    ssize_t sent = pass_send(0, message, sizeof *message, &pidfd, pidfd >= 0, MSG_NOSIGNAL);

    if (sent < 0 && pidfd >= 0)
        sent = pass_send(0, message, sizeof *message, NULL, 0, MSG_NOSIGNAL);
    if (sent != (ssize_t)sizeof *message)
        _exit(WIRE_GONE);
}

static uint64_t microseconds(struct timeval t)
{
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_usec;
}

/* The broker has seen the box end, so this does not block, unless a debugger holds the process. */
static void core_template_reap(const struct setup_order *o)
{
    struct setup_message message = {.kind = SETUP_ENDED, .pid = o->ended};
    struct rusage used = {0};

    if (wait4(o->ended, &message.status, 0, &used) != o->ended)
        message.status = SETUP_UNKNOWN;
    message.user_us = microseconds(used.ru_utime);
    message.system_us = microseconds(used.ru_stime);
    message.maxrss = (uint64_t)used.ru_maxrss;
    if (o->tell)
        template_say(&message, -1);
}

/* 0, or -errno if descriptors of the order were lost (this process may hold no more): then only
 * this order fails. Without its broker the template exits. */
static int take_order(struct order *o)
{
    size_t fds = FDS;

    if (pass_receive(0, &o->head, sizeof o->head, o->fd, &fds, MSG_WAITALL) !=
            (ssize_t)sizeof o->head ||
        o->head.joins > SETUP_JOINS)
        _exit(WIRE_GONE);
    return o->head.fork && fds < 1 + o->head.joins ? -EMFILE : 0;
}

/* "0" is the writing process. */
static int join(const struct order *o)
{
    for (uint32_t i = 1; i <= o->head.joins; i++)
        if (write(o->fd[i], "0", 1) != 1)
            return -1;
    return 0;
}

static int tighten(const struct boot *g)
{
    const char *at = g->rlimits;
    struct rlimit want;

    for (uint32_t i = 0; i < g->head.rlimit_count; i++, at += sizeof(struct setup_rlimit)) {
        struct setup_rlimit one;

        memcpy(&one, at, sizeof one);
        want = (struct rlimit){one.soft, one.hard};
        if (setrlimit((__rlimit_resource_t)one.resource, &want) < 0)
            return -1;
    }
    return 0;
}

/* Close all from FROM on. Where a filter around runbox refuses close_range: a template never has as many
 * open, and numbers are given from the lowest on. */
static int close_from(int from)
{
    int r = close_range((unsigned)from, ~0u, 0);

    for (int fd = from; r < 0 && fd < 8 * FDS; fd++)
        if (close(fd) < 0 && errno != EBADF)
            return -1;
    return 0;
}

/* In the box: set up what it does not inherit from the template; last, load its own filter, behind
 * which none of it can be done again. */
static void become(struct box *b, const struct order *o)
{
    int joined = join(o), listener;
    const char *why;

    b->ready = false;
    /* Replace the orders with its own wire; nothing else stays open. */
    if (dup3(o->fd[0], 0, 0) < 0)
        _exit(WIRE_GONE);
    if (close_from(1) < 0)
        box_exit_setup(b, "cannot close what other boxes have");
    if (joined < 0)
        box_exit_setup(b, "cannot join its cgroups");
    if (tighten(&b->boot) < 0)
        box_exit_setup(b, "cannot lower its resource limits");
    if (filter_load(&b->boot, &listener, &why) < 0)
        box_exit_setup(b, why);
    box_say_ready(b, listener, 0);
}

struct score {
    char text[16];
    size_t n;
};

static int score_read(struct score *s)
{
    ssize_t n = read(SETUP_SCORE, s->text, sizeof s->text);

    s->n = n > 0 ? (size_t)n : 0;
    return n > 0 ? 0 : -1;
}

static long score_write(const void *text, size_t n)
{
    return write(SETUP_SCORE, text, n) == (ssize_t)n ? 0 : -errno;
}

/* A fork inherits oom_score_adj: the template has a box's score only during the fork, since its own
 * death would end all of its boxes. */
static long fork_box(int *pidfd, const struct score *own)
{
    struct clone_args args = {
        .flags = CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)pidfd, .exit_signal = SIGCHLD};
    long pid = score_write(SETUP_SCORE_BOX, sizeof SETUP_SCORE_BOX - 1);

    if (pid < 0)
        return pid;
    pid = syscall(SYS_clone3, &args, sizeof args);
    if (pid < 0)
        pid = -errno;
    if (pid < 0)
        *pidfd = -1; /* the kernel may store it before the fork fails: it names no process */
    if (pid != 0)
        score_write(own->text, own->n);
    return pid;
}

void template_serve(struct box *b)
{
    const char *why = "cannot read its oom_score_adj";
    struct score own;

    if (score_read(&own) < 0 || filter_load_template(&b->boot, &why) < 0)
        box_exit_setup(b, why);
    box_say_ready(b, -1, 0);
    for (;;) {
        struct order o;
        int pidfd = -1;
        long pid = take_order(&o);

        if (o.head.ended)
            core_template_reap(&o.head);
        if (!o.head.fork)
            continue;
        if (pid == 0)
            pid = fork_box(&pidfd, &own);
        if (pid == 0) {
            become(b, &o);
            return;
        }
        template_say(&(struct setup_message){.kind = SETUP_BORN, .pid = (int32_t)pid}, pidfd);
        /* Close the box's descriptors; the template keeps its orders and its score. */
        if (close_from(SETUP_SCORE + 1) < 0)
            _exit(WIRE_GONE);
    }
}
