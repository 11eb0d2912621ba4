/* What the files of the orders share: orders.c (the table, and a box that lives), asks.c (what is asked for before there is one),
 * answers.c (what the monitor is told). */
#ifndef BROKER_ORDERS_PARTS_H
#define BROKER_ORDERS_PARTS_H

#include "bundles/bundle.h"
#include "runtime/broker/broker.h"
#include "runtime/broker/order.h"
#include "runtime/plan/plan.h"

enum orders_state { ASKING = 1, LIVE = 2, ENDED = 4, REMOVED = 8 };

struct orders {
    struct broker *b;
    enum orders_state state;
    int room; /* of a module, until it has come; -1: none will */
    struct bundle_file file;
    struct bundle module;
    char name[ORDER_TEXT]; /* "" until it was said */
    struct names names[ASK__COUNT];
    struct mount_ask mounts[JAIL_MOUNTS];
    size_t mount_count;
    struct plan *plan;
    struct box_clock clock; /* ENDED: when it was seen to have */
    uint64_t deadline;      /* box_now(); 0: there is none */
    uint64_t artifacts;     /* finished */
    bool reported, killed, kill_notified, granted;
};

/* Whether in SIZE bytes there is a text, not empty, and its NUL. */
bool orders_is_text(const char *text, size_t size);

/* -1 and *BREACH: the monitor is ended, for it ordered WHAT. */
int orders_breach(struct fault *breach, const char *what);

/* -1 and *BREACH: WHAT of the broker's own has failed, as errno says. */
int orders_fail(struct orders *o, struct fault *breach, const char *what);

/* The broker cannot go on, as *WHY says: the monitor tells its caller. */
void orders_tell_failed(struct broker *b, const struct fault *why);

/* What signals have come go to the monitor. */
void broker_forward(struct broker *b);

/* Send N bytes at ANSWER, with FD where it is not negative. 0, or -1: with *BREACH, or the monitor has ended. */
int orders_answer(const struct orders *o, const void *answer, size_t n, int fd,
                  struct fault *breach);

/* An order is done (R is 0), or is not, as *WHY says. As orders_answer(). */
int orders_done(const struct orders *o, int r, const struct fault *why, int fd,
                struct fault *breach);

/* Each takes the order of its name. 0, or -1: with *BREACH, or the monitor has ended. */
int asks_take_name(struct orders *o, const union order *u, struct fault *breach);
int asks_take_ask(struct orders *o, const union order *u, struct fault *breach);
int asks_take_mount(struct orders *o, const union order *u, struct fault *breach);
int asks_take_module(struct orders *o, const union order *u, struct fault *breach);
int asks_take_file(struct orders *o, const union order *u, struct fault *breach);
int asks_take_grant(struct orders *o, const union order *u, struct fault *breach);

/* Whether a manifest can ask for B. */
bool asks_are_sane(const struct orders *o, const struct order_box *b);

/* The plan is made anew, of what was asked for: 0; 1 and *WHY, where this host has not what it needs; -1: it goes beyond the
 * grants, or no manifest can ask for it. */
int asks_plan(struct orders *o, const struct order_box *b, struct fault *why);

void asks_free(struct orders *o);

#endif
