/* Shared by desk.c (messages, the loop) and member.c (runs), and private to them. */
#ifndef FLEET_DESK_PARTS_H
#define FLEET_DESK_PARTS_H

#include "runtime/fleet/desk.h"
#include "runtime/wire/channel.h"
#include "runtime/wire/message.h"

#define LAZY_NS  1000000ull /* a job's run that is lost meanwhile is begun once more */
#define LAZY_MAX 65536u

enum member_state {
    MEMBER_FREE,
    MEMBER_WAITING, /* its line waits to be begun */
    MEMBER_RUNNING  /* the fleet has it */
};

/* A run, by the front's number. */
struct member {
    struct desk *desk;
    enum member_state state;
    uint64_t turn; /* of its START */
    uint64_t job;  /* its line's number in the input of a batch */
    struct str line;
    struct party *party;
    struct caller caller; /* the front, which passes on what its caller says */
    struct fleet_run run;
    bool unmatched; /* its caller's lines can no longer be matched to runs */
};

/* A user of the front's. */
struct party {
    struct fleet_share share;
    uint64_t served;      /* .begun of the desk at its last turn */
    uint64_t rests_until; /* box_now() */
    uint64_t charged;     /* the desk's .passes when that was set */
    unsigned waiting, running;
};

struct desk {
    const struct desk_options *o;
    struct fleet *fleet;
    struct channel front;
    struct member *members; /* .o->fleet.slots of them */
    struct party **parties;
    size_t party_count;
    unsigned waiting;             /* members in that state */
    uint64_t turns, begun;        /* STARTs, and runs that were begun, so far */
    uint64_t passes;              /* of the loop */
    const struct member *checked; /* whose line is being parsed and checked; NULL: none */
    uint64_t filled;              /* box_now() when its channel was read last */
    uint64_t looked;              /* ... when what has begun during a check was looked at last */
    bool peeked;                  /* its channel was read meanwhile */
    size_t lazy;                  /* bytes for the front, when nothing else is: they can wait ... */
    uint64_t lazy_until;          /* ... until then, box_now() */
    bool stuck;                   /* what waits cannot begin before a run has ended */
    uint64_t
        warm_after; /* box_now() before which no box is made in advance, while there is no run */
    uint64_t numbers_after;         /* ... no NUMBERS are sent */
    struct message_numbers numbers; /* as sent last */
};

/* member.c: what the front says of run M. */
void member_take(struct member *m, const struct message_start *start, const char *line, size_t n);
void member_reply(struct member *m, const char *line, size_t n);
void member_stray(struct member *m, uint64_t size);
void member_eof(struct member *m);
void member_hold(struct member *m, bool held);
void member_cancel(struct member *m, int signo, const char *text, size_t n);

/* The front has said STOP: cancel what waits. */
void member_stop_all(struct desk *d, const char *text, size_t n);

/* Begin what waits and can begin now: parties take turns, each its own in order of arrival. *DUE is
 * lowered to when something may. */
void member_begin_all(struct desk *d, uint64_t *due);

/* The limits of a job's line: its plan, and what that costs. 0, or -1 and *WHY. */
int member_price(struct desk *d, const char *line, size_t n, struct message_price *price,
                 struct fault *why);

#endif
