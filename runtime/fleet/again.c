/* Boxes that died before a byte of their start line was parsed, for lack of memory or killed
 * from outside: nothing has begun, so the run gets another one, a few times. */
#include <errno.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "runtime/fleet/parts.h"

#define PAUSE_NS 100000000ull

/* Do not fork boxes in advance in a loop while something keeps killing them. */
void fleet_lost(struct fleet *f)
{
    f->bundle.pause = box_now() + PAUSE_NS;
}

/* The kernel drops what a dying box leaves unread, which empties the queue, too: an empty queue
 * counts only if the other end is still open afterwards. */
static bool has_read(const struct box *box)
{
    struct pollfd wire = {.fd = box->wire};
    int unread;

    return !box->out.len && ioctl(box->wire, SIOCOUTQ, &unread) == 0 && !unread &&
           poll(&wire, 1, 0) == 0;
}

bool fleet_begun(struct slot *s)
{
    if (!s->watch.report->output_bytes && !has_read(s->box))
        return false;
    str_wipe(&s->line);
    if (s->run->begun)
        s->run->begun(s->run);
    return true;
}

void fleet_look(struct fleet *f)
{
    for (unsigned i = 0; i < f->options.slots; i++)
        if (f->slots[i].run && f->slots[i].box && f->slots[i].line.len)
            fleet_begun(&f->slots[i]);
}

/* A box that hangs after reading a part of the line cannot be told from a busy one; its clocks
 * run. */
bool fleet_again(struct fleet *f, struct slot *s)
{
    struct report *r = &s->run->report;
    struct fleet_bundle *b = &f->bundle;
    struct fault why;

    if (!watch_is_over(&s->watch) || !s->watch.unread || ++s->tries >= FLEET_TRIES)
        return false;
    b->lost++;
    fleet_lost(f);
    watch_close(&s->watch);
    box_delete(s->box, &why);
    s->box = NULL;
    s->at = 0;
    r->status = STATUS_OK;
    r->message[0] = r->counter[0] = '\0';
    r->signal = 0;
    if (fleet_find_box(f, s, &why) < 0) {
        b->pending += !s->box && !s->coming;
        fleet_fail(f, s, &why);
    }
    return true;
}

int fleet_begin_waiting(struct fleet *f, struct slot *s, struct fault *why)
{
    struct box *box;

    while ((box = pool_take(f)) != NULL) {
        fleet_order_ahead(f); /* with its START */
        if (fleet_start_in(f, s, box, why) == 0)
            return 1;
        if (why->err != EPIPE && why->err != ECONNRESET)
            return -1;
        f->bundle.lost++;
        fleet_lost(f);
        box_delete(box, why);
        s->box = s->coming = NULL;
    }
    return 0;
}
