/* Internal to broker/: the orders of one monitor, one at a time (order.h). */
#ifndef BROKER_ORDERS_H
#define BROKER_ORDERS_H

#include "runtime/broker/broker.h"
#include "runtime/broker/order.h"

/* Set up B's orders. 0, or -1 and *WHY. */
int orders_open(struct broker *b, struct fault *why);
void orders_close(struct broker *b);

/* The monitor has ended (*WHY): write the report that it has not ordered, if one is due. */
void orders_failed(struct orders *o, const struct fault *why);

/* The memory file to which the monitor writes a module; -1: none comes. */
int orders_room(const struct orders *o);

/* The box while it is LIVE; else NULL. */
const struct box *orders_box(const struct orders *o);

/* Milliseconds until orders_serve() must be called even without an event; -1: never. */
int orders_left(const struct orders *o);

/* Serve the box. LISTENER and PROCESS: what poll(2) says of its descriptors. 0; -1 and *BREACH: the
 * monitor must be ended; -1 without one: it has ended. */
int orders_serve(struct orders *o, short listener, short process, struct fault *breach);

/* Take the orders of one message: its bytes; 0: none is there; -1 as orders_serve(). */
int orders_take(struct orders *o, struct fault *breach);

#endif
