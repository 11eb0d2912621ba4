/* Orders to the broker of a fleet. For a bundle it forks two processes: a broker, which has read nothing
 * but the command line and reads the bundle, as bytes; and a monitor, which parses it and has no
 * rights. They talk to each other; the front, which ordered them, talks to the monitor. */
#include "runtime/broker/front.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/meter.h"
#include "runtime/base/span.h"
#include "runtime/broker/audit.h"
#include "runtime/broker/pool.h"
#include "runtime/jail/diagnosis.h"

#define END_MS \
    15000 /* for the makers, once the front has ended: a silent file system holds one up */
#define KILL_MS 1000
#define DISMISS_NS \
    5000000000ull /* for a monitor that is needed no more, or whose broker has ended */

#define MAKERS_OF_ONE 8

#define UNAUDITED 3 /* exit status of a maker */

/* What brokers of bundles tell each other, which the front does not have. */
struct front_named {
    char
        digest[65]; /* of the bundle that the command line names, as it was first read; "" before */
};

/* Close all but SOCKET and LOG (-1: none), and no standard stream is ours: a reader must see the end
 * of one when the broker and its front exit. */
static void front_descriptors(int socket, int log)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int first = log >= 0 && log < socket ? log : socket, last = log > socket ? log : socket;

    for (int fd = 0; fd <= STDERR_FILENO && null >= 0; fd++)
        dup2(null, fd);
    if (span_close(STDERR_FILENO + 1, (unsigned)first - 1) < 0 ||
        span_close((unsigned)first + 1, (unsigned)last - 1) < 0 ||
        span_close((unsigned)last + 1, ~0u) < 0)
        _exit(1);
}

/* A command that jobs can name bundles beside has one bundle of its own: its grants are for the bytes
 * that were first read of it, wherever a job finds them. */
static bool front_is_named(const struct front *f, struct front_named *named, bool by_command,
                           const struct bundle *b)
{
    if (!f->jobs)
        return by_command;
    if (by_command && !named->digest[0])
        memcpy(named->digest, b->digest, sizeof named->digest);
    return strcmp(named->digest, b->digest) == 0;
}

/* In the new process. */
static _Noreturn void front_maker(const struct broker *of, const char *path, bool named, int socket)
{
    const struct front *f = of->front;

    static struct broker b;
    static struct site site;
    static struct grants grants;
    struct bundle *bundle = NULL;
    struct fault why;

    front_descriptors(socket, audit_descriptor(of->audit));
    meter_signals(NULL); /* its monitor is told, and ends it */
    group_name_after(getppid());
    b = (struct broker){.pooled = f->most,
                        .lowers = f->jobs,
                        .yields = f->yields,
                        .store = f->store,
                        .audit = of->audit,
                        .socket = socket,
                        .forward = -1,
                        .pidfd = -1,
                        .signals = -1};
    if (orders_open(&b, &why) < 0)
        _exit(1);
    broker_tell_bundle(&b, bundle_open(path, &bundle, &why) < 0 ? NULL : bundle, &why);
    if (!bundle)
        _exit(1);
    b.by_command = front_is_named(f, of->named, named, bundle);
    grants = b.by_command ? *f->grants : grants_of_job(f->grants);
    b.grants = &grants;
    if (site_open(&site, f->cgroup_parent, &why) < 0) {
        broker_tell_site(&b, NULL, &why);
        _exit(1);
    }
    site_bind(&site, bundle);
    broker_tell_site(&b, &site, &why);
    if (!b.unnotified.what[0])
        pool_loop(&b);
    orders_close(&b);
    _exit(b.unaudited.what[0] ? UNAUDITED : 0);
}

/* In the new process: it dies with the broker, whatever it waits for. What brokers share is not for it. */
static _Noreturn void front_monitor(const struct broker *b, const char *path, int64_t index,
                                    pid_t broker, const int *sockets)
{
    const struct front *f = b->front;

    if (munmap(b->named, sizeof *b->named) < 0)
        _exit(1);
    front_descriptors(sockets[0], sockets[1]);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != broker)
        _exit(1);
    meter_signals(NULL);
    _exit(f->monitor(f->owner, path, index, sockets[0], sockets[1]));
}

size_t front_ask(const struct broker *b, struct pollfd *p)
{
    size_t n = b->maker_count < BROKER_MAKERS ? b->maker_count : BROKER_MAKERS;

    for (size_t i = 0; i < n; i++)
        p[i] = (struct pollfd){.fd = b->makers[i].pidfd, .events = POLLIN};
    return n;
}

