/* What the files of the server share, and nobody else sees. */
#ifndef FLEET_SERVE_PARTS_H
#define FLEET_SERVE_PARTS_H

#include "runtime/fleet/serve.h"
#include "schemas/stats.h"

struct peer;

/* A bundle, and who waits for it. */
struct served {
    struct fleet_bundle *bundle;
    struct peer *first, *last; /* of those that wait, the oldest first */
    unsigned queued, running;
    uint64_t warm_after;      /* box_now() before which no template is made anew unasked */
    uint64_t restarts_before; /* of templates of this bundle's older versions */
    struct stats_bundle tally;
};

struct server {
    const struct serve_options *o;
    const struct caller_kind *json; /* the wire as it is, and as a server sees it: */
    struct caller_kind kind;
    struct served *served;
    unsigned turn; /* of .served: whose waiting run is the next */
    struct peer **peers;
    unsigned peer_count;
    struct pollfd *polls; /* signals, listener, one for each peer */
    uint64_t now, started;
    uint64_t accept_after; /* no descriptor was left */
    uint64_t drain_until;
    int signo;      /* it was told to stop by; 0: it was not */
    bool cancelled; /* what still ran then */
    bool hurry;     /* a run was cancelled whose end no descriptor may tell */
    unsigned cut;   /* runs that were cancelled because it stops */
    uint64_t refused, unnamed;
};

/* serve_accept.c, serve_signals.c: what came. */
void serve_accept(struct server *s);
void serve_signals(struct server *s);
void serve_cancel(struct server *s); /* all that runs, because the server stops */

/* serve_queue.c. */
bool queue_may_run(const struct server *s, const struct served *d);
void queue_add(struct peer *p);
void queue_remove(struct peer *p);
void queue_feed(
    struct server *s); /* begin what waits and can begin now, one of each bundle in turn */

/* serve_stats.c: its numbers, as a line. */
void serve_stats(const struct server *s, struct str *out);

#endif
