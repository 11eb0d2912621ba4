/* Boxes whose runs are over: a process takes longer to exit than a short script to run, so no
 * run waits for it; its groups are reused once it is gone. Trusts no box to exit: one that stays
 * is killed. */
#include <stdlib.h>

#include "runtime/fleet/parts.h"

/* Delete BOX, killing it if it is alive; keep its group for reuse if CLEAN. */
static void give_back(struct fleet_bundle *b, struct box *box, bool clean)
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

static void add_exiting(struct fleet_bundle *b, struct fleet_box *one)
{
    struct fleet_box **last = &b->exiting;

    box_hang_up(one->box);
    one->since = box_now();
    one->next = NULL;
    while (*last)
        last = &(*last)->next;
    *last = one;
    b->exiting_count++;
}

void pool_return(struct fleet_bundle *b, struct box *box, bool clean)
{
    bool lives = box->forked && box->pid; /* a reaped box has no pid */
    struct fleet_box *one = lives && clean ? calloc(1, sizeof *one) : NULL;

    if (!one) {
        give_back(b, box, clean && !lives);
        return;
    }
    one->box = box;
    add_exiting(b, one);
}

void pool_lose(struct fleet_bundle *b, struct box *box)
{
    struct fleet_box *one = box->forked ? calloc(1, sizeof *one) : NULL;

    b->lost++;
    fleet_lost(b);
    box_kill(box);
    if (!one) {
        box_delete(box, &(struct fault){0});
        return;
    }
    *one = (struct fleet_box){.box = box, .spoiled = true};
    add_exiting(b, one);
}

void pool_clear(struct fleet_bundle *b)
{
    uint64_t now = box_now();
    struct fleet_box **link = &b->exiting;

    while (*link) {
        struct fleet_box *one = *link;

        if (!box_has_ended(one->box)) {
            if (now - one->since >= BOX_EXIT_NS)
                box_kill(one->box);
            link = &one->next;
            continue;
        }
        *link = one->next;
        b->exiting_count--;
        b->awaits_group = false;
        give_back(b, one->box, !one->spoiled);
        free(one);
    }
}

void pool_clear_all(struct fleet_bundle *b)
{
    for (struct fleet_box *one; (one = b->exiting) != NULL; free(one)) {
        b->exiting = one->next;
        box_delete(one->box, &(struct fault){0});
    }
    b->exiting_count = 0;
    b->awaits_group = false;
}
