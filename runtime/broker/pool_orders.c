/* Orders about many boxes, and the loop of their broker. An order about a number that is free is
 * ignored: its box has ended, and the monitor may not know yet. */
#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/broker/audit.h"
#include "runtime/broker/orders.h"
#include "runtime/broker/pool.h"

/* ns after the wall limit when a box is killed, whatever the monitor says: its count omits the time
 * in which it works for other runs, at most nine times the limit (monitor/watch.c). */
#define PATIENCE 60000000000ull
#define LENT     10u

int pool_open(struct orders *o, const struct order_box *asked, struct fault *why)
{
    struct pool *p = calloc(1, sizeof *p);

    o->pool = p;
    if (p) {
        p->count = o->b->pooled;
        p->box = calloc(p->count, sizeof *p->box);
        /* The socket, the template's wire, and of each number: two, and one that is exiting. */
        p->polls = calloc(2 + 4 * (size_t)p->count, sizeof *p->polls);
    }
    if (!p || !p->box || !p->polls) {
        pool_close(p);
        o->pool = NULL;
        return fault_set(why, STATUS_SETUP, ENOMEM, "broker", "its boxes");
    }
    p->orders = o;
    p->asked = *asked;
    return 0;
}

void pool_close(struct pool *p)
{
    struct fault why;

    if (!p)
        return;
    for (uint32_t i = 0; p->box && i < p->count; i++) /* all first: they end meanwhile */
        if (p->box[i].state > POOLED_WAITING)
            box_kill(p->box[i].box);
    template_delete(p->template, &why);
    for (uint32_t i = 0; p->box && i < p->count; i++)
        if (p->box[i].state > POOLED_WAITING) {
            if (p->box[i].state > POOLED_MAKING)
                pool_audit_ended(p, p->box[i].box->pid, BOX_LOST);
            box_delete(p->box[i].box, &why);
        }
    for (struct pool_exiting *one; (one = p->exiting) != NULL; free(one)) {
        p->exiting = one->next;
        pool_audit_ended(p, one->box->pid, BOX_LOST);
        box_delete(one->box, &why);
    }
    for (struct pool_group *g; (g = p->groups) != NULL; free(g)) {
        p->groups = g->next;
        group_remove(&g->group, &why);
    }
    for (struct pool_plan *one; (one = p->plans) != NULL; free(one)) {
        p->plans = one->next;
        plan_free(one->plan);
    }
    free(p->box);
    free(p->polls);
    free(p);
}

/* Of the plans that no box has, drop the oldest once there are many. */
static void pool_drop_plan(struct pool *p)
{
    struct pool_plan **unused = NULL, *one;
    unsigned n = 0;

    for (struct pool_plan **link = &p->plans; *link; link = &(*link)->next, n++)
        if (!(*link)->used)
            unused = link;
    if (n < POOL_PLANS || !unused)
        return;
    one = *unused;
    *unused = one->next;
    plan_free(one->plan);
    free(one);
}

int pool_plan(struct pool *p, const struct limits *limits, struct pool_plan **plan,
              struct fault *why)
{
    struct grants g = *p->orders->b->grants;
    struct pool_plan *one;
    struct limits most;
    int r;

    for (one = p->plans; one; one = one->next)
        if (memcmp(&one->limits, limits, sizeof *limits) == 0)
            break;
    *plan = one;
    if (one)
        return 0;
    for (int i = 0; i < LIMIT__COUNT; i++)
        if (limits->value[i] != LIMIT_NONE && !limit_valid((enum limit)i, limits->value[i]))
            return -1;
    pool_drop_plan(p);
    one = calloc(1, sizeof *one);
    if (!one) {
        fault_set(why, STATUS_SETUP, ENOMEM, "broker", "a plan");
        return 1;
    }
    grants_limits(&g, limits, &most);
    r = asks_plan(p->orders, &p->asked, &g, &one->plan, why);
    if (r) {
        plan_free(one->plan);
        free(one);
        return r;
    }
    one->limits = *limits;
    one->next = p->plans;
    p->plans = *plan = one;
    return 0;
}

int pool_take_plan(struct orders *o, const union order *u, struct fault *breach)
{
    struct fault why = {0};
    int r = asks_are_sane(o, &u->box) && !u->box.keys
                ? asks_plan(o, &u->box, o->b->grants, &o->plan, &why)
                : -1;

    if (r < 0)
        return orders_breach(breach, "boxes beyond what was granted");
    audit_about(o->b->audit, u->box.name, o->b->bundle->digest);
    o->state = r == 0 && pool_open(o, &u->box, &why) == 0 ? POOLED : REMOVED;
    return orders_done(o, o->state == POOLED ? 0 : -1, &why, -1, breach);
}

