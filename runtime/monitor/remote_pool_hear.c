/* What the broker of many boxes reports of them. It is trusted: this program, forked, and it has read
 * a bundle only as bytes. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/monitor/remote_pool_parts.h"

static void remote_pool_do_nothing(struct box *box)
{
    (void)box;
}

static int remote_pool_removed(struct box *box, struct fault *why)
{
    (void)box;
    (void)why;
    return 0;
}

/* Of a box that has ended: it may outlive its pool. */
static const struct box_holder no_holder = {
    .kill = remote_pool_do_nothing, .exit = remote_pool_do_nothing, .remove = remote_pool_removed};

static void remote_pool_made(struct remote_pool *p, struct remote_pool_number *n,
                             const struct notice_made *a, int *wire)
{
    struct box *box = n->box;
    struct fault lost;

    p->templates = a->templates;
    if (a->failed) {
        n->state = NUMBER_FREE;
        n->box = NULL;
        if (box) {
            box->holder = &no_holder;
            p->events->failed(p->owner, box, &a->why, a->loss == p->loss);
        }
        p->loss = a->loss;
        return;
    }
    if (!box)
        return; /* dropped, and told to end */
    box->pid = a->pid;
    box->cpu_at_start = a->cpu;
    box->wire = steal_fd(wire);
    lines_open(&box->in, WIRE_LINE_MAX);
    n->state = NUMBER_READY;
    if (box->wire >= 0 || box->plan->keyring.count) {
        p->events->ready(p->owner, box);
        return;
    }
    fault_set(&lost, STATUS_SETUP, EMFILE, "broker", "receiving the wire of a box");
    p->events->failed(p->owner, box, &lost, false);
}

static void remote_pool_prepared(struct remote_pool *p, struct box *box,
                                 const struct notice_prepared *a, int *wire)
{
    struct fault lost;

    if (box->wire < 0 && !a->failed)
        box->wire = steal_fd(wire);
    if (a->failed || box->wire >= 0) {
        p->events->prepared(p->owner, box, a->failed, &a->why);
        return;
    }
    fault_set(&lost, STATUS_SETUP, EMFILE, "broker", "receiving the wire of a box");
    p->events->prepared(p->owner, box, -1, &lost);
}

static void remote_pool_ended(struct remote_pool *p, struct remote_pool_number *n)
{
    struct box *box = n->box;

    *n = (struct remote_pool_number){0};
    if (!box)
        return;
    box->holder = &no_holder;
    p->events->ended(p->owner, box);
}

static void remote_pool_heard(struct remote_pool *p, const union answer *a, int *fd)
{
    /* The number follows the kind in all the others. */
    struct remote_pool_number *n = &p->number[a->made.box < p->count ? a->made.box : 0];

    if (a->kind == NOTICE_FAILED) {
        p->remote.failure = a->failure;
        return;
    }

    switch (a->kind) {
    case NOTICE_MADE:
        remote_pool_made(p, n, &a->made, fd);
        break;
    case NOTICE_PREPARED:
        if (n->box)
            remote_pool_prepared(p, n->box, &a->prepared, fd);
        break;
    case NOTICE_ENDED:
        if (n->box)
            remote_heard_box(n->box, a);
        remote_pool_ended(p, n);
        break;
    default:
        if (n->box)
            remote_heard_box(n->box, a);
        break;
    }
}

static void remote_pool_lose(struct remote_pool *p)
{
    struct fault why;

    p->remote.lost = true;
    fault_set(&why, STATUS_SETUP, 0, "broker", "it has ended");
    if (p->remote.failure.kind)
        why = p->remote.failure.why;
    for (unsigned i = 0; i < p->count; i++) {
        struct remote_pool_number *n = &p->number[i];
        struct box *box = n->box;
        bool ordered = n->state == NUMBER_ORDERED;

        *n = (struct remote_pool_number){0};
        if (!box)
            continue;
        remote_orphan(box);
        box->holder = &no_holder;
        if (ordered)
            p->events->failed(p->owner, box, &why, false);
        else
            p->events->ended(p->owner, box);
    }
}

/* Every START is on its way: what waited for that goes on. */
static void remote_pool_sent(struct remote_pool *p)
{
    for (unsigned i = 0; i < p->count && p->unsent; i++) {
        struct remote_pool_number *n = &p->number[i];

        if (!n->unsent)
            continue;
        n->unsent = false;
        p->unsent--;
        if (n->box)
            p->events->prepared(p->owner, n->box, 0, NULL);
    }
    p->unsent = 0; /* or of boxes that have ended since */
}

int remote_pool_serve(struct remote_pool *p)
{
    union answer a;
    int fd;

    if (p->remote.lost)
        return -1;
    while (remote_receive(&p->remote, MSG_DONTWAIT, &a, &fd) == 0) {
        remote_pool_heard(p, &a, &fd);
        if (fd >= 0)
            close(fd);
    }
    if (errno != EAGAIN || remote_pool_flush(p) < 0) {
        remote_pool_lose(p);
        return -1;
    }
    if (p->unsent && !p->out.len)
        remote_pool_sent(p);
    return 0;
}
