/* The poll loop: wire, process, listener, caller, signals, clocks. One thread, no callbacks; every
 * pass takes what is there, then looks at the clocks. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/monitor/watch.h"

enum { AT_WIRE, AT_PROCESS, AT_LISTENER, AT_SIGNALS, AT_INPUT, AT_OUT, AT_ERR, AT__COUNT };

/* Nanoseconds of CPU since the gate; a clock that cannot be read shows none, and RLIMIT_CPU stays. */
static uint64_t cpu_used(const struct box *box)
{
    uint64_t cpu = box_cpu(box);

    return cpu > box->cpu_at_start ? cpu - box->cpu_at_start : 0;
}

/* What the clocks say at NOW. The CPU clock of another process costs a system call, and cannot run faster
 * than the wall's times the CPUs that the box may use at once: until .cpu_due it need not be asked. */
static void time_limits(struct watch *w, uint64_t now)
{
    const struct plan_limit *l = w->box->plan->limits;
    uint64_t wall = now - w->box->started, limit = l[LIMIT_CPU_TIME].effective, cpu;

    if (wall >= l[LIMIT_WALL_TIME].effective) {
        watch_limit(w, STATUS_WALL_TIME, LIMIT_WALL_TIME, "wall_ms", wall / 1000000);
        return;
    }
    if (wall < w->cpu_due)
        return;
    cpu = cpu_used(w->box);
    if (cpu >= limit)
        watch_limit(w, STATUS_CPU_TIME, LIMIT_CPU_TIME, "cpu_ms", cpu / 1000000);
    else
        w->cpu_due = wall + (limit - cpu) / l[LIMIT_PROCESSES].effective;
}

/* From NOW to when a clock may have run out. */
static struct timespec next_clock(const struct watch *w, uint64_t now)
{
    uint64_t wall = now - w->box->started, due = w->box->plan->limits[LIMIT_WALL_TIME].effective;
    uint64_t left;

    due = due < w->cpu_due ? due : w->cpu_due;
    left = due > wall ? due - wall : 0;
    if (w->wake && (w->wake < now || w->wake - now < left))
        left = w->wake < now ? 0 : w->wake - now;
    return (struct timespec){.tv_sec = (time_t)(left / 1000000000u),
                             .tv_nsec = (long)(left % 1000000000u)};
}

static void poll_set(const struct watch *w, int signals, struct pollfd *p)
{
    const struct caller *c = w->caller;
    bool room = caller_has_room(c), alive = w->box->pid != 0;
    bool reads = room && !w->decided && !w->wire_eof;

    p[AT_WIRE] = (struct pollfd){
        .fd = reads || w->box->out.len ? w->box->wire : -1,
        .events = (short)((reads ? POLLIN : 0) | (w->box->out.len && alive ? POLLOUT : 0))};
    p[AT_PROCESS] = (struct pollfd){.fd = alive ? w->box->pidfd : -1, .events = POLLIN};
    p[AT_LISTENER] =
        (struct pollfd){.fd = alive && !w->decided ? w->box->listener : -1, .events = POLLIN};
    p[AT_SIGNALS] = (struct pollfd){.fd = w->decided ? -1 : signals, .events = POLLIN};
    /* A caller that sends faster than the box reads waits, as a box does for a slow reader. */
    p[AT_INPUT] = (struct pollfd){
        .fd = !w->decided && c->kind->listens(c) && w->box->out.len < 65536 ? c->in : -1,
        .events = POLLIN};
    p[AT_OUT] = (struct pollfd){.fd = sink_waiting(&c->out) ? c->out.fd : -1, .events = POLLOUT};
    p[AT_ERR] = (struct pollfd){.fd = sink_waiting(&c->err) ? c->err.fd : -1, .events = POLLOUT};
}

static void take_signal(struct watch *w, int signals)
{
    struct signalfd_siginfo info;

    if (w->decided || read(signals, &info, sizeof info) != sizeof info)
        return;
    w->report->signal = (int)info.ssi_signo;
    watch_decide(w, STATUS_CANCELLED, "stopped by signal %u (%s)", info.ssi_signo,
                 strsignal((int)info.ssi_signo));
}

