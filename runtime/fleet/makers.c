/* The broker of each bundle: a process that makes and holds its boxes. One that makes them slowly, or
 * whose boxes do not end, holds up no other bundle. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/broker/broker.h"
#include "runtime/fleet/parts.h"

#define SPARE 8 /* numbers of boxes that are ending, besides one for each run */

static unsigned boxes_most(const struct fleet_bundle *b)
{
    const struct fleet_options *o = &b->fleet->options;

    return 2 * o->slots + o->warm + SPARE;
}

static _Noreturn void makers_run(struct fleet_bundle *b, int socket)
{
    static struct grants grants;
    static struct broker broker;

    grants = fleet_grants(b);
    broker.bundle = b->bundle;
    broker.site = &b->site;
    broker.grants = &grants;
    broker.pooled = boxes_most(b);
    broker.store = -1;
    broker_pool(&broker, socket);
}

static int makers_fork(struct fleet_bundle *b, int *socket, struct fault *why)
{
    struct fleet_leaving *new = calloc(1, sizeof *new);
    int pair[2];

    if (!new)
        return fault_set(why, STATUS_SETUP, ENOMEM, "broker", "making one");
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        free(new);
        return fault_set(why, STATUS_SETUP, errno, "broker", "its socket");
    }
    signal(SIGCHLD, SIG_DFL); /* a parent may have left it ignored: then none could be waited for */
    new->pid = fork();
    if (new->pid == 0)
        makers_run(b, pair[1]);
    close(pair[1]);
    new->pidfd = new->pid < 0 ? -1 : (int)syscall(SYS_pidfd_open, new->pid, 0);
    if (new->pid < 0 || new->pidfd < 0) {
        fault_set(why, STATUS_SETUP, errno, "broker", "starting one");
        close(pair[0]);
        if (new->pid > 0) /* it ends with its socket */
            waitpid(new->pid, NULL, 0);
        free(new);
        return -1;
    }
    b->broker = new;
    *socket = pair[0];
    return 0;
}

int makers_open(struct fleet_bundle *b, struct fault *why)
{
    int socket;

    if (b->pool && !remote_pool_is_lost(b->pool))
        return 0;
    makers_close(b);
    if (makers_fork(b, &socket, why) < 0)
        return -1;
    if (remote_pool_open(&b->pool, socket, boxes_most(b), &fleet_events, b, why) == 0 &&
        remote_pool_plan(b->pool, b->manifest, b->plan, b->bundle, why) == 0)
        return 0;
    makers_close(b);
    return -1;
}

void makers_close(struct fleet_bundle *b)
{
    struct fleet_leaving *one = b->broker;

    while (b->boxes) {
        struct fleet_box *first = b->boxes;

        b->boxes = first->next;
        box_delete(first->box, &(struct fault){0});
        free(first);
    }
    b->ordered = b->ready = 0;
    if (b->pool)
        b->templates += remote_pool_templates(b->pool);
    remote_pool_close(b->pool);
    b->pool = NULL;
    b->broker = NULL;
    if (!one)
        return;
    one->next = b->fleet->leaving;
    b->fleet->leaving = one;
}

unsigned makers_ask(const struct fleet *f, struct pollfd *p)
{
    unsigned n = 0;

    for (const struct fleet_leaving *one = f->leaving; one; one = one->next)
        p[n++] = (struct pollfd){.fd = one->pidfd, .events = POLLIN};
    return n;
}

static bool has_ended(const struct fleet_leaving *one, int options)
{
    siginfo_t info = {0};
    int r;

    do
        r = waitid(P_PID, (id_t)one->pid, &info, WEXITED | options);
    while (r < 0 && errno == EINTR);
    return r < 0 || info.si_pid;
}

static void makers_take(struct fleet *f, int options)
{
    for (struct fleet_leaving **link = &f->leaving; *link;) {
        struct fleet_leaving *one = *link;

        if (!has_ended(one, options)) {
            link = &one->next;
            continue;
        }
        *link = one->next;
        close(one->pidfd);
        free(one);
    }
}

void makers_reap(struct fleet *f)
{
    makers_take(f, WNOHANG);
}

void makers_wait(struct fleet *f)
{
    makers_take(f, 0);
}
