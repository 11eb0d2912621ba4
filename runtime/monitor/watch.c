/* The poll loop: wire, process, listener, caller, signals, clocks. One thread, no callbacks; each
 * pass handles what is ready, then checks the clocks. One run has the loop to itself (watch_run()),
 * or many runs share one (runtime/fleet/): a pass never blocks. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/monitor/watch.h"

enum { AT_WIRE, AT_PROCESS, AT_SIGNALS, AT_INPUT, AT_OUT, AT_ERR, AT__COUNT };
_Static_assert(AT__COUNT == WATCH_FDS, "watch.h says how many descriptors a run has");

#define LEND 9u

/* What wall_time counts: up to the Result, while its check waits. */
static uint64_t watched(const struct watch *w, uint64_t now)
{
    uint64_t wall = (w->waits && w->waits < now ? w->waits : now) - w->box->started;

    return wall > w->away ? wall - w->away : 0;
}

/* Check the clocks at NOW. Reading another process's CPU clock costs a system call, and it runs at
 * most as fast as wall time times the box's CPUs: it is not read before .cpu_due. */
static void time_limits(struct watch *w, uint64_t now)
{
    const struct plan_limit *l = w->box->plan->limits;
    uint64_t wall = watched(w, now), limit = l[LIMIT_CPU_TIME].effective, cpu, then, late;
    uint64_t age = now - w->box->started, most = l[LIMIT_WALL_TIME].effective;

    if (age < w->cpu_due && wall < most)
        return;
    cpu = watch_cpu(w->box);
    /* The CPU clock was read later than NOW. If both limits are reached by then, wall time was
     * first, unless CPU time is over by at least what the box can have used since. */
    then = wall + (box_now() - now);
    late = then < most ? 0 : then - most;
    if ((wall >= most && cpu < limit) ||
        (then >= most && cpu >= limit && cpu - limit < late * l[LIMIT_PROCESSES].effective))
        watch_limit(w, STATUS_WALL_TIME, LIMIT_WALL_TIME, "wall_ms",
                    (wall < most ? then : wall) / 1000000);
    else if (cpu >= limit)
        watch_limit(w, STATUS_CPU_TIME, LIMIT_CPU_TIME, "cpu_ms", cpu / 1000000);
    else
        w->cpu_due = age + (limit - cpu) / l[LIMIT_PROCESSES].effective;
}

uint64_t watch_left(const struct watch *w, uint64_t now)
{
    uint64_t wall = watched(w, now), due = w->box->plan->limits[LIMIT_WALL_TIME].effective;
    uint64_t age = now - w->box->started, left, cpu;

    /* No clock runs for a box that has ended and whose holder has yet to report how. */
    if (life_is_dead(w->state) || w->box->ending == BOX_ASKED)
        return UINT64_MAX;
    if (w->box->kill_failed)
        return box_stays(w->box) > now ? box_stays(w->box) - now : 0;
    if (watch_is_decided(w))
        return UINT64_MAX;
    left = w->waits ? UINT64_MAX : due > wall ? due - wall : 0;
    cpu = w->cpu_due > age ? w->cpu_due - age : 0;
    left = cpu < left ? cpu : left;
    if (w->wake && (w->wake < now || w->wake - now < left))
        left = w->wake < now ? 0 : w->wake - now;
    return left;
}

void watch_ask(const struct watch *w, int signals, struct pollfd *p)
{
    const struct caller *c = w->caller;
    bool room = caller_has_room(c), alive = w->box->pid != 0;
    /* Once it was asked how it ended, what else it says is read with that. */
    bool reads = room && !watch_is_decided(w) && !w->wire_eof && !watch_rests(w) &&
                 w->box->ending != BOX_ASKED;

    p[AT_WIRE] = (struct pollfd){
        .fd = reads || w->box->out.len ? w->box->wire : -1,
        .events = (short)((reads ? POLLIN : 0) | (w->box->out.len && alive ? POLLOUT : 0))};
    p[AT_PROCESS] = (struct pollfd){.fd = alive ? w->box->pidfd : -1, .events = POLLIN};
    p[AT_SIGNALS] = (struct pollfd){.fd = watch_is_decided(w) ? -1 : signals, .events = POLLIN};
    /* While the caller sends faster than the box reads, its input is left unread. */
    p[AT_INPUT] = (struct pollfd){.fd = !watch_is_decided(w) && alive && c->kind->listens(c) &&
                                                w->box->out.len < 65536
                                            ? c->in
                                            : -1,
                                  .events = POLLIN};
    p[AT_OUT] = (struct pollfd){.fd = sink_waiting(&c->out) ? c->out.fd : -1, .events = POLLOUT};
    p[AT_ERR] = (struct pollfd){.fd = sink_waiting(&c->err) ? c->err.fd : -1, .events = POLLOUT};
}

static void take_signal(struct watch *w, int signals)
{
    struct signalfd_siginfo info;

    if (watch_is_decided(w) || read(signals, &info, sizeof info) != sizeof info)
        return;
    w->report->signal = (int)info.ssi_signo;
    watch_decide(w, STATUS_CANCELLED, "stopped by signal %u (%s)", info.ssi_signo,
                 strsignal((int)info.ssi_signo));
}