int front_left(const struct broker *b)
{
    uint64_t now = box_now(), due = UINT64_MAX;

    for (size_t i = 0; i < b->maker_count; i++)
        if (b->makers[i].due && b->makers[i].due < due)
            due = b->makers[i].due;
    return due == UINT64_MAX ? -1 : due > now ? (int)((due - now) / 1000000 + 1) : 0;
}

/* The monitor, or the broker, of this number is to end by itself soon. */
static void front_let_go(struct broker *b, uint32_t number, bool monitor)
{
    for (size_t i = 0; i < b->maker_count; i++) {
        struct maker *m = &b->makers[i];

        if (m->monitor == monitor && m->number == number && !m->due)
            m->due = box_now() + (monitor ? DISMISS_NS : END_MS * 1000000ull);
    }
}

static bool front_has_ended(struct broker *b, const struct maker *m)
{
    siginfo_t info = {0};
    int r;

    do
        r = waitid(P_PID, (id_t)m->pid, &info, WEXITED | WNOHANG);
    while (r < 0 && errno == EINTR);
    if (r == 0 && !info.si_pid)
        return false;
    if (r == 0 && !m->monitor && info.si_code == CLD_EXITED && info.si_status == UNAUDITED)
        fault_set(&b->unaudited, STATUS_SETUP, 0, "--audit", "not all lines could be written");
    front_let_go(b, m->number, !m->monitor);
    return true;
}

void front_reap(struct broker *b)
{
    uint64_t now = box_now();
    size_t left = 0;

    for (size_t i = 0; i < b->maker_count; i++) {
        struct maker m = b->makers[i];

        if (m.due && m.due <= now) {
            kill(m.pid, SIGKILL);
            m.due = now + DISMISS_NS;
        }
        if (!front_has_ended(b, &m))
            b->makers[left++] = m;
        else if (m.pidfd >= 0)
            close(m.pidfd);
    }
    b->maker_count = left;
}

/* Wait until the makers have ended, MS at most. */
static void front_await(struct broker *b, int ms)
{
    uint64_t end = box_now() + (uint64_t)ms * 1000000;
    struct pollfd p[BROKER_MAKERS];

    for (front_reap(b); b->maker_count && box_now() < end; front_reap(b))
        poll(p, front_ask(b, p), 100);
}

void front_close(struct broker *b)
{
    front_await(b, END_MS);
    for (size_t i = 0; i < b->maker_count; i++)
        kill(b->makers[i].pid, SIGKILL);
    if (b->maker_count)
        front_await(b, KILL_MS);
    free(b->makers);
    if (b->named)
        munmap(b->named, sizeof *b->named);
}

/* The brokers of bundle INDEX of the command line; -1: of all bundles. */
static unsigned front_count(const struct broker *b, int64_t index)
{
    unsigned n = 0;

    for (size_t i = 0; i < b->maker_count; i++)
        n += !b->makers[i].monitor && (index < 0 || b->makers[i].index == index);
    return n;
}

/* A bundle of the command line has one broker, and one for each time that it was read again while runs
 * of it went on. */
static int front_may_fork(const struct broker *b, const char *path, int64_t index,
                          struct fault *why)
{
    if (index >= 0 && front_count(b, index) >= MAKERS_OF_ONE)
        return fault_set(why, STATUS_SETUP, EAGAIN, "broker", "%s has %d already", path,
                         MAKERS_OF_ONE);
    if (front_count(b, -1) >= b->front->makers)
        return fault_set(why, STATUS_SETUP, EAGAIN, "broker", "%u bundles at once are too many",
                         b->front->makers);
    return 0;
}

