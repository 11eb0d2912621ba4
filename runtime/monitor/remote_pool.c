/* Orders about many boxes, which are numbered here, and what their broker reports of them. */
#include "runtime/monitor/remote_pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/monitor/remote_pool_parts.h"
#include "runtime/plan/setup.h"
#include "schemas/setup.h"

int remote_pool_open(struct remote_pool **p, int socket, unsigned count,
                     const struct remote_pool_events *events, void *owner, struct fault *why)
{
    struct remote_pool *new = calloc(1, sizeof *new);

    if (new)
        new->number = calloc(count, sizeof *new->number);
    if (!new || !new->number) {
        free(new);
        close(socket);
        return fault_set(why, STATUS_SETUP, ENOMEM, "broker", "its boxes");
    }
    new->remote.socket = socket;
    new->remote.outlives = true;
    new->events = events;
    new->owner = owner;
    new->count = count;
    *p = new;
    return 0;
}

int remote_pool_close(struct remote_pool *p)
{
    int socket;

    if (!p)
        return -1;
    socket = p->remote.socket;
    shutdown(socket, SHUT_WR);
    str_free(&p->texts);
    str_free(&p->out);
    free(p->number);
    free(p);
    return socket;
}

int remote_pool_bundle(struct remote_pool *p, const char *path, struct bundle **b,
                       struct fault *why)
{
    if (remote_bundle(&p->remote, path, b, why) < 0)
        return -1;
    return remote_await_site(&p->remote, why); /* it has the budget for reading the manifest */
}

int remote_pool_site(struct remote_pool *p, const char *name, struct host *host,
                     struct policy_grants *g, struct fault *why)
{
    int r = remote_site(&p->remote, name, host, g, why);

    *g = p->remote.policy;
    p->remote.policy = (struct policy_grants){0};
    return r;
}

bool remote_pool_is_named(const struct remote_pool *p)
{
    return p->remote.site.named != 0;
}

int remote_pool_plan(struct remote_pool *p, const struct manifest *m, const struct plan *plan,
                     const struct bundle *b, struct fault *why)
{
    struct order_box o;
    union answer a;

    p->plan = plan;
    p->bundle = b;
    if (setup_texts(plan, &p->texts, why) < 0 ||
        remote_ask(&p->remote, m, plan, p->texts.len, false, &o, why) < 0)
        return -1;
    o.kind = ORDER_PLAN;
    return remote_order_done(&p->remote, &o, sizeof o, &a, NULL, why);
}

