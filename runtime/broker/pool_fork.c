/* Where the boxes of a pool come from and where they go: forked by a template, in groups that boxes
 * before them have left. Trusts no box to exit: one that stays is killed. */
#include "runtime/broker/pool.h"

#include <errno.h>
#include <stdlib.h>

#include "runtime/broker/audit.h"
#include "runtime/jail/diagnosis.h"

void pool_give_back(struct pool *p, struct box *box, struct pool_plan *plan, bool clean)
{
    struct pool_group *g = clean ? calloc(1, sizeof *g) : NULL;
    struct fault why;

    if (g) {
        box_take_group(box, &g->group, &g->limits);
        if (group_recycle(&g->group) < 0) {
            group_remove(&g->group, &why);
            free(g);
        } else {
            g->next = p->groups;
            p->groups = g;
        }
    }
    box_delete(box, &why);
    if (plan)
        plan->used--;
}

void pool_detach(struct pool *p, struct pooled *s)
{
    struct pool_exiting *one = calloc(1, sizeof *one), **last = &p->exiting;

    s->state = POOLED_NONE;
    if (!one) {
        pool_give_back(p, s->box, s->plan, false);
        return;
    }
    *one = (struct pool_exiting){
        .box = s->box, .plan = s->plan, .since = box_now(), .clean = !s->plan && !s->killed};
    while (*last)
        last = &(*last)->next;
    *last = one;
    p->exiting_count++;
}

static void pool_kill_exiting(struct pool *p, struct pool_exiting *one)
{
    one->killed = true;
    audit_killed(p->orders->b->audit, one->box->pid, "it did not exit in time",
                 &p->orders->b->unaudited);
    box_kill(one->box);
}

void pool_clear(struct pool *p)
{
    uint64_t now = box_now();
    struct pool_exiting **link = &p->exiting;

    while (*link) {
        struct pool_exiting *one = *link;

        if (!box_has_ended(one->box) && now < box_stays(one->box)) {
            if (now - one->since >= BOX_EXIT_NS && !one->killed)
                pool_kill_exiting(p, one);
            link = &one->next;
            continue;
        }
        *link = one->next;
        p->exiting_count--;
        pool_audit_ended(p, one->box->pid, BOX_LOST); /* its template was not asked how */
        pool_give_back(p, one->box, one->plan, one->clean && !one->box->kill_failed);
        free(one);
    }
}

static struct pool_group *pool_group_new(struct pool *p, struct fault *why)
{
    struct pool_group *g = calloc(1, sizeof *g);

    if (!g) {
        fault_set(why, STATUS_SETUP, ENOMEM, "cgroup", "a group for a box");
        return NULL;
    }
    g->group = GROUP_INIT;
    if (jail_groups(p->orders->plan, &g->limits, why) == 0 &&
        group_create(&g->group, &p->orders->b->site->cgroups, &g->limits, why) == 0) {
        if (group_ready(&g->group, why) == 0 && group_verify(&g->group, &g->limits, why) == 0)
            return g;
        group_remove(&g->group, &(struct fault){0});
    }
    diagnosis_add(why, why->where);
    free(g);
    return NULL;
}

/* A group that a box has left, or a new one. */
static struct pool_group *pool_group_take(struct pool *p, struct fault *why)
{
    struct pool_group *g = p->groups;

    if (!g)
        return pool_group_new(p, why);
    p->groups = g->next;
    return g;
}

void pool_lose_template(struct pool *p, const struct fault *why)
{
    const struct rusage none = {0};

    template_delete(p->template, &(struct fault){0});
    p->template = NULL;
    p->losses++;
    for (uint32_t i = 0; i < p->count; i++) {
        struct pooled *s = &p->box[i];

        if (s->state == POOLED_READY && s->box->maker == MAKER_WARM)
            pool_say_ended(p, s, BOX_LOST, &none, false);
        else if (s->state == POOLED_MAKING)
            pool_say_lost(p, s, why);
        else
            continue;
        if (s->state == POOLED_READY)
            pool_audit_ended(p, s->box->pid, BOX_LOST);
        s->state = POOLED_NONE;
        pool_give_back(p, s->box, s->plan, false);
    }
    pool_clear(p);
}

/* Fork the box of S, or let it wait. 0, or -1 and *WHY. */
static int pool_fork(struct pool *p, struct pooled *s, struct fault *why)
{
    const struct broker *b = p->orders->b;
    struct pool_group *g;
    struct fault unheard;
    int r;

    if (!p->template) {
        if (template_create(&p->template, p->orders->plan, b->bundle, &b->site->cgroups,
                            p->asked.texts, why) < 0)
            return -1;
        p->templates++;
    }
    if (!p->groups)
        pool_clear(p);
    if ((!p->groups && p->exiting_count >= BROKER_EXITING) || template_is_full(p->template))
        return 0;
    g = pool_group_take(p, why);
    if (!g)
        return -1;
    r = template_fork(p->template, &g->group, &g->limits, &s->box, why);
    group_remove(&g->group, &unheard); /* if it was not taken */
    free(g);
    s->state = POOLED_MAKING;
    s->spoke = false;
    if (r < 0) {
        box_delete(s->box, &(struct fault){0});
        s->state = POOLED_WAITING;
    }
    return r;
}

void pool_fork_waiting(struct pool *p)
{
    struct fault why, died;

    for (uint32_t i = 0; i < p->count; i++) {
        struct pooled *s = &p->box[i];

        if (s->state != POOLED_WAITING)
            continue;
        if (pool_fork(p, s, &why) < 0) {
            if (!p->template || template_take(p->template, &died) == 0) {
                pool_say_failed(p, s, &why);
                continue;
            }
            pool_lose_template(p, &died);
            if (pool_fork(p, s, &why) < 0)
                pool_say_failed(p, s, &why);
        }
        if (s->state == POOLED_WAITING)
            return;
    }
}
