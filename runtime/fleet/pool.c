/* A bundle's waiting boxes: ordered from its template, ready, taken. */
#include <errno.h>
#include <stdlib.h>

#include "runtime/fleet/parts.h"

static struct fleet_group *group_new(struct fleet_bundle *b, struct fault *why)
{
    struct fleet_group *g = calloc(1, sizeof *g);

    if (!g) {
        fault_set(why, STATUS_SETUP, ENOMEM, "cgroup", "a group for a box");
        return NULL;
    }
    g->group = GROUP_INIT;
    if (jail_groups(b->plan, &g->limits, why) == 0 &&
        group_create(&g->group, &b->site.cgroups, &g->limits, why) == 0) {
        if (group_ready(&g->group, why) == 0 && group_verify(&g->group, &g->limits, why) == 0)
            return g;
        group_remove(&g->group, &(struct fault){0});
    }
    free(g);
    return NULL;
}

/* A group that a box has left, or a new one. */
static struct fleet_group *group_take(struct fleet_bundle *b, struct fault *why)
{
    struct fleet_group *g = b->groups;

    if (!g)
        return group_new(b, why);
    b->groups = g->next;
    return g;
}

bool pool_serves(const struct fleet_bundle *b, const struct plan *p)
{
    return !b->fleet->options.fresh && template_serves(b->plan) && template_serves(p) &&
           (p == b->plan || box_may_lower(p, b->plan));
}

static void pool_drop(struct fleet_bundle *b, struct fleet_box **link)
{
    struct fleet_box *one = *link;

    *link = one->next;
    *(one->ready ? &b->ready : &b->ordered) -= 1;
    box_delete(one->box, &(struct fault){0});
    free(one);
}

void pool_shed(struct fleet_bundle *b)
{
    for (struct fleet_box **link = &b->boxes; *link;) {
        if ((*link)->ready)
            pool_drop(b, link);
        else
            link = &(*link)->next;
    }
    b->peak = 0; /* make none again before a run wants one */
    b->shed = false;
    fleet_lost(b);
}

/* Discard the template and with it the boxes it forked: all are made anew when the next box is
 * needed. */
static void replace_template(struct fleet_bundle *b)
{
    if (b->template) /* first, so that nothing below waits for its messages */
        template_kill(b->template);
    while (b->boxes)
        pool_drop(b, &b->boxes);
    pool_clear_all(b);
    template_delete(b->template, &(struct fault){0});
    b->template = NULL;
}

/* The template has died by itself, or does not answer. */
static void lose_template(struct fleet_bundle *b)
{
    b->lost += b->ready;
    replace_template(b);
    fleet_lost(b);
}

bool pool_waits(const struct fleet_bundle *b)
{
    return b->awaits_group || (b->template && template_is_full(b->template));
}

static int order(struct fleet_bundle *b, struct fault *why)
{
    struct fleet_box *one, **last = &b->boxes;
    struct fleet_group *g;
    int r;

    if (!b->template) {
        if (template_create(&b->template, b->plan, b->bundle, &b->site.cgroups, why) < 0)
            return -1;
        b->templates++;
    }
    if (!b->groups)
        pool_clear(b);
    b->awaits_group = !b->groups && b->exiting_count >= FLEET_EXITING;
    if (pool_waits(b))
        return 0;
    one = calloc(1, sizeof *one);
    g = one ? group_take(b, why) : NULL;
    if (!g) {
        free(one);
        return one ? -1 : fault_set(why, STATUS_SETUP, ENOMEM, "box", "ordering one");
    }
    r = template_fork(b->template, &g->group, &g->limits, &one->box, why);
    free(g);
    if (r < 0) {
        box_delete(one->box, &(struct fault){0});
        free(one);
        return -1;
    }
    while (*last)
        last = &(*last)->next;
    *last = one;
    b->ordered++;
    return 0;
}

int pool_order(struct fleet_bundle *b, struct fault *why)
{
    struct fault died;

    if (order(b, why) == 0)
        return 0;
    /* The template may have died since its last message: template_take() shows that. */
    if (!b->template || template_take(b->template, &died) == 0)
        return -1;
    replace_template(b);
    return order(b, why);
}

unsigned pool_coming(const struct fleet_bundle *b)
{
    unsigned n = 0;

    for (const struct fleet_box *one = b->boxes; one; one = one->next)
        n += one->ready || one->box->pid > 0;
    return n;
}

