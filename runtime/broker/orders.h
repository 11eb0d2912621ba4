/* Inside broker/: the orders of one monitor, one after the other (order.h). */
#ifndef BROKER_ORDERS_H
#define BROKER_ORDERS_H

#include "runtime/broker/broker.h"
#include "runtime/broker/order.h"

/* 0, or -1 and *WHY. */
int orders_open(struct broker *b, struct fault *why);
void orders_close(struct broker *b);

/* The monitor has ended as *WHY says: the report that it has not ordered, where there is to be one. */
void orders_failed(struct orders *o, const struct fault *why);

/* Where the monitor writes a module; -1: none comes. */
int orders_room(const struct orders *o);

/* The box, once it is made; else NULL. */
const struct box *orders_box(const struct orders *o);

/* Milliseconds until orders_serve() has something to do whatever happens; -1: nothing. */
int orders_left(const struct orders *o);

/* What became of the box: LISTENER and PROCESS are what poll(2) says of its descriptors. 0; -1 and *BREACH: the monitor must
 * end; -1 without one: it has ended. */
int orders_serve(struct orders *o, short listener, short process, struct fault *breach);

/* One order, which is there. As orders_serve(). */
int orders_take(struct orders *o, struct fault *breach);

#endif
