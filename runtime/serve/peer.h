/* One connection of a server, from its first line to its last. */
#ifndef SERVE_PEER_H
#define SERVE_PEER_H

#include "runtime/serve/parts.h"

enum peer_state {
    PEER_IDLE,    /* its next line is a start line */
    PEER_WAITING, /* its start line waits for a slot; nothing more is read */
    PEER_RUNNING, /* its lines are passed on to the monitor of its bundle */
    PEER_CLOSING  /* only pending output is left to write */
};

struct peer {
    struct caller caller;
    struct server *server;
    int fd;
    struct user *user; /* NULL: a user who is not served */
    bool brief;        /* without a place: for statistics, or to be turned away */
    enum peer_state state;
    bool gone;         /* hung up or given up: its pending output is dropped */
    bool lost;         /* its lines can no longer be matched to runs */
    bool stale;        /* its last run ended before it had its reply, which may come yet */
    uint64_t since;    /* when it last did something */
    size_t unread;     /* bytes queued for it then */
    uint64_t arrived;  /* box_now() of its run's start line */
    struct str line;   /* the start line, while it waits */
    struct served *of; /* the bundle it waits for or runs; NULL: none named */
    struct peer *next; /* in the queue of .of */
    struct tenant_run run;
};

/* NULL: no memory, and FD stays the caller's. */
struct peer *peer_new(struct server *s, int fd, struct user *u, bool brief);
void peer_free(struct peer *p);

/* The events to poll for; *DUE is lowered to when P has been silent for too long. */
short peer_events(const struct peer *p, uint64_t *due);

/* Serve P after each poll(2): read, write, begin what can begin. */
void peer_pass(struct peer *p, short revents);

/* The .done of struct tenant_run. */
void peer_ended(struct tenant_run *r);

/* Free unused buffer space beyond the usual size. */
void peer_give_back(struct peer *p);

/* Whether P holds no byte of its caller's and owes it none. */
bool peer_is_idle(const struct peer *p);

/* Answer "busy", with MESSAGE: nothing was done, and a later try may succeed. COUNTED: how many
 * of COUNTER there are. */
void peer_busy(struct peer *p, const char *counter, uint64_t counted, const char *message);

/* Cancel what P runs or waits for. */
void peer_cancel(struct peer *p, int signo, const char *message);

/* peer_answer(): end the run of P, or what should have become one, as P->run.report says.
 * peer_refuse(): as *WHY says. */
void peer_answer(struct peer *p);
void peer_refuse(struct peer *p, const struct fault *why);

/* start.c. start_take(): handle a start line of P. start_waiting(): handle the one that waited
 * in P, which is in no queue any more. */
void start_take(struct peer *p, const char *line, size_t n);
void start_waiting(struct peer *p);

#endif