/* NULL and *BREACH: there is no such number. */
static struct pooled *pool_find(const struct orders *o, const union order *u, struct fault *breach)
{
    if (u->pool.box < o->pool->count)
        return &o->pool->box[u->pool.box];
    orders_breach(breach, "something of a box whose number it does not have");
    return NULL;
}

/* The same for a box that is to be made. */
static struct pooled *pool_find_free(const struct orders *o, const union order *u,
                                     struct fault *breach)
{
    struct pooled *s = pool_find(o, u, breach);

    if (!s || s->state == POOLED_NONE) {
        if (s)
            *s = (struct pooled){0};
        return s;
    }
    orders_breach(breach, "a box whose number is taken");
    return NULL;
}

int pool_take_cold(struct orders *o, const union order *u, struct fault *breach)
{
    struct pooled *s = pool_find_free(o, u, breach);
    struct pool *p = o->pool;
    struct fault why = {0};
    int r = 0;

    if (!s)
        return -1;
    if (u->pool.lowers)
        r = o->b->lowers ? pool_plan(p, &u->pool.limits, &s->plan, &why) : -1;
    if (r < 0)
        return orders_breach(breach, "a box beyond what was granted");
    if (r == 0)
        r = box_create_bare(&s->box, s->plan ? s->plan->plan : o->plan, o->b->bundle,
                            &o->b->site->cgroups, p->asked.texts, &why);
    if (r == 0)
        r = pool_say_ready(p, s, &why);
    if (r) {
        box_delete(s->box, &(struct fault){0});
        pool_say_failed(p, s, &why);
        return 0;
    }
    if (s->plan)
        s->plan->used++;
    return 0;
}

int pool_take_fork(struct orders *o, const union order *u, struct fault *breach)
{
    struct pooled *s = pool_find_free(o, u, breach);

    if (!s)
        return -1;
    if (!template_serves(o->plan))
        return orders_breach(breach, "a fork of a box that needs namespaces of its own");
    s->state = POOLED_WAITING;
    return 0;
}

/* Returns as asks_plan(). */
static int pool_lower(struct pool *p, struct pooled *s, const struct limits *limits,
                      struct fault *why)
{
    int r = pool_plan(p, limits, &s->plan, why);

    if (r)
        return r;
    if (s->box->maker != MAKER_WARM || !box_may_lower(s->plan->plan, p->orders->plan)) {
        s->plan = NULL;
        return -1;
    }
    s->plan->used++;
    return box_lower(s->box, s->plan->plan, why) < 0;
}

int pool_take_start(struct orders *o, const union order *u, struct fault *breach)
{
    struct notice_prepared t = {.kind = NOTICE_PREPARED, .box = u->pool.box};
    struct pooled *s = pool_find(o, u, breach);
    uint64_t wall;
    bool keys;
    int r = 0;

    if (!s)
        return -1;
    if (s->state == POOLED_NONE)
        return 0;
    if (s->state != POOLED_READY)
        return orders_breach(breach, "the start of a box that is not ready");
    keys = s->box->plan->keyring.count > 0;
    if (u->pool.keys && !keys)
        return orders_breach(breach, "keys that were not granted");
    if (u->pool.lowers)
        r = o->b->lowers ? pool_lower(o->pool, s, &u->pool.limits, &t.why) : -1;
    if (r < 0)
        return orders_breach(breach, "limits beyond what was granted");
    wall = s->box->plan->limits[LIMIT_WALL_TIME].effective;
    s->state = POOLED_STARTED;
    s->box->started = box_now();
    s->yields = o->b->yields ? s->box->started + POOL_YIELD : 0;
    s->due = wall < UINT64_MAX / LENT / 2 ? s->box->started + LENT * wall + PATIENCE : 0;
    if (r == 0 && keys)
        r = orders_send_keys(o->b, s->box, s->box->plan, u->pool.keys != 0, &t.why);
    if (!u->pool.lowers && !keys)
        return 0;
    t.failed = r ? -1 : 0;
    r = orders_answer(o, &t, r ? sizeof t : offsetof(struct notice_prepared, why),
                      r || !keys ? -1 : s->box->wire, breach);
    if (keys)
        close(steal_fd(&s->box->wire));
    return r;
}

/* A process takes longer to exit than a short script to run, so no run waits for it. The clock of
 * the box is up to date, for it reads that just before its Exit (script/core/end.c); a hostile box
 * that skips that hides less than a tick: one old enough to have seen a tick is waited for, as is
 * one whose clock or peak cannot be read, or whose template was asked already how it has ended. */
