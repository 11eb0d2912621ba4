/* Shared by the files that implement remote.h: remote.c (orders and answers; what precedes a box),
 * remote_box.c (a box that the broker holds), remote_front.c (what a fleet orders), remote_pool.c (many
 * boxes). */
#ifndef MONITOR_REMOTE_PARTS_H
#define MONITOR_REMOTE_PARTS_H

#include "runtime/broker/order.h"
#include "runtime/monitor/remote.h"

struct remote {
    int socket;
    bool outlives;                /* this process goes on when its broker has ended */
    bool lost;                    /* the broker no longer answers */
    struct notice_failed failure; /* ... why, once .kind is set */
    struct box *box;
    struct notice_site site; /* once .kind is set */
    struct policy_grants policy;
    bool no_memory; /* for a grant */
    bool reload;    /* a fleet's bundles are to be read again */
};

/* Receive one message; *FD: the descriptor that came with it, or -1. 0, or -1 if there is none
 * (FLAGS: MSG_DONTWAIT) or the broker has exited (.lost). */
int remote_take(struct remote *r, int flags, union answer *a, int *fd);

/* The same, but leaves .lost as it is: -1 with errno, EAGAIN if there is none; EPIPE at the end. */
int remote_receive(struct remote *r, int flags, union answer *a, int *fd);

/* Store the contents of A if it is a notice. remote_heard_box(): if it is about BOX, which has its
 * number. */
void remote_heard(struct remote *r, const union answer *a);
void remote_heard_box(struct box *box, const union answer *a);

/* The holder of BOX has ended. */
void remote_orphan(struct box *box);

/* Send an order of N bytes. 0, or -1 and *WHY; .lost where the broker has ended. */
int remote_send(struct remote *r, const void *what, size_t n, struct fault *why);

/* Send an order of N bytes and wait for its answer of the kind WANT. 0, or -1 and *WHY. */
int remote_order(struct remote *r, const void *what, size_t n, enum answer_kind want,
                 union answer *a, int *fd, struct fault *why);

/* The same for an order answered by ANSWER_DONE; -1 also if it failed. FD: NULL if no descriptor is
 * expected. */
int remote_order_done(struct remote *r, const void *what, size_t n, union answer *a, int *fd,
                      struct fault *why);
int remote_order_plain(struct remote *r, enum order_kind kind, struct fault *why);

/* Wait for .site. 0, or -1 and *WHY. */
int remote_await_site(struct remote *r, struct fault *why);

/* remote_box.c: send all that M asks for, except the final order, which is left in *O. */
int remote_ask(struct remote *r, const struct manifest *m, const struct plan *p, uint64_t texts,
               bool keys, struct order_box *o, struct fault *why);

#endif
