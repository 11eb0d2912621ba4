/* One run under way: the poll loop's state, shared by watch.c, relay.c and verdict.c, and by a loop over
 * many runs. */
#ifndef MONITOR_WATCH_H
#define MONITOR_WATCH_H

#include <poll.h>
#include <stdbool.h>

#include "runtime/broker/box.h"
#include "runtime/caller/caller.h"
#include "runtime/monitor/life.h"
#include "runtime/wire/turns.h"

struct watch {
    struct box *box;
    struct caller *caller;
    const struct schema *result;
    struct meter work; /* what the bundle may still cost us */
    /* ns of our own work, for which it waited: wall_time does not count them. Of what others made us do .lent, at most LEND
     * times the limit. .others: ns since it was asked last; .offered: before, which count if it then had something to say. */
    uint64_t away, lent, others, offered;
    struct report *report;
    struct turns turns; /* of its wire */

    enum run_state state; /* changed by life_next() alone */
    bool wire_eof;        /* the box closed its end */
    bool unread;    /* ... before it had read all that was written; once over: and died of itself */
    bool thrifty;   /* it is nobody's turn whose Result takes long to check: that waits (relay.c) */
    uint64_t waits; /* ... since then, box_now(); 0: it does not */
    uint64_t now;   /* when poll(2) returned for this pass */
    bool held_back; /* lines wait in .box->in for room: no readiness of the wire tells of them */
    uint64_t cpu_due;    /* ns after the gate: before, the CPU limit cannot have been reached */
    uint64_t artifacts;  /* begun so far */
    char artifact[128];  /* the name of the one that is under way... */
    size_t artifact_len; /* ... and its length; 0: none is */
    uint64_t wake;       /* box_now() at which the box, asleep, gets its reply; 0: it is not */
    uint64_t
        exit_due; /* box_now() at which a template's box is killed, having said its Exit; 0: not */
    enum event_kind exit_kind; /* of the line that said how it ended */
    bool exit_limit_memory;    /* EVENT_LIMIT: memory, else instructions */
    struct str exit_text;      /* EXIT_ERR's or LIMIT's text */

    int death_code,
        death_status; /* siginfo's si_code and si_status, once it was reaped; CLD_DUMPED: nobody can tell */
    uint64_t death_cpu,
        death_ticks; /* CPU ns since the gate, and as RLIMIT_CPU counts them, while it could be read */
};

#define WATCH_FDS 7

/* .report's status and message are final. */
static inline bool watch_is_decided(const struct watch *w)
{
    return life_is_decided(w->state);
}

/* Nothing is left to do: .report is whole. */
static inline bool watch_is_over(const struct watch *w)
{
    return w->state == RUN_OVER;
}

/* A run in BOX, which waits for its start line. RESULT (may be NULL) is the schema that the result must fit, *WORK (copied)
 * what checking it may still cost. All pointers stay the caller's. watch_close() it. */
void watch_open(struct watch *w, struct box *box, struct caller *caller,
                const struct schema *result, const struct meter *work, struct report *r);
void watch_close(struct watch *w);

/* Send the start line: LINE, N bytes, one JSON object and its '\n'. The clocks start here. 0, or -1 and *WHY. */
int watch_start(struct watch *w, const char *line, size_t n, struct fault *why);

/* Serve this run alone until it is over, and close it. SIGNALS: a signalfd; what it reads ends the run as "cancelled". */
void watch_run(struct watch *w, int signals);

/* What to poll for: P has WATCH_FDS entries; SIGNALS: a signalfd, or -1. */
void watch_ask(const struct watch *w, int signals, struct pollfd *p);

/* Its Result waits, and it is not its turn: of its wire nothing is taken. All its clocks but wall_time's go on. */
static inline bool watch_rests(const struct watch *w)
{
    return w->waits && w->thrifty;
}

/* Nanoseconds from NOW to when a clock may run out; UINT64_MAX: no clock runs. */
uint64_t watch_left(const struct watch *w, uint64_t now);

/* Serve what P's revents say, and the clocks as they were NOW, when poll(2) returned. Until watch_is_over(). */
void watch_pass(struct watch *w, const struct pollfd *p, int signals, uint64_t now);

/* end.c: CPU nanoseconds since the gate; 0 of a clock that cannot be read: RLIMIT_CPU stays. */
uint64_t watch_cpu(const struct box *box);

/* end.c: whether the run is over. EXITED: poll(2) said so of the box's pidfd. */
void watch_end(struct watch *w, bool exited);

/* verdict.c: the run ends now, for this cause, unless another came first. The box is killed. */
void watch_decide(struct watch *w, enum status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* verdict.c: the same, for a limit: the message says which and how to change it, the report also the
 * counter that decided and what it showed. */
void watch_limit(struct watch *w, enum status status, enum limit limit, const char *counter,
                 uint64_t counted);

/* relay.c: take what the box's wire holds, as far as the caller has room: all of it, or what one read
 * gives (poll(2) tells of the rest, and most often there is none). */
void relay_box(struct watch *w, bool all);

/* relay.c: take what the caller's input holds. */
void relay_caller(struct watch *w);

/* relay.c: the box has slept as long as it asked for. */
void relay_wake(struct watch *w);

/* result.c: the result fits the manifest's schema: else the run is decided, or, where .waits is set then, the check is put off, for
 * it is long and runs of others wait for this loop too. */
bool result_fits(struct watch *w, const struct event *e);

/* verdict.c: the box is dead with wait status INFO_CODE/INFO_STATUS (siginfo's si_code, si_status):
 * what ended it, if nothing was decided before. */
void verdict_of_death(struct watch *w, int code, int status);

/* verdict.c: a system call outside the filter waits in the listener: name it and kill the box. */
void verdict_of_syscall(struct watch *w);

#endif
