/* Shared by orders.c (the table, and a box that has been made), asks.c (what is asked for before
 * there is one) and answers.c (what the monitor is told). */
#ifndef BROKER_ORDERS_PARTS_H
#define BROKER_ORDERS_PARTS_H

#include <poll.h>

#include "bundles/bundle.h"
#include "runtime/broker/broker.h"
#include "runtime/broker/order.h"
#include "runtime/plan/plan.h"

enum orders_state { ASKING = 1, LIVE = 2, ENDED = 4, REMOVED = 8, POOLED = 16 };

struct orders {
    struct broker *b;
    enum orders_state state;
    int room; /* memory file for a module; -1: none will come */
    struct bundle_file file;
    struct bundle module;
    char name[ORDER_TEXT]; /* "" until given */
    struct names names[ASK__COUNT];
    struct mount_ask mounts[JAIL_MOUNTS];
    size_t mount_count;
    struct plan *plan;
    struct pool *pool;      /* POOLED: the boxes */
    struct box_clock clock; /* ENDED: as it was when the box was seen to have ended */
    uint64_t deadline;      /* box_now() at which to kill the box; 0: none */
    uint64_t artifacts;     /* those finished */
    bool reported, killed, kill_notified;
    bool granted; /* what may be ordered once was: GRANT, LISTEN, PAGE */
};

/* Whether the SIZE bytes at TEXT contain a non-empty text and its NUL. */
bool orders_is_text(const char *text, size_t size);

/* -1 and *BREACH: the monitor must be killed, as it ordered WHAT. */
int orders_breach(struct fault *breach, const char *what);

/* -1 and *BREACH: WHAT failed in the broker itself, with errno. */
int orders_fail(struct orders *o, struct fault *breach, const char *what);

/* Tell the monitor, for its caller, why the broker cannot go on: *WHY. */
void orders_tell_failed(struct broker *b, const struct fault *why);

/* Forward the signals that have come to the monitor. */
void broker_forward(struct broker *b);

/* Send N bytes at ANSWER, and FD if >= 0. 0, or -1: with *BREACH, or the monitor has ended. */
int orders_answer(const struct orders *o, const void *answer, size_t n, int fd,
                  struct fault *breach);

/* Answer that an order is done, with FD (R is 0), or failed (*WHY). Returns as orders_answer(). */
int orders_done(const struct orders *o, int r, const struct fault *why, int fd,
                struct fault *breach);

/* Each takes the order that it is named after. 0, or -1: with *BREACH, or the monitor has ended. */
int asks_take_name(struct orders *o, const union order *u, struct fault *breach);
int asks_take_ask(struct orders *o, const union order *u, struct fault *breach);
int asks_take_mount(struct orders *o, const union order *u, struct fault *breach);
int asks_take_module(struct orders *o, const union order *u, struct fault *breach);
int asks_take_file(struct orders *o, const union order *u, struct fault *breach);
int asks_take_grant(struct orders *o, const union order *u, struct fault *breach);

/* Whether a manifest could ask for B. */
bool asks_are_sane(const struct orders *o, const struct order_box *b);

/* Make a plan anew, from what was asked for, under G: 0 and *PLAN (plan_free() it); 1 and *WHY: this
 * host lacks what it needs; -1: it exceeds the grants, or no manifest can ask for it. */
int asks_plan(struct orders *o, const struct order_box *b, const struct grants *g,
              struct plan **plan, struct fault *why);

void asks_free(struct orders *o);

/* front.c: those to the broker of a fleet. */
int front_take_bundle(struct orders *o, const union order *u, struct fault *breach);
int front_take_dismiss(struct orders *o, const union order *u, struct fault *breach);
int front_take_listen(struct orders *o, const union order *u, struct fault *breach);
int front_take_ready(struct orders *o, const union order *u, struct fault *breach);
int front_take_page(struct orders *o, const union order *u, struct fault *breach);
size_t front_ask(const struct broker *b, struct pollfd *p); /* poll for the ends of its makers */
int front_left(const struct broker *b); /* milliseconds until front_reap() is due; -1: never */
void front_reap(struct broker *b);      /* those that have ended */
void front_close(struct broker *b);     /* the front has ended: so do they, or are killed */

/* orders.c: send BOX the stored keys that P grants; none, unless WANTED. 0, or -1 and *WHY. */
int orders_send_keys(const struct broker *b, struct box *box, const struct plan *p, bool wanted,
                     struct fault *why);

/* pool_orders.c: those to a broker of many boxes. */
int pool_take_plan(struct orders *o, const union order *u, struct fault *breach);
int pool_take_cold(struct orders *o, const union order *u, struct fault *breach);
int pool_take_fork(struct orders *o, const union order *u, struct fault *breach);
int pool_take_start(struct orders *o, const union order *u, struct fault *breach);
int pool_take_exit(struct orders *o, const union order *u, struct fault *breach);
int pool_take_end(struct orders *o, const union order *u, struct fault *breach);

#endif
