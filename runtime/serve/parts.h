/* What the files of the server share, and nobody else sees. */
#ifndef SERVE_PARTS_H
#define SERVE_PARTS_H

#include "runtime/serve/serve.h"
#include "schemas/stats.h"

#define SERVE_BRIEF \
    8 /* connections beyond all places: who asks for the numbers, who is sent away */

struct peer;

/* Whoever may connect, by the kernel's word. As many as the command line names, and two. */
struct user {
    uid_t uid;
    unsigned places, running, guests;
    uint64_t served;          /* .begun of the server when it last had a turn */
    unsigned turn;            /* of .served: whose waiting run is the next of this user's */
    uint64_t rests_until;     /* box_now() */
    uint64_t charged;         /* .passes in which that was said */
    uint64_t worked;          /* ns for its lines in this pass */
    struct fleet_share share; /* of its runs */
};

/* A connection without a place: what it says is left in the socket. */
struct guest {
    int fd;
    struct user *user;
    uint64_t since;
    bool spoke; /* something to read, and not the numbers' request */
    bool had;   /* a place, which it gave to another while it was idle */
};

/* A bundle, and who waits for it. */
struct served {
    struct fleet_bundle *bundle;
    struct peer *first, *last; /* of those that wait, the oldest first */
    unsigned queued, running;
    uint64_t rests_until, charged; /* as a user's */
    const struct user *charged_to; /* whose line it was; NULL: nobody's yet */
    uint64_t warm_after;           /* box_now() before which no template is made anew unasked */
    uint64_t restarts_before,
        lost_before; /* of templates and boxes of this bundle's older versions */
    struct stats_bundle tally;
};

struct server {
    const struct serve_options *o;
    struct served *served;
    struct user *users;
    unsigned user_count;
    uint64_t begun; /* turns so far */
    struct peer **peers;
    unsigned peer_count, places; /* in use; without a place are .brief ones */
    unsigned first;              /* of .peers: with whom the next pass begins */
    struct guest *guests;        /* the oldest first */
    unsigned guest_count;
    struct pollfd *polls; /* signals, listener, one for each peer and guest */
    uint64_t now, started, passes;
    uint64_t accept_after; /* no descriptor was left */
    uint64_t drain_until;
    int signo;      /* it was told to stop by; 0: it was not */
    bool cancelled; /* what still ran then */
    bool hurry;     /* a run was cancelled whose end no descriptor may tell */
    unsigned cut;   /* runs that were cancelled because it stops */
    uint64_t refused, unnamed, turned_away;
    size_t held, budget;  /* bytes for callers: now, and at most */
    uint64_t short_since; /* somebody cannot go on for want of them; 0: nobody */
};

/* accept.c, signals.c: what came. */
void serve_accept(struct server *s);
void serve_signals(struct server *s);
void serve_cancel(struct server *s); /* all that runs, because the server stops */

/* queue.c. */
bool queue_may_run(const struct server *s, const struct served *d, const struct user *u);
bool queue_make_room(struct peer *p); /* in a full queue: whether P may wait there now */
void queue_add(struct peer *p);
void queue_remove(struct peer *p);
void queue_feed(
    struct server *s); /* begin what waits and can begin now, one of each user and bundle in turn */

/* rest.c: STEPS were worked on what U said to D; whether that is why nothing more is begun for them now; when it is. */
void rest_charge(const struct server *s, struct served *d, struct user *u, uint64_t steps);
bool rest_holds(const struct server *s, const struct served *d, const struct user *u);
void rest_due(const struct server *s, uint64_t *due);

/* door.c: a connection comes, its descriptor is taken; what the first N guests say, of whom AT is what poll(2)
 * told; places are given. */
void door_enter(struct server *s, int fd, struct user *u);
void door_serve(struct server *s, const struct pollfd *at, unsigned n);
void door_open(struct server *s);
void door_close(struct server *s);                  /* all guests go */
void door_return(struct server *s, struct peer *p); /* P, idle, is a guest; it is freed */

/* share.c: the guest (SPOKE: of those who have something to say) that a place belongs to next; -1: nobody.
 * Whether somebody
 * had to make room for G, which may take another pass. */
int share_next(const struct server *s, bool spoke);
bool share_displace(struct server *s, const struct guest *g);

/* hold.c: bytes that callers make the server hold, all of them. */
#define HOLD_FIRST 8192 /* of each connection's line, beyond which it counts */
void hold_open(struct server *s);
void hold_count(
    struct server *s,
    uint64_t *due); /* before each pass: count, and where they are short for long, refuse */
bool hold_lets(const struct peer *p); /* more may be read of it; hold_take(): now */
bool hold_take(struct peer *p);
bool hold_fits(const struct server *s, size_t n); /* N bytes more */

/* stats.c: its numbers, as a line. */
void serve_stats(const struct server *s, struct str *out);

#endif