/* Make room for two more processes, and for what brokers share. */
static int front_room(struct broker *b, struct fault *why)
{
    struct maker *more = reallocarray(b->makers, b->maker_count + 2, sizeof *more);
    void *page = b->named;

    if (!more)
        return fault_set(why, STATUS_SETUP, ENOMEM, "broker", "one for a bundle");
    b->makers = more;
    if (!page)
        page =
            mmap(NULL, sizeof *b->named, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return fault_set(why, STATUS_SETUP, errno, "broker", "one for a bundle");
    b->named = page;
    return 0;
}

/* Without its pidfd, it is reaped with another. */
static void front_add(struct broker *b, pid_t pid, int64_t index, bool monitor)
{
    b->makers[b->maker_count++] =
        (struct maker){pid, (int)syscall(SYS_pidfd_open, pid, 0), index, b->numbers, monitor, 0};
}

/* Fork both; ORDERS connects them, CHANNEL leads to the front. */
static int front_fork_both(struct broker *b, const char *path, int64_t index, const int *orders,
                           const int *channel, struct fault *why)
{
    const int sockets[] = {orders[1], channel[1]};
    pid_t broker = getpid(), pid;

    pid = fork();
    if (pid == 0)
        front_maker(b, path, index >= 0, orders[0]);
    if (pid > 0) {
        front_add(b, pid, index, false);
        pid = fork();
        if (pid == 0)
            front_monitor(b, path, index, broker, sockets);
    }
    if (pid < 0)
        return diagnosis_fork(why, "starting one for a bundle");
    front_add(b, pid, index, true);
    return 0;
}

/* The front's end of the channel, or -1 and *WHY. INDEX: of the bundle, or -1. */
static int front_fork(struct broker *b, const char *path, int64_t index, struct fault *why)
{
    int orders[2], channel[2], r;

    if (front_may_fork(b, path, index, why) < 0 || front_room(b, why) < 0)
        return -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, orders) < 0)
        return fault_set(why, STATUS_SETUP, errno, "broker", "its socket");
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) < 0) {
        fault_set(why, STATUS_SETUP, errno, "broker", "its socket");
        close(orders[0]);
        close(orders[1]);
        return -1;
    }
    b->numbers++;
    r = front_fork_both(b, path, index, orders, channel, why);
    close(orders[0]);
    close(orders[1]);
    close(channel[1]);
    if (r == 0)
        return channel[0];
    close(channel[0]);
    return -1;
}

int front_take_bundle(struct orders *o, const union order *u, struct fault *breach)
{
    const struct order_bundle *a = &u->bundle;
    const struct front *f = o->b->front;
    struct answer_done done = {.kind = ANSWER_DONE};
    autoclose int fd = -1;

    if (!f || a->named > 1 || (a->named && a->index >= f->bundle_count) ||
        (!a->named && (!f->jobs || !orders_is_text(a->path, sizeof a->path))))
        return orders_breach(breach, "a bundle that it may not name");
    front_reap(o->b);
    fd = front_fork(o->b, a->named ? f->bundles[a->index] : a->path,
                    a->named ? (int64_t)a->index : -1, &done.why);
    done.failed = fd < 0 ? -1 : 0;
    done.number = o->b->numbers;
    return orders_answer(o, &done, sizeof done, fd, breach);
}

int front_take_dismiss(struct orders *o, const union order *u, struct fault *breach)
{
    if (!o->b->front)
        return orders_breach(breach, "the end of a monitor that it cannot have");
    front_let_go(o->b, u->dismiss.number, true);
    return orders_done(o, 0, NULL, -1, breach);
}

int front_take_listen(struct orders *o, const union order *u, struct fault *breach)
{
    const struct front *f = o->b->front;
    struct fault why = {0};
    int fd = -1, r;

    (void)u;
    if (!f || !f->listen || o->granted)
        return orders_breach(breach, "a socket that it may not have");
    o->granted = true;
    r = f->listen(f->owner, &fd, &why);
    return orders_done(o, r, &why, fd, breach);
}

int front_take_ready(struct orders *o, const union order *u, struct fault *breach)
{
    const struct front *f = o->b->front;

    (void)u;
    if (!f || !f->ready)
        return orders_breach(breach, "that it is ready, which nobody waits for");
    f->ready(f->owner);
    return orders_done(o, 0, NULL, -1, breach);
}

/* The room can still be written to: what counts is what is read here, once. */
int front_take_page(struct orders *o, const union order *u, struct fault *breach)
{
    const struct front *f = o->b->front;
    struct fault why = {0};
    struct stat st;
    char *text = NULL;
    int r;

    (void)u;
    if (!f || !f->page || o->granted)
        return orders_breach(breach, "a page that nobody asked for");
    o->granted = true;
    if (fstat(o->room, &st) < 0)
        return orders_fail(o, breach, "the page");
    if (st.st_size > FRONT_PAGE_MAX)
        return orders_breach(breach, "a page that is too large");
    if (!(text = malloc((size_t)st.st_size + 1)) ||
        pread(o->room, text, (size_t)st.st_size, 0) != st.st_size)
        r = fault_set(&why, STATUS_SETUP, errno, "page", "reading it");
    else
        r = f->page(f->owner, text, (size_t)st.st_size, &why);
    free(text);
    return orders_done(o, r, &why, -1, breach);
}
