/* The broker's side of a template: made like a box, it forks boxes to order. A box forked from it
 * is read back like any other. */
#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/jail/template_parts.h"

/* A fork's task, stack and page tables are charged to the group of the process that forks. */
#define ROOM_FOR_FORKS (64ull << 20)
#define FORKS_AT_ONCE \
    1024 /* in the template's group for a moment, until they have joined their own */

bool template_serves(const struct plan *p)
{
    return p->profile == PROFILE_COMPUTE && !p->allow.count && !p->capabilities &&
           p->network == NETWORK_NONE && !p->mount_count && !p->scratch && !p->flags &&
           p->limits[LIMIT_PROCESSES].effective == 1;
}

static void loosen(struct plan *p, enum rlim r)
{
    struct rlimit own = {RLIM_INFINITY, RLIM_INFINITY};

    getrlimit((__rlimit_resource_t)r, &own);
    p->rlimits[r] = (struct plan_rlimit){own.rlim_max, own.rlim_max};
}

/* Allow what forking needs, and no more: a template runs nothing of a bundle. */
static void plan_template(struct template *t, const struct plan *p)
{
    t->boxes = p;
    t->plan = *p;
    t->plan.flags |= SETUP_TEMPLATE;
    t->plan.limits[LIMIT_MEMORY].effective += ROOM_FOR_FORKS;
    t->plan.limits[LIMIT_PROCESSES].effective = FORKS_AT_ONCE;
    loosen(&t->plan, RLIM_NPROC);
    loosen(&t->plan, RLIM_CPU);
    loosen(&t->plan, RLIM_NOFILE);
}

int template_create(struct template **t, const struct plan *p, const struct bundle *b,
                    const struct cgroups *c, uint64_t texts, struct fault *why)
{
    struct template *new = calloc(1, sizeof *new);

    *t = new;
    if (!new)
        return fault_set(why, STATUS_SETUP, ENOMEM, "template", "making it");
    plan_template(new, p);
    new->box = box_blank(why);
    if (new->box) {
        new->box->boxes = p;
        if (box_create_bare(&new->box, &new->plan, b, c, texts, why) == 0)
            return 0;
    }
    template_delete(new, &(struct fault){0});
    *t = NULL;
    return -1;
}

int template_delete(struct template *t, struct fault *why)
{
    int r;

    if (!t)
        return 0;
    r = box_delete(t->box, why);
    template_lost(t);
    for (size_t i = 0; i < t->count; i++)
        t->child[i]->template = NULL; /* gone, but its run may not have noticed yet */
    free(t->child);
    free(t->ended);
    free(t);
    return r;
}

int template_fd(const struct template *t)
{
    return t->box->wire;
}

const struct plan *template_plan(const struct template *t)
{
    return &t->plan;
}

bool template_answers(const struct template *t)
{
    return t->answers > 0;
}

static int add_child(struct template *t, struct box *box, struct fault *why)
{
    if (t->count == t->room) {
        size_t room = t->room ? t->room * 2 : 16;
        struct box **more = reallocarray(t->child, room, sizeof(struct box *));

        if (!more)
            return fault_set(why, STATUS_SETUP, ENOMEM, "template", "a box");
        t->child = more;
        t->room = room;
    }
    t->child[t->count++] = box;
    box->template = t;
    return 0;
}

static int order_fork(struct template *t, const struct box *box, int wire, struct fault *why)
{
    struct setup_order order = {
        .ended = template_next_ended(t), .fork = 1, .joins = box->group.places};
    int fds[1 + SETUP_JOINS] = {wire};

    for (unsigned i = 0; i < order.joins; i++)
        fds[1 + i] = box->group.place[i].join;
    return template_send(t, &order, fds, why);
}

int template_fork(struct template *t, struct group *g, const struct group_limits *l,
                  struct box **box, struct fault *why)
{
    struct box *new = *box = box_blank(why);
    autoclose int theirs = -1;

    if (!new)
        return -1;
    new->plan = t->boxes;
    new->bundle = t->box->bundle;
    new->cgroups = t->box->cgroups;
    new->limits = *l;
    new->maker = MAKER_WARM;
    new->group = *g;
    *g = GROUP_INIT;
    if (t->dead)
        return fault_set(why, STATUS_SETUP, 0, "template", "it has died");
    if (jail_wire(new->plan, &new->wire, &theirs, why) < 0)
        return -1;
    lines_open(&new->in, WIRE_LINE_MAX);
    if (add_child(t, new, why) < 0)
        return -1;
    if (order_fork(t, new, theirs, why) == 0)
        return 0;
    box_set_gone(new, BOX_LOST); /* no message will come of it */
    return -1;
}
