/* Results in the order of their jobs (--keep-order): early ones wait for those before them, in
 * bounded memory. */
#ifndef BATCH_ORDER_H
#define BATCH_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/str.h"
#include "schemas/fault.h"

struct order {
    struct order_slot *slot; /* that of ticket T: T % cap */
    size_t cap;
    uint64_t first, next; /* the ticket that is due, and the next to be issued */
    size_t bytes;         /* of the waiting texts */
};

/* Make room for CAP outstanding tickets. 0, or -1 and *WHY (SETUP: no memory). */
int order_open(struct order *o, size_t cap, struct fault *why);
void order_close(struct order *o); /* zero-initialised is fine */

/* Whether a ticket may be issued: not while too many are outstanding, or too many bytes wait.
 * The ticket that is due never depends on it. */
bool order_has_room(const struct order *o);
uint64_t order_ticket(struct order *o);

/* Store TEXT, which is taken over, as the result of TICKET; empty: it has none. */
void order_put(struct order *o, uint64_t ticket, struct str *text);

/* Take the result that is due, if it is there: true and *TEXT, the caller's to free. */
bool order_take(struct order *o, struct str *text);

#endif
