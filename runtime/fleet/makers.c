/* The broker of each bundle: a process that reads it, makes its boxes and holds them. Boxes that are
 * slow to make, or do not end, hold up no other bundle; while a bundle is read, all others wait. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/fleet/parts.h"
#include "runtime/monitor/remote.h"

#define SPARE 8 /* numbers of boxes that are ending, besides one for each run */

unsigned fleet_most(const struct fleet_options *o)
{
    return 2 * o->slots + o->warm + SPARE;
}

int makers_order(struct fleet_bundle *b, struct bundle **bundle, struct fault *why)
{
    const struct fleet_options *o = &b->fleet->options;
    int socket = remote_maker(o->front, b->index, b->path, why);

    if (socket < 0 ||
        remote_pool_open(&b->pool, socket, o->signals, fleet_most(o), &fleet_events, b, why) < 0)
        return -1;
    return remote_pool_bundle(b->pool, b->path, bundle, why);
}

static int makers_again(struct fleet_bundle *b, struct bundle *bundle, struct fault *why)
{
    if (strcmp(bundle->digest, b->bundle->digest) != 0) {
        b->retired = b->index == FLEET_JOB; /* the next job has it read anew */
        return fault_set(why, STATUS_SETUP, 0, b->path,
                         "has changed since it was read, and its broker has ended");
    }
    return remote_pool_plan(b->pool, b->manifest, b->plan, b->bundle, why);
}

int makers_open(struct fleet_bundle *b, struct fault *why)
{
    struct bundle *bundle = NULL;
    int r;

    if (b->pool && !remote_pool_is_lost(b->pool))
        return 0;
    makers_close(b);
    r = makers_order(b, &bundle, why);
    if (r == 0)
        r = makers_again(b, bundle, why);
    bundle_free(bundle);
    if (r < 0)
        makers_close(b);
    return r;
}

void makers_close(struct fleet_bundle *b)
{
    struct fleet_leaving *one;
    int socket;

    while (b->boxes) {
        struct fleet_box *first = b->boxes;

        b->boxes = first->next;
        box_delete(first->box, &(struct fault){0});
        free(first);
    }
    b->ordered = b->ready = 0;
    if (b->pool)
        b->templates += remote_pool_templates(b->pool);
    socket = remote_pool_close(b->pool);
    b->pool = NULL;
    one = socket < 0 ? NULL : calloc(1, sizeof *one);
    if (one) {
        *one = (struct fleet_leaving){socket, b->fleet->leaving};
        b->fleet->leaving = one;
    } else if (socket >= 0) {
        close(socket);
    }
}

unsigned makers_ask(const struct fleet *f, struct pollfd *p)
{
    unsigned n = 0;

    for (const struct fleet_leaving *one = f->leaving; one; one = one->next)
        p[n++] = (struct pollfd){.fd = one->socket};
    return n;
}

static bool has_ended(const struct fleet_leaving *one)
{
    struct pollfd p = {.fd = one->socket};

    return poll(&p, 1, 0) != 0;
}

static void makers_take(struct fleet *f, bool all)
{
    for (struct fleet_leaving **link = &f->leaving; *link;) {
        struct fleet_leaving *one = *link;

        if (!all && !has_ended(one)) {
            link = &one->next;
            continue;
        }
        *link = one->next;
        close(one->socket);
        free(one);
        f->left = box_now();
    }
}

void makers_reap(struct fleet *f)
{
    makers_take(f, false);
}

void makers_forget(struct fleet *f)
{
    makers_take(f, true);
}
