/* One run in progress: the poll loop's state, shared by watch.c, relay.c, result.c,
 * verdict.c and end.c, and by a loop over many runs (runtime/fleet/). */
#ifndef MONITOR_WATCH_H
#define MONITOR_WATCH_H

#include <poll.h>
#include <stdbool.h>

#include "runtime/caller/caller.h"
#include "runtime/jail/box.h"
#include "runtime/monitor/life.h"
#include "runtime/wire/turns.h"

struct watch {
    struct box *box;
    struct caller *caller;
    const struct schema *result;
    struct meter work; /* what the bundle has left of its budget */
    /* .away: ns that the run waited for this loop, which wall_time does not count; .lent: of these,
     * for work for other runs, at most LEND times the limit. .others: ns of such work since the
     * last watch_ask(); .offered: before it, lent if that poll then has events of this run. */
    uint64_t away, lent, others, offered;
    struct report *report;
    struct turns turns; /* on its wire */

    enum run_state state; /* changed only by life_next() */
    bool wire_eof;        /* the box closed its end */
    bool unread;         /* ... with bytes unread; once over: and died by itself, without an Exit */
    bool thrifty;        /* not its turn: a long check of its Result is put off (result.c) */
    uint64_t waits;      /* ... since when, box_now(); 0: none is */
    uint64_t now;        /* when poll(2) returned for this pass */
    bool held_back;      /* lines wait in .box->in, which poll(2) of the wire does not show */
    uint64_t cpu_due;    /* ns after the start line before which the CPU limit cannot be reached */
    uint32_t bytes;      /* announced by a Bytes, and not yet come */
    uint64_t artifacts;  /* begun so far */
    char artifact[128];  /* the name of the current one... */
    size_t artifact_len; /* ... and its length; 0: none is */
    uint64_t wake;       /* box_now() at which a sleeping box gets its reply; 0: not asleep */
    enum event_kind exit_kind; /* the kind of its last line */
    bool exit_limit_memory;    /* EVENT_LIMIT: memory, else instructions */
    struct str exit_text;      /* EXIT_ERR's or LIMIT's text */

    int death_code, death_status; /* si_code and si_status, once reaped; CLD_DUMPED: unknown */
    uint64_t death_cpu,
        death_ticks; /* last readings: CPU ns since the start line; as RLIMIT_CPU counts */
};

#define WATCH_FDS 6

/* .report's status and message are final. */
static inline bool watch_is_decided(const struct watch *w)
{
    return life_is_decided(w->state);
}

/* Nothing is left to do: .report is complete. */
static inline bool watch_is_over(const struct watch *w)
{
    return w->state == RUN_OVER;
}

/* Begin a run in BOX, which waits for its start line. RESULT (may be NULL): the result's schema;
 * *WORK (copied): the budget left to check it. All pointers stay the caller's. watch_close() it. */
void watch_open(struct watch *w, struct box *box, struct caller *caller,
                const struct schema *result, const struct meter *work, struct report *r);
void watch_close(struct watch *w);

/* Send the start line: LINE, N bytes, one JSON object and its '\n'. The clocks start here. 0, or -1
 * and *WHY. */
int watch_start(struct watch *w, const char *line, size_t n, struct fault *why);

/* Serve this run alone until it is over, and close it. SIGNALS: a signalfd, or -1; a signal ends
 * the run as "cancelled". */
void watch_run(struct watch *w, int signals);

/* Fill in what to poll for: P has WATCH_FDS entries; SIGNALS: a signalfd, or -1. */
void watch_ask(const struct watch *w, int signals, struct pollfd *p);

/* The check of its Result waits for its turn: its wire is not read. Only its wall_time stops. */
static inline bool watch_rests(const struct watch *w)
{
    return w->waits && w->thrifty;
}

/* Nanoseconds from NOW until a clock may run out; UINT64_MAX: no clock runs. */
uint64_t watch_left(const struct watch *w, uint64_t now);

/* Serve P's revents, and the clocks as of NOW, when poll(2) returned. Until watch_is_over(). */
void watch_pass(struct watch *w, const struct pollfd *p, int signals, uint64_t now);

/* end.c: CPU nanoseconds since the start line; 0 if it cannot be read: RLIMIT_CPU remains. */
uint64_t watch_cpu(const struct box *box);

/* end.c: advance the run towards its end. EXITED: poll(2) reported the box's pidfd. */
void watch_end(struct watch *w, bool exited);

/* verdict.c: end the run for this cause, unless another came first. Kills the box. */
void watch_decide(struct watch *w, enum status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* verdict.c: the same, for a limit: the message says which and how to change it, the report also
 * which counter decided and its value. */
void watch_limit(struct watch *w, enum status status, enum limit limit, const char *counter,
                 uint64_t counted);

/* relay.c: handle lines from the box's wire while the caller has room: ALL of them, or what one
 * read returns (poll(2) reports the rest, and usually there is none). */
void relay_box(struct watch *w, bool all);

/* relay.c: handle the caller's input. */
void relay_caller(struct watch *w);

/* relay.c: reply to a box that has slept as long as it asked for. */
void relay_wake(struct watch *w);

/* result.c: whether the result fits the manifest's schema. If not, the run is decided; or, with
 * .waits set, the check is put off: it is long, and other runs wait for this loop. */
bool result_fits(struct watch *w, const struct event *e);

/* verdict.c: the box has died with CODE and STATUS (siginfo's si_code, si_status): decide on that,
 * unless the verdict is final. */
void verdict_of_death(struct watch *w, int code, int status);

/* verdict.c: the box has made a system call outside its filter: name it and kill the box. */
void verdict_of_syscall(struct watch *w);

#endif