int pool_take_exit(struct orders *o, const union order *u, struct fault *breach)
{
    struct pooled *s = pool_find(o, u, breach);
    struct rusage used = {0};
    uint64_t now = box_now();
    struct box_clock clock;

    if (!s)
        return -1;
    if (s->state == POOLED_NONE)
        return 0;
    if (s->state != POOLED_STARTED || s->box->maker != MAKER_WARM)
        return orders_breach(breach, "the exit of a box that was not forked and started");
    box_clock(s->box, &clock);
    if (s->box->ending >= BOX_ASKED || s->killed || clock.cpu <= s->box->cpu_at_start ||
        now - s->box->started >= BOX_TICK || !box_peak(s->box, &used)) {
        s->state = POOLED_EXITING;
        s->due = now + BOX_EXIT_NS;
        return 0;
    }
    s->clock = clock;
    pool_say_ended(o->pool, s, 0, &used, true);
    pool_detach(o->pool, s);
    return 0;
}

int pool_take_end(struct orders *o, const union order *u, struct fault *breach)
{
    struct pooled *s = pool_find(o, u, breach);
    struct fault why;

    if (!s)
        return -1;
    if (s->state == POOLED_WAITING) {
        fault_set(&why, STATUS_CANCELLED, 0, "box", "it is no longer wanted");
        pool_say_failed(o->pool, s, &why);
    } else if (s->state == POOLED_MAKING) {
        s->killed = true; /* as soon as it is made */
    } else if (s->state != POOLED_NONE && box_now() >= box_stays(s->box)) {
        pool_give_up(o->pool, s);
    } else if (s->state != POOLED_NONE) {
        pool_kill(o->pool, s, "the monitor ordered it");
    }
    return 0;
}

static int pool_wait(struct pollfd *p, unsigned n, uint64_t due)
{
    uint64_t now = box_now(), left = due > now ? due - now : 0;
    struct timespec wait = {.tv_sec = (time_t)(left / 1000000000u),
                            .tv_nsec = (long)(left % 1000000000u)};

    return ppoll(p, n, due == UINT64_MAX ? NULL : &wait, NULL);
}

/* Not the monitor is ended, which tells the front, but this process, with all that it made. */
static void pool_refuse(struct broker *b, struct fault *breach)
{
    static const char ended[] = "was ended: ";
    const char *text = breach->what;

    if (strncmp(text, ended, sizeof ended - 1) == 0)
        text += sizeof ended - 1;
    audit_refused(b->audit, text, &b->unaudited);
    snprintf(breach->where, sizeof breach->where, "broker");
    memmove(breach->what, text, strlen(text) + 1);
}

void pool_loop(struct broker *b)
{
    struct orders *o = b->orders;
    struct pollfd alone = {0}, *at;
    struct fault breach = {0}, why;
    int said = 0, left, r;

    do {
        uint64_t due = UINT64_MAX;
        unsigned n = o->pool ? pool_ask(o->pool, said != 0, &due) : 1;

        at = o->pool ? o->pool->polls : &alone;
        *at = (struct pollfd){.fd = b->socket, .events = POLLIN};
        if (pool_wait(at, n, due) < 0 && errno != EINTR)
            break;
        said = at->revents;
        /* All that have come, before a box is looked at: of one that has ended, its START has. Those
         * that come meanwhile wait, so that the boxes have their turn. Source: unix(7), SIOCINQ. */
        left = 0;
        r = ioctl(b->socket, SIOCINQ, &left) < 0 ? orders_fail(o, &breach, "counting orders") : 1;
        for (left += said && !left; left > 0 && r > 0; left -= r) /* of no bytes: an end, too */
            r = orders_take(o, &breach);
        if (r < 0 || (r == 0 && said & (POLLHUP | POLLERR)))
            break;
        if (o->pool)
            pool_serve(o->pool);
        /* Each fork also reaps a box: only where none is ordered is this a message of its own. */
        if (!said && o->pool && o->pool->template)
            template_reap(o->pool->template, &why);
    } while ((!o->pool || !o->pool->over) && !b->unaudited.what[0]);
    if (!breach.what[0] && o->pool)
        breach = o->pool->breach;
    o->state = REMOVED; /* from here on no monitor is waited for */
    if (breach.what[0])
        pool_refuse(b, &breach);
    if (!breach.what[0])
        breach = b->unaudited;
    if (breach.what[0]) /* the last that its monitor hears */
        orders_tell_failed(b, &breach);
}
