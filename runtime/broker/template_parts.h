/* What the two files of a template's monitor share: template.c makes it and orders forks, template_messages.c carries
 * the orders and takes the messages. */
#ifndef BROKER_TEMPLATE_PARTS_H
#define BROKER_TEMPLATE_PARTS_H

#include "runtime/broker/box.h"
#include "runtime/broker/template.h"
#include "schemas/setup.h"

/* Messages that it may be about to say, of which forks leave half to others; a socket's buffer holds some 280 of each kind. Of
 * orders it holds as many: after a few it is asked whether it has room. */
#define UNHEARD 256
#define UNTAKEN 64

struct template
{
    struct box *box;
    const struct plan *boxes; /* the plan of what it forks */
    struct plan plan;         /* its own: a shallow copy of it */
    struct box **child;       /* those that are not deleted, the oldest order first */
    size_t count, room;
    int32_t *ended; /* to be reaped: their numbers there */
    size_t ended_count, ended_room;
    unsigned births, answers; /* messages that will come */
    unsigned untaken;         /* orders since there was room for more, at least */
    uint64_t since;           /* box_now() of the last message, or of what broke a silence */
    bool stuffed;             /* there was no room for an order */
    bool doubted;             /* silent for too long, and has a moment left */
    bool dead;
};

/* It has died, and its boxes with it. */
void template_lost(struct template *t);

/* The number of one that has ended, for the order in hand to name; 0: there is none. */
int32_t template_next_ended(struct template *t);

/* FDS: 1 + .joins of them where it forks, else NULL. 0, or -1 and *WHY, of EAGAIN where it takes none now. Never waits. */
int template_send(struct template *t, const struct setup_order *order, const int *fds,
                  struct fault *why);

#endif
