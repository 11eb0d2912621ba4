/* What the files of a monitor's way to its broker share: remote.c (orders and answers; what comes before a box), remote_box.c (a box
 * that the broker holds). */
#ifndef MONITOR_REMOTE_PARTS_H
#define MONITOR_REMOTE_PARTS_H

#include "runtime/broker/order.h"
#include "runtime/monitor/remote.h"

struct remote {
    int socket;
    bool lost;                    /* it gives no answers any more */
    struct notice_failed failure; /* ... why not, once .kind is set */
    struct box *box;
    struct notice_ended ended; /* once .box->gone */
    struct notice_site site;   /* once .kind is set */
    struct policy_grants policy;
    bool no_memory; /* for a grant */
};

/* One message, with a descriptor in *FD where one comes with it, else -1. 0, or -1: there is none (FLAGS: MSG_DONTWAIT), or nobody. */
int remote_take(struct remote *r, int flags, union answer *a, int *fd);

/* Keep what A tells unasked. */
void remote_heard(struct remote *r, const union answer *a);

/* Send an order of N bytes and wait for its answer of the kind WANT. 0, or -1 and *WHY. */
int remote_order(struct remote *r, const void *what, size_t n, enum answer_kind want,
                 union answer *a, int *fd, struct fault *why);

/* The same for one that is done or not. FD: NULL where no descriptor comes. */
int remote_order_done(struct remote *r, const void *what, size_t n, union answer *a, int *fd,
                      struct fault *why);
int remote_order_plain(struct remote *r, enum order_kind kind, struct fault *why);

#endif