static void check_output(struct watch *w)
{
    struct fault why;

    if (watch_is_decided(w) || caller_output(w->caller, &why) == 0)
        return;
    w->report->signal = why.status == STATUS_CANCELLED ? SIGPIPE : 0;
    watch_decide(w, why.status, "%s: %s", why.where, why.what);
}

/* Discard what the box no longer reads. */
static void watch_drop(struct watch *w)
{
    str_consume(&w->box->out, w->box->out.len);
    w->unread = w->unread || !watch_is_decided(w);
}

static void watch_serve(struct watch *w, const struct pollfd *p, int signals)
{
    if (p[AT_PROCESS].revents && w->box->holder)
        w->box->holder->hear(w->box);
    if (p[AT_OUT].revents)
        sink_flush(&w->caller->out);
    if (p[AT_ERR].revents)
        sink_flush(&w->caller->err);
    if (w->box->violated)
        verdict_of_syscall(w);
    if (p[AT_WIRE].revents & (POLLIN | POLLHUP) && !watch_is_decided(w))
        relay_box(w, false);
    if (p[AT_SIGNALS].revents)
        take_signal(w, signals);
    if (p[AT_INPUT].revents && !watch_is_decided(w))
        relay_caller(w);
    if (box_flush(w->box) < 0) /* its end is closed: it is dying, or refuses to read */
        watch_drop(w);
    sink_flush(&w->caller->out);
    sink_flush(&w->caller->err);
    check_output(w);
    if (w->held_back && !watch_is_decided(w))
        relay_box(w, false);
}

static void enforced(const struct plan *p, struct report *r)
{
    for (int i = 0; i < LIMIT__COUNT; i++) {
        r->enforced[i].asked = p->limits[i].asked;
        r->enforced[i].effective = p->limits[i].effective;
        snprintf(r->enforced[i].layer, sizeof r->enforced[i].layer, "%s",
                 layer_text(p->limits[i].layer));
    }
    for (int i = 0; i < RLIM__COUNT; i++)
        r->inherited[i] = p->inherited[i] ? p->rlimits[i].hard : LIMIT_NONE;
    r->unnamed = p->unnamed;
    r->absent = (p->landlock_abi ? 0u : ABSENT_LANDLOCK) |
                (p->no_time_namespace ? ABSENT_TIME_NAMESPACE : 0u);
    r->have_enforced = 1;
}

/* A run with pending events may have waited while this loop worked for others: give it that time
 * back, at most LEND times the limit. A silent run has not waited. */
static void lend(struct watch *w, const struct pollfd *p)
{
    uint64_t limit = w->box->plan->limits[LIMIT_WALL_TIME].effective, lent = w->offered;
    uint64_t most = limit > UINT64_MAX / LEND ? UINT64_MAX : limit * LEND;
    short spoke = 0;

    for (int i = 0; i < AT__COUNT; i++)
        spoke |= p[i].revents;
    w->offered = 0;
    if (!spoke)
        return;
    lent = lent > most - w->lent ? most - w->lent : lent;
    w->lent += lent;
    w->away += lent;
}

void watch_pass(struct watch *w, const struct pollfd *p, int signals, uint64_t now)
{
    w->now = now;
    if (w->offered)
        lend(w, p);
    watch_serve(w, p, signals);
    if (!watch_is_decided(w) && !life_is_dead(w->state))
        time_limits(w, now);
    if (w->wake && w->wake <= box_now())
        relay_wake(w);
    watch_end(w, p[AT_PROCESS].revents);
}

void watch_open(struct watch *w, struct box *box, struct caller *caller,
                const struct schema *result, const struct meter *work, struct report *r)
{
    *w = (struct watch){.box = box, .caller = caller, .result = result, .work = *work, .report = r};
    caller->turns = &w->turns;
    w->cpu_due =
        box->plan->limits[LIMIT_CPU_TIME].effective / box->plan->limits[LIMIT_PROCESSES].effective;
}

/* Whether a box that no longer reads has said why: one whose memory is too small for a line ends before
 * it has read it. */
static bool has_last_word(const struct box *box)
{
    char byte;

    return recv(box->wire, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

int watch_start(struct watch *w, const char *line, size_t n, struct fault *why)
{
    if (turns_start(&w->turns, line, n, why) < 0)
        return -1;
    if (box_start(w->box, line, n, why) < 0) {
        if (!has_last_word(w->box))
            return -1;
        watch_drop(w);
    }
    w->state = life_next(w->state, RUN_START);
    enforced(w->box->plan, w->report);
    return 0;
}

void watch_close(struct watch *w)
{
    turns_free(&w->turns);
    str_free(&w->exit_text);
}

void watch_run(struct watch *w, int signals)
{
    while (!watch_is_over(w)) {
        struct pollfd p[AT__COUNT];
        uint64_t left = watch_left(w, box_now());
        struct timespec wait = {.tv_sec = (time_t)(left / 1000000000u),
                                .tv_nsec = (long)(left % 1000000000u)};

        watch_ask(w, signals, p);
        if (ppoll(p, AT__COUNT, left == UINT64_MAX ? NULL : &wait, NULL) < 0 && errno != EINTR) {
            watch_decide(w, STATUS_SETUP, "poll: %s", strerror(errno));
            for (int i = 0; i < AT__COUNT; i++)
                p[i].revents = 0;
            p[AT_PROCESS].revents = POLLIN; /* killed: only its exit is left to wait for */
        }
        watch_pass(w, p, signals, box_now());
    }
    watch_close(w);
}
