/* What the two files of a template's monitor share: template.c makes it and orders forks, template_words.c carries
 * the orders and takes the words. */
#ifndef MONITOR_TEMPLATE_PARTS_H
#define MONITOR_TEMPLATE_PARTS_H

#include "runtime/monitor/box.h"
#include "runtime/monitor/template.h"
#include "schemas/setup.h"

/* Words that it may be about to say, of which forks leave half to others; a socket's buffer holds some 280 of each kind. */
#define UNHEARD  256
#define UNREAPED 16 /* boxes that ended, until the next order */

struct template
{
    struct box *box;
    const struct plan *boxes; /* the plan of what it forks */
    struct plan plan;         /* its own: a shallow copy of it */
    struct box **child;       /* those that are not deleted, the oldest order first */
    size_t count, room;
    int32_t ended[UNREAPED]; /* to be reaped: their numbers there */
    unsigned ended_count;
    unsigned births, answers; /* words that will come */
    uint64_t since;           /* box_now() of the last word, or of the order that broke a silence */
    bool doubted;             /* silent for too long, and has a moment left */
    bool dead;
};

/* It has died, and its boxes with it. */
void template_lost(struct template *t);

/* The number of one that has ended, for the order in hand to name; 0: there is none. */
int32_t template_next_ended(struct template *t);

/* FDS: 1 + .joins of them where it forks, else NULL. 0, or -1 and *WHY. */
int template_send(struct template *t, const struct setup_order *order, const int *fds,
                  struct fault *why);

#endif
