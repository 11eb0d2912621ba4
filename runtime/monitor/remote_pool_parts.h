/* Shared by remote_pool.c (orders about boxes, which are numbered there) and remote_pool_hear.c (what
 * their broker reports). */
#ifndef MONITOR_REMOTE_POOL_PARTS_H
#define MONITOR_REMOTE_POOL_PARTS_H

#include "runtime/monitor/remote_parts.h"
#include "runtime/monitor/remote_pool.h"

enum remote_pool_state {
    NUMBER_FREE,
    NUMBER_ORDERED,
    NUMBER_READY,  /* until its end is reported */
    NUMBER_DROPPED /* the box was deleted here; its end is not reported yet */
};

struct remote_pool_number {
    enum remote_pool_state state;
    bool unsent; /* its START is in .out: the start line waits for it */
    struct box *box;
};

struct remote_pool {
    struct remote remote;
    const struct remote_pool_events *events;
    void *owner;
    struct remote_pool_number *number;
    unsigned count;
    unsigned templates, loss;
    struct str texts; /* the second part of the setup */
    const struct plan *plan;
    const struct bundle *bundle;
    struct str out;  /* orders that are not sent yet, whole */
    unsigned unsent; /* boxes, at most, whose START was in it */
};

#endif
