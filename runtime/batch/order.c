/* A ring of tickets. Waiting results are bounded in bytes: beyond that, no new job is begun. */
#include "runtime/batch/order.h"

#include <errno.h>
#include <stdlib.h>

#define BYTES_MAX (16u << 20)

struct order_slot {
    struct str text;
    bool there;
};

int order_open(struct order *o, size_t cap, struct fault *why)
{
    *o = (struct order){.slot = calloc(cap, sizeof *o->slot), .cap = cap};
    return o->slot ? 0
                   : fault_set(why, STATUS_SETUP, ENOMEM, "--keep-order",
                               "allocating the queue of results");
}

void order_close(struct order *o)
{
    for (size_t i = 0; i < o->cap; i++)
        str_free(&o->slot[i].text);
    free(o->slot);
    *o = (struct order){0};
}

bool order_has_room(const struct order *o)
{
    return o->next - o->first < o->cap && o->bytes < BYTES_MAX;
}

uint64_t order_ticket(struct order *o)
{
    return o->next++;
}

void order_put(struct order *o, uint64_t ticket, struct str *text)
{
    struct order_slot *to = &o->slot[ticket % o->cap];

    to->text = *text;
    to->there = true;
    o->bytes += text->len;
    *text = (struct str){0};
}

bool order_take(struct order *o, struct str *text)
{
    struct order_slot *from = &o->slot[o->first % o->cap];

    if (o->first == o->next || !from->there)
        return false;
    *text = from->text;
    *from = (struct order_slot){0};
    o->bytes -= text->len;
    o->first++;
    return true;
}
