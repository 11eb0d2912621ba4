/* Shared by the files of the server, and private to them. */
#ifndef SERVE_PARTS_H
#define SERVE_PARTS_H

#include "runtime/serve/serve.h"
#include "schemas/stats.h"

#define SERVE_TURN_NS \
    20000000u /* of a pass that a user's lines may take: the rest waits for the next */

#define SERVE_BRIEF \
    8 /* connections beyond all places: for statistics requests, and to turn others away */

struct peer;

/* A user who may connect, identified by the kernel (SO_PEERCRED): those of the command line,
 * root, and the server's own. */
struct user {
    uid_t uid;
    unsigned places, running, guests;
    uint64_t served; /* .begun of the server at its last turn */
    unsigned turn;   /* index in the server's .served of the bundle whose turn is next */
    uint64_t worked; /* ns spent on its lines in this pass */
};

/* A connection without a place: its input is left in the socket. */
struct guest {
    int fd;
    struct user *user;
    uint64_t since;
    bool spoke; /* sent something other than a statistics request */
    bool had;   /* had a place, and gave it to another while idle */
};

/* A bundle, and the peers waiting for it. */
struct served {
    struct tenant *bundle;
    struct peer *first, *last; /* of the waiting ones, oldest first */
    unsigned queued, running;
    uint64_t revive_after; /* box_now() before which it gets no monitor in place of a lost one */
    struct stats_bundle tally;
};

struct server {
    const struct serve_options *o;
    struct served *served;
    struct user *users;
    unsigned user_count;
    uint64_t begun; /* turns so far */
    struct peer **peers;
    unsigned peer_count, places; /* places in use; .brief peers have none */
    unsigned first;              /* index in .peers at which the next pass begins */
    struct guest *guests;        /* oldest first */
    unsigned guest_count;
    struct pollfd *polls; /* signals, broker, listener, one for each peer and guest */
    uint64_t now, started;
    uint64_t accept_after; /* box_now() before which none is accepted: descriptors ran out */
    uint64_t drain_until;
    int signo;      /* the signal that stops it; 0: none */
    bool cancelled; /* runs still under way were cancelled */
    bool hurry;     /* the next pass is due now, though no descriptor may report why */
    unsigned cut;   /* runs cancelled because it stops */
    uint64_t refused, unnamed, turned_away;
    size_t held, budget;  /* bytes held for callers: now, and at most */
    uint64_t short_since; /* box_now() since when .budget holds up a caller; 0: none */
};

/* accept.c, signals.c: handle what poll(2) reported. */
void serve_accept(struct server *s);
void serve_signals(struct server *s);
void serve_reload(struct server *s);   /* have the bundles read again */
void serve_reloaded(struct server *s); /* they have been */
void serve_cancel(struct server *s);   /* cancel all runs: the server stops */

/* queue.c. */
bool queue_may_run(const struct server *s, const struct served *d, const struct user *u);
/* In a full queue, let another user's last line give way to P; false: none does. */
bool queue_make_room(struct peer *p);
void queue_add(struct peer *p);
void queue_remove(struct peer *p);
void queue_feed(
    struct server *s); /* begin what waits and can begin now, one of each user and bundle in turn */

/* door.c. door_enter(): admit a connection, taking over FD. door_serve(): serve the first N
 * guests, whose poll(2) results are at AT. door_open(): give out places. */
void door_enter(struct server *s, int fd, struct user *u);
void door_serve(struct server *s, const struct pollfd *at, unsigned n);
void door_open(struct server *s);
void door_close(struct server *s);                  /* close all guests */
void door_return(struct server *s, struct peer *p); /* make P, which is idle, a guest; frees P */

/* share.c. share_next(): the guest that gets the next place (SPOKE: of those that sent
 * something); -1: none. share_displace(): make another peer give up its place for G, which may
 * take another pass; false: none does. */
int share_next(const struct server *s, bool spoke);
bool share_displace(struct server *s, const struct guest *g);

/* hold.c: the bytes that all callers together make the server hold. */
#define HOLD_FIRST 8192 /* bytes of each connection's line buffer that do not count */
void hold_count(
    struct server *s,
    uint64_t *due); /* before each pass: count, and turn a caller away if short for long */
/* hold_lets(): whether more may be read from P. hold_take(): the same, and reserve it. */
bool hold_lets(const struct peer *p);
bool hold_take(struct peer *p);
bool hold_fits(const struct server *s, size_t n); /* whether N more bytes fit */

/* stats.c: append the server's statistics, as a line. */
void serve_stats(const struct server *s, struct str *out);

#endif
