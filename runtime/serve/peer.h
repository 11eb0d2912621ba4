/* One connection of a server, from its first line to its last. */
#ifndef SERVE_PEER_H
#define SERVE_PEER_H

#include "runtime/serve/parts.h"

enum peer_state {
    PEER_IDLE,    /* its next line is a start line */
    PEER_WAITING, /* its start line waits for a slot: it is not listened to */
    PEER_RUNNING, /* the watch has its lines */
    PEER_CLOSING  /* what is still to be written is the last */
};

struct peer {
    struct caller caller;
    struct server *server;
    int fd;
    struct user *user; /* NULL: one that is not served */
    bool brief;        /* without a place: for the numbers, or to be sent away */
    enum peer_state state;
    bool gone;         /* hung up: nobody will read */
    bool lost;         /* no telling any more which line of it belongs to which run */
    uint64_t since;    /* when it last did something */
    size_t unread;     /* bytes that waited for it then */
    uint64_t arrived;  /* the start line of its run */
    struct str line;   /* that, while it waits */
    struct served *of; /* what it waits for or runs; NULL: nothing it has named */
    struct peer *next; /* that waits for the same */
    struct fleet_run run;
};

/* NULL: no memory; FD is the caller's then. */
struct peer *peer_new(struct server *s, int fd, struct user *u, bool brief);
void peer_free(struct peer *p);

/* What to poll for, and, lowered to it, when it has been silent for too long. */
short peer_events(const struct peer *p, uint64_t *due);

/* Something came, or a moment has passed: read, write, begin what can begin. */
void peer_pass(struct peer *p, short revents);

/* struct fleet_run's .done. */
void peer_ended(struct fleet_run *r);

/* Give back what its buffers have beyond the usual and do not use. */
void peer_give_back(struct peer *p);

/* It holds no byte of its caller's, and owes none. */
bool peer_is_idle(const struct peer *p);

/* Answer "busy", in MESSAGE: nothing was done, and later it may be. COUNTED: of what there are so many. */
void peer_busy(struct peer *p, const char *counter, uint64_t counted, const char *message);

/* End what P runs or waits for. */
void peer_cancel(struct peer *p, int signo, const char *message);

/* The run of P, or what should have become one, has ended as P->run.report says, or as *WHY. */
void peer_answer(struct peer *p);
void peer_refuse(struct peer *p, const struct fault *why);

/* start.c: a start line of P's; and the one that waited in P, which is in no queue any more. */
void start_take(struct peer *p, const char *line, size_t n);
void start_waiting(struct peer *p);

#endif