int fleet_warm(struct fleet_bundle *b, struct fault *why)
{
    unsigned warm = pool_serves(b, b->plan) ? b->fleet->options.warm : 0;

    for (unsigned i = 0; i < warm && b->ready + b->ordered < warm; i++)
        if (pool_order(b, why) < 0)
            return -1;
    return 0;
}

bool fleet_is_warm(const struct fleet_bundle *b)
{
    return b->ready + b->ordered || !b->fleet->options.warm || !pool_serves(b, b->plan);
}

unsigned fleet_templates(const struct fleet_bundle *b)
{
    return b->templates;
}

unsigned pool_ask(struct fleet_bundle *b, struct pollfd *p, unsigned at)
{
    bool listens = b->template && template_answers(b->template);
    bool stuffed = b->template && template_stuffed(b->template);
    unsigned n = 2;

    b->at = b->template ? at + 1 : 0;
    for (struct fleet_box *one = b->boxes; one; one = one->next) {
        one->at = at + n + 1;
        p[n++] = (struct pollfd){.fd = one->spoke ? -1 : one->box->wire, .events = POLLIN};
        listens = listens || one->spoke;
    }
    for (const struct fleet_box *one = b->awaits_group ? b->exiting : NULL; one; one = one->next)
        p[n++] = (struct pollfd){.fd = one->box->pidfd, .events = POLLIN};
    p[1] =
        (struct pollfd){.fd = b->template ? template_listener(b->template) : -1, .events = POLLIN};
    p[0] = (struct pollfd){.fd = b->template ? template_fd(b->template) : -1,
                           .events = (short)((listens ? POLLIN : 0) | (stuffed ? POLLOUT : 0))};
    return n;
}

/* A waiting box sends nothing: an event on its wire is its end. */
static void lose(struct fleet_bundle *b, struct fleet_box **link)
{
    struct fleet_box *one = *link;

    *link = one->next;
    b->ready--;
    pool_lose(b, one->box);
    free(one);
}

/* Check a box whose wire was readable. 1: it is ready; 0: not yet; -1 and *WHY. */
static int pool_check_ready(struct fleet_bundle *b, struct fleet_box *one, const struct pollfd *all,
                            struct fault *why)
{
    if (one->ready || !one->at || !(one->spoke || all[one->at - 1].revents))
        return 0;
    if (!box_is_born(one->box) && template_take(b->template, why) < 0)
        return -1;
    one->spoke = !box_is_born(one->box);
    return one->spoke ? 0 : box_check_ready(one->box, why);
}

int pool_serve(struct fleet_bundle *b, const struct pollfd *all, struct fault *why)
{
    int r = 0;

    if (b->template && template_hear(b->template, why) < 0) {
        lose_template(b);
        return -1;
    }
    if (b->template && b->at && all[b->at].revents & POLLIN)
        template_violation(b->template);
    if (b->template && b->at && all[b->at - 1].revents & POLLOUT)
        template_has_room(b->template);
    if (b->template && b->at && all[b->at - 1].revents && template_take(b->template, why) < 0) {
        lose_template(b);
        return -1;
    }
    for (struct fleet_box **link = &b->boxes; *link;) {
        struct fleet_box *one = *link;
        int ready;

        if (one->ready && one->at && all[one->at - 1].revents) {
            lose(b, link);
            continue;
        }
        ready = pool_check_ready(b, one, all, why);
        if (ready < 0) {
            pool_drop(b, link);
            fleet_lost(b);
            r = -1;
            continue;
        }
        one->ready = one->ready || ready;
        b->ordered -= (unsigned)ready;
        b->ready += (unsigned)ready;
        link = &one->next;
    }
    if (b->awaits_group)
        pool_clear(b);
    return r;
}

struct box *pool_take(struct fleet_bundle *b, const struct plan *p)
{
    struct fleet_box **link = &b->boxes, *one;
    struct fault why;
    struct box *box;

    /* A dead template's boxes end with it, whether or not that shows yet. */
    if (b->template && template_is_dead(b->template))
        lose_template(b);
    while (*link && !(*link)->ready)
        link = &(*link)->next;
    one = *link;
    if (!one)
        return NULL;
    *link = one->next;
    box = one->box;
    b->ready--;
    free(one);
    if (box_lower(box, p, &why) == 0)
        return box;
    box_delete(box, &why);
    return NULL;
}

void pool_close(struct fleet_bundle *b)
{
    struct fault why;

    replace_template(b);
    for (struct fleet_group *g = b->groups, *next; g; g = next) {
        next = g->next;
        group_remove(&g->group, &why);
        free(g);
    }
    b->groups = NULL;
}
