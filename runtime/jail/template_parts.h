/* The broker's side of a template, shared by its two files: template.c makes it and orders forks,
 * template_messages.c sends the orders and takes the messages. */
#ifndef JAIL_TEMPLATE_PARTS_H
#define JAIL_TEMPLATE_PARTS_H

#include "runtime/jail/box.h"
#include "runtime/jail/template.h"
#include "schemas/setup.h"

/* UNHEARD: the most messages that may be due, of which forks leave half to others; a socket's
 * buffer holds some 280 of each kind. UNTAKEN: orders, of which it holds as many, sent before the
 * wire is polled for room. */
#define UNHEARD 256
#define UNTAKEN 64

struct template
{
    struct box *box;
    const struct plan *boxes; /* the plan of its boxes */
    struct plan plan;         /* its own: a shallow copy of that */
    struct box **child;       /* those not deleted, the oldest order first */
    size_t count, room;
    int32_t *ended; /* to be reaped: their pids in its pid namespace */
    size_t ended_count, ended_room;
    unsigned births, answers; /* messages that are due */
    unsigned untaken;         /* orders since the wire was last known to have room */
    uint64_t since;           /* box_now() of its last message, or when it began to owe one */
    bool stuffed;             /* an order found no room */
    bool doubted;             /* silent for too long; has a moment left */
    bool dead;
};

/* Mark it dead, and its boxes gone. */
void template_lost(struct template *t);

/* Take the number of an ended box, for an order to name; 0: none. */
int32_t template_next_ended(struct template *t);

/* Send ORDER. FDS: 1 + .joins of them where it forks, else NULL. 0, or -1 and *WHY, with EAGAIN
 * where it takes none now. Never blocks. */
int template_send(struct template *t, const struct setup_order *order, const int *fds,
                  struct fault *why);

#endif
