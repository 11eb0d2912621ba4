/* A bundle's waiting boxes: ordered of its template, settled, taken; and the groups they leave. */
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
    if (groups_limits(b->plan, &g->limits, why) == 0 &&
        group_create(&g->group, &b->site.cgroups, &g->limits, why) == 0) {
        if (group_open_joins(&g->group, why) == 0 && group_verify(&g->group, &g->limits, why) == 0)
            return g;
        group_remove(&g->group, &(struct fault){0});
    }
    free(g);
    return NULL;
}

/* One that a box has left, or a new one. */
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
           (p == b->plan || box_may_adapt(p, b->plan));
}

static void drop(struct fleet_bundle *b, struct fleet_box **link)
{
    struct fleet_box *one = *link;

    *link = one->next;
    *(one->settled ? &b->settled : &b->ordered) -= 1;
    box_delete(one->box, &(struct fault){0});
    free(one);
}

/* Without it, what it forked is gone: all is made anew when the next box is needed. */
static void replace_template(struct fleet_bundle *b)
{
    while (b->boxes)
        drop(b, &b->boxes);
    template_delete(b->template, &(struct fault){0});
    b->template = NULL;
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
        group_sweep(&b->site.cgroups); /* its boxes sweep nothing when they go */
    }
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
    /* A template may have died since it was last heard: that shows when it is asked. */
    if (!b->template || template_take(b->template, &died) == 0)
        return -1;
    replace_template(b);
    return order(b, why);
}

int fleet_warm(struct fleet_bundle *b, struct fault *why)
{
    unsigned warm = pool_serves(b, b->plan) ? b->fleet->options.warm : 0;

    for (unsigned i = 0; i < warm && b->settled + b->ordered < warm; i++)
        if (pool_order(b, why) < 0)
            return -1;
    return 0;
}

bool fleet_is_warm(const struct fleet_bundle *b)
{
    return b->settled + b->ordered || !b->fleet->options.warm || !pool_serves(b, b->plan);
}

unsigned fleet_templates(const struct fleet_bundle *b)
{
    return b->templates;
}

int pool_serve(struct fleet_bundle *b, struct fault *why)
{
    int r = 0;

    if (b->template && template_take(b->template, why) < 0) {
        replace_template(b);
        return -1;
    }
    for (struct fleet_box **link = &b->boxes; *link;) {
        struct fleet_box *one = *link;
        int settled = one->settled ? 0 : box_settle(one->box, why);

        if (settled < 0) {
            drop(b, link);
            r = -1;
            continue;
        }
        one->settled = one->settled || settled;
        b->ordered -= (unsigned)settled;
        b->settled += (unsigned)settled;
        link = &one->next;
    }
    return r;
}

struct box *pool_take(struct fleet_bundle *b, const struct plan *p)
{
    struct fleet_box **link = &b->boxes, *one;
    struct fault why;
    struct box *box;

    while (*link && !(*link)->settled)
        link = &(*link)->next;
    one = *link;
    if (!one)
        return NULL;
    *link = one->next;
    box = one->box;
    b->settled--;
    free(one);
    if (box_adapt(box, p, &why) == 0)
        return box;
    box_delete(box, &why);
    return NULL;
}

void pool_return(struct fleet_bundle *b, struct box *box, bool clean)
{
    struct fleet_group *g =
        clean && box->forked && box->plan == b->plan ? calloc(1, sizeof *g) : NULL;
    struct fault why;

    if (g) {
        box_take_group(box, &g->group, &g->limits);
        if (group_recycle(&g->group) < 0) {
            group_remove(&g->group, &why);
            free(g);
        } else {
            g->next = b->groups;
            b->groups = g;
        }
    }
    box_delete(box, &why);
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