static void check_output(struct watch *w)
{
    struct fault why;

    if (w->decided || caller_output(w->caller, &why) == 0)
        return;
    w->report->signal = why.status == STATUS_CANCELLED ? SIGPIPE : 0;
    watch_decide(w, why.status, "%s: %s", why.where, why.what);
}

/* What the dead box left in the wire, however slow the reader: nobody else's wire is kept waiting. An
 * empty wire is the end, also where it shows no end of file. */
static void take_last_lines(struct watch *w, int signals)
{
    relay_box(w, true);
    while (w->held_back && !w->decided) {
        if (caller_drain(w->caller, signals, -1) < 0)
            take_signal(w, signals);
        check_output(w);
        relay_box(w, true);
    }
}

/* The box has ended: its times and counters, while its groups still stand. */
static void reap(struct watch *w, int signals)
{
    struct rusage used = {0};
    struct group_usage group;
    int status = 0, code, value;

    if (wait4(w->box->pid, &status, __WALL, &used) < 0)
        return;
    w->report->wall_ns = box_now() - w->box->started;
    w->box->pid = 0;
    w->report->cpu_user_ns =
        (uint64_t)used.ru_utime.tv_sec * 1000000000u + (uint64_t)used.ru_utime.tv_usec * 1000u;
    w->report->cpu_system_ns =
        (uint64_t)used.ru_stime.tv_sec * 1000000000u + (uint64_t)used.ru_stime.tv_usec * 1000u;
    group_usage(&w->box->group, &group);
    w->report->memory_peak = group.memory_peak;
    w->report->have_waited = group.waited_cpu != GROUP_UNLIMITED;
    w->report->waited_cpu = group.waited_cpu;
    w->report->waited_memory = group.waited_memory;
    w->report->waited_io = group.waited_io;
    /* What it said before it died counts before how it died: the last lines are still in the wire.
     */
    code = WIFEXITED(status) ? CLD_EXITED : CLD_KILLED;
    value = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
    take_last_lines(w, signals);
    verdict_of_death(w, code, value);
}

static void pass(struct watch *w, const struct pollfd *p, int signals)
{
    if (p[AT_OUT].revents)
        sink_flush(&w->caller->out);
    if (p[AT_ERR].revents)
        sink_flush(&w->caller->err);
    if (p[AT_LISTENER].revents & POLLIN)
        verdict_of_syscall(w);
    else if (p[AT_LISTENER].revents) /* POLLHUP: no task is left behind the filter */
        close(steal_fd(&w->box->listener));
    if (p[AT_WIRE].revents & (POLLIN | POLLHUP) && !w->decided)
        relay_box(w, false);
    if (p[AT_SIGNALS].revents)
        take_signal(w, signals);
    if (p[AT_INPUT].revents && !w->decided)
        relay_caller(w);
    if (box_flush(w->box) < 0)
        str_consume(&w->box->out,
                    w->box->out.len); /* its end is closed: it is dying, or refuses to read */
    sink_flush(&w->caller->out);
    sink_flush(&w->caller->err);
    check_output(w);
    if (w->held_back && !w->decided)
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
    r->have_enforced = 1;
}

void box_watch(struct box *box, struct caller *caller, const struct schema *result, int signals,
               struct report *r)
{
    struct watch w = {.box = box, .caller = caller, .result = result, .report = r};

    enforced(box->plan, r);
    time_limits(&w, box_now());
    while (box->pid) {
        struct pollfd p[AT__COUNT];
        uint64_t now = box_now();
        struct timespec left = next_clock(&w, now);

        poll_set(&w, signals, p);
        if (ppoll(p, AT__COUNT, w.decided ? NULL : &left, NULL) < 0 && errno != EINTR) {
            watch_decide(&w, STATUS_SETUP, "poll: %s", strerror(errno));
            continue;
        }
        pass(&w, p, signals);
        if (!w.decided)
            time_limits(&w, box_now());
        if (w.wake && w.wake <= box_now())
            relay_wake(&w);
        if (p[AT_PROCESS].revents)
            reap(&w, signals);
    }
    str_free(&w.exit_text);
}