int remote_pool_flush(struct remote_pool *p)
{
    const size_t most = ORDER_POOLS * sizeof(struct order_pool);

    while (p->out.len && !p->remote.lost) {
        size_t n = p->out.len < most ? p->out.len : most;

        if (send(p->remote.socket, p->out.data, n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
            return errno == EAGAIN ? 0 : -1;
        str_consume(&p->out, n);
    }
    return 0;
}

/* What a pass orders is one message: each would wake the broker. 0, or -1 with errno. */
static int remote_pool_send(struct remote_pool *p, const struct order_pool *o)
{
    if (p->remote.lost) {
        errno = EPIPE;
        return -1;
    }
    str_add(&p->out, o, sizeof *o);
    if (!p->out.failed)
        return 0;
    p->out.failed = false; /* this one alone is lost */
    errno = ENOMEM;
    return -1;
}

static struct remote_pool *remote_pool_of(const struct box *box)
{
    return (struct remote_pool *)(void *)((char *)box->remote -
                                          offsetof(struct remote_pool, remote));
}

static int remote_pool_order(const struct box *box, enum order_kind kind)
{
    const struct order_pool o = {.kind = kind, .box = box->number};

    return remote_pool_send(remote_pool_of(box), &o);
}

static void remote_pool_kill(struct box *box)
{
    if (box_is_gone(box))
        return;
    if (remote_pool_order(box, ORDER_END) == 0) {
        remote_pool_flush(remote_pool_of(box)); /* not once other runs' lines are checked */
        return;
    }
    box->kill_errno = errno;
    box->kill_failed = box_now();
}

static void remote_pool_exit(struct box *box)
{
    if (remote_pool_order(box, ORDER_EXIT) < 0)
        remote_pool_kill(box);
}

/* Called by box_delete(): the number is free once its end is known. */
static int remote_pool_remove(struct box *box, struct fault *why)
{
    struct remote_pool *p = remote_pool_of(box);
    struct remote_pool_number *n = &p->number[box->number];

    (void)why;
    if (n->box != box)
        return 0;
    n->box = NULL;
    n->state = NUMBER_DROPPED;
    remote_pool_kill(box);
    return 0;
}

static const struct box_holder pool_holder = {
    .kill = remote_pool_kill, .exit = remote_pool_exit, .remove = remote_pool_remove};

static int remote_pool_make(struct remote_pool *p, struct order_pool *o, const struct plan *plan,
                            struct box **box, struct fault *why)
{
    struct remote_pool_number *n = p->number;

    while (n < p->number + p->count && n->state != NUMBER_FREE)
        n++;
    if (n == p->number + p->count)
        return fault_set(why, STATUS_SETUP, EAGAIN, "broker", "%u boxes at once are too many",
                         p->count);
    *box = box_blank(why);
    if (!*box)
        return -1;
    (*box)->holder = &pool_holder;
    (*box)->remote = &p->remote;
    (*box)->number = o->box = (uint32_t)(n - p->number);
    (*box)->plan = plan;
    (*box)->bundle = p->bundle;
    (*box)->maker = o->kind == ORDER_FORK ? MAKER_WARM : MAKER_COLD;
    if (remote_pool_send(p, o) < 0) {
        fault_set(why, STATUS_SETUP, errno, "broker", "ordering a box");
        box_abandon(*box);
        *box = NULL;
        return -1;
    }
    n->state = NUMBER_ORDERED;
    n->box = *box;
    return 0;
}

int remote_pool_cold(struct remote_pool *p, const struct plan *plan, const struct limits *limits,
                     struct box **box, struct fault *why)
{
    struct order_pool o = {.kind = ORDER_COLD, .lowers = limits != NULL};

    if (limits)
        o.limits = *limits;
    return remote_pool_make(p, &o, plan, box, why);
}

int remote_pool_fork(struct remote_pool *p, struct box **box, struct fault *why)
{
    struct order_pool o = {.kind = ORDER_FORK};

    return remote_pool_make(p, &o, p->plan, box, why);
}

/* What the box reads before its start line (schemas/setup.h). Where it may have keys, its broker has
 * sent those, or that there are none. */
static int remote_pool_setup(struct box *box, struct fault *why)
{
    const struct setup_job job = {box->plan->arena,
                                  box->plan->limits[LIMIT_INSTRUCTIONS].effective};
    const struct setup_keys none = {0};
    const struct str *texts = &remote_pool_of(box)->texts;

    if (!box->plan->keyring.count)
        str_add(&box->out, &none, sizeof none);
    if (box->maker == MAKER_WARM)
        str_add(&box->out, &job, sizeof job);
    str_add(&box->out, texts->data, texts->len);
    return box->out.failed ? fault_set(why, STATUS_SETUP, ENOMEM, "box", "its setup") : 0;
}

int remote_pool_start(struct box *box, const struct plan *plan, const struct limits *limits,
                      bool keys, struct fault *why)
{
    struct order_pool o = {.kind = ORDER_START,
                           .box = box->number,
                           .lowers = box->maker == MAKER_WARM && limits,
                           .keys = keys};
    bool unsent;

    if (o.lowers)
        o.limits = *limits;
    box->plan = plan;
    if (remote_pool_setup(box, why) < 0)
        return -1;
    /* Before its start line: the broker takes a box that ends before its START for one that was lost. */
    if (remote_pool_send(remote_pool_of(box), &o) < 0 || remote_pool_flush(remote_pool_of(box)) < 0)
        return fault_set(why, STATUS_SETUP, errno, "broker", "ordering a start");
    if (o.lowers || plan->keyring.count)
        return 0;
    unsent = remote_pool_of(box)->out.len > 0;
    remote_pool_of(box)->number[box->number].unsent = unsent;
    remote_pool_of(box)->unsent += unsent;
    return !unsent;
}

struct pollfd remote_pool_ask(const struct remote_pool *p)
{
    return (struct pollfd){.fd = p->remote.lost ? -1 : p->remote.socket,
                           .events = (short)(POLLIN | (p->out.len || p->unsent ? POLLOUT : 0))};
}

bool remote_pool_is_lost(const struct remote_pool *p)
{
    return !p || p->remote.lost;
}

unsigned remote_pool_templates(const struct remote_pool *p)
{
    return p ? p->templates : 0;
}
