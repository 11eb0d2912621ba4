/* Shared by the files of this room, and private to them. */
#ifndef TENANTS_PARTS_H
#define TENANTS_PARTS_H

#include "runtime/json/finding.h"
#include "runtime/tenants/tenants.h"
#include "runtime/wire/channel.h"

#define CANCEL_NS    30000000000ull /* from CANCEL to ENDED; a check that takes long comes first */
#define TENANT_TRIES 3              /* monitors that a run which has not begun is given */

enum link_state {
    LINK_LOADING,
    LINK_READY,
    LINK_LEAVING /* dismissed: its end is waited for */
};

/* One monitor. */
struct link {
    struct tenant *tenant; /* NULL: LEAVING */
    enum link_state state;
    struct channel channel;
    uint32_t number; /* the broker's */
    unsigned runs, ghosts;
    uint64_t
        ghosts_due; /* box_now() by which it has ended these; 0: it does not know of them yet */
    struct findings found;
    size_t finding_bytes; /* of all FINDINGs */
    struct message_loaded loaded;
    struct message_numbers numbers;
    struct message_priced priced;
    uint64_t asked, answered; /* tickets of PRICE and .priced; 0: none */
    unsigned late;            /* passes in which it was overdue, and said something else */
    uint64_t said;            /* box_now() of its last FAULT */
    uint64_t due; /* box_now() by which it has answered: LOADED, or PRICED; 0: nothing is asked */
    unsigned at;  /* in this pass: 1 + the index of its descriptor; 0: none */
    struct link *next;
};

struct tenant {
    struct tenants *all;
    struct tenant *next; /* in order of their last tenant_find() */
    char *path;
    int index;
    struct link *link;   /* that runs are given to; NULL: it has none */
    struct link *coming; /* it is read again; or NULL */
    char name[136], digest[65];
    struct fault failed; /* why it has no .link any more; else .what is "" */
    struct findings found;
    struct message_price price;
    unsigned reloads, pins;
    unsigned revived;        /* for a price, since one was told */
    bool told;               /* that it cannot be used any more */
    uint64_t restarts, lost; /* of monitors before .link */
};

struct tenants {
    struct tenants_options options;
    struct tenant *first;
    struct link *links;
    struct tenant_run **run; /* .options.slots of them, by number; NULL: free, unless ... */
    struct link **ghost; /* ... a run of this link is over for its owner, and not for its monitor */
    unsigned running;
    struct pollfd *polls;
    unsigned poll_room;
    uint64_t left;    /* box_now() when a monitor was last seen to have ended */
    uint64_t tickets; /* of PRICE, so far */
    bool stopped;     /* tenants_stop() */
    bool reloaded;    /* something was read again since tenants_reload_ends() */
};

/* tenants.c: its links are another's, or nobody's. */
void tenant_free(struct tenant *tenant);

/* link.c. link_open(): have a monitor made for TENANT. NULL and *WHY. link_leave(): it is needed no more. */
struct link *link_open(struct tenant *tenant, struct fault *why);
void link_leave(struct link *l);

/* Runs are given to it no more. */
void link_detach(struct link *l);

/* A run of L's tenant that has not begun goes to its next monitor, if there may be one. */
bool link_moves(struct tenant_run *r, struct fault *why);

/* It is to be given up, for *WHY: runs that have not begun get another, the others are over. */
void link_lose(struct link *l, const struct fault *why);

/* It has said that its bundle can be used, or not. */
void link_loaded(struct link *l);

/* Lower *DUE to when L must have answered; whether that is over at NOW; give it up for that. */
void link_due(const struct link *l, uint64_t *due);
bool link_is_overdue(const struct link *l, uint64_t now);
void link_overdue(struct link *l);
void link_ask(struct link *l); /* it owes an answer from now on */

/* What its runs have left to wait for is over: leave, where it is an old one. */
void link_idle(struct link *l);

/* take.c: take what L's monitor has said. */
void take_all(struct link *l);

/* runs.c. tenant_run_finish(): it is over. tenant_run_fail(): for *WHY, by no word of its monitor.
 * tenant_run_send(): give it to its tenant's link. */
void tenant_run_finish(struct tenants *t, struct tenant_run *r);
void tenant_run_fail(struct tenants *t, struct tenant_run *r, const struct fault *why);
void tenant_run_send(struct tenant_run *r);

#endif
