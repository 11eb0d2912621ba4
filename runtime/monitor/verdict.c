/* The verdict: one cause for each run, with the counter that decided it. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/monitor/watch.h"
#include "runtime/monitor/where.h"
#include "runtime/plan/filter.h"
#include "schemas/setup.h"

void watch_decide(struct watch *w, enum status status, const char *fmt, ...)
{
    bool lives = !life_is_dead(w->state);
    struct report *r = w->report;
    va_list ap;

    if (watch_is_decided(w))
        return;
    w->state = life_next(w->state, RUN_DECIDE);
    w->unread = false;
    r->status = status;
    va_start(ap, fmt);
    vsnprintf(r->message, sizeof r->message, fmt, ap);
    va_end(ap);
    if (lives)
        box_kill(w->box);
}

void verdict_of_syscall(struct watch *w)
{
    struct report *r = w->report;
    char where[SETUP_WHERE + 64];

    box_violation(w->box);
    if (!w->box->violated)
        return;
    filter_name(w->box->call.arch, w->box->call.nr, r->syscall, sizeof r->syscall);
    where_said(w->box, where, sizeof where);
    watch_decide(w, STATUS_SYSCALL, "forbidden system call: %s%s", r->syscall, where);
}

/* How to change limit L. Unless RLIM__COUNT, resource limit HELD took its place. */
static void add_cure(char *out, size_t size, const struct plan *p, enum limit l, enum rlim held)
{
    static const struct {
        const char *option, *name;
    } texts[RLIM__COUNT] = {
        [RLIM_CPU] = {"-t", "cpu"}, [RLIM_AS] = {"-v", "as"}, [RLIM_DATA] = {"-d", "data"}};

    if (held == RLIM__COUNT)
        snprintf(out, size, "%s; -l %s=... changes it", limit_info[l].text, limit_info[l].text);
    else if (p->inherited[held])
        snprintf(out, size,
                 "the \"ulimit %s\" that runbox was started with: -l %s=... cannot raise it",
                 texts[held].option, limit_info[l].text);
    else
        snprintf(out, size, "/rlimits/%s of manifest.json: -l %s=... cannot raise it",
                 texts[held].name, limit_info[l].text);
}

/* The resource limit, of the manifest or inherited by runbox, that takes the place of limit L;
 * RLIM__COUNT: none. The RLIMIT_CPU that runbox itself sets is above the limit. */
static enum rlim held_by(const struct plan *p, enum limit l)
{
    if (l == LIMIT_CPU_TIME && p->limits[l].effective == p->rlimits[RLIM_CPU].hard * 1000000000u)
        return RLIM_CPU;
    return l == LIMIT_MEMORY ? p->arena_by : RLIM__COUNT;
}

void watch_limit(struct watch *w, enum status status, enum limit limit, const char *counter,
                 uint64_t counted)
{
    static const char *const whats[LIMIT__COUNT] = {
        [LIMIT_MEMORY] = "memory limit: ",
        [LIMIT_CPU_TIME] = "time limit: CPU time ",
        [LIMIT_WALL_TIME] = "time limit: wall time ",
        [LIMIT_INSTRUCTIONS] = "instruction limit: ",
        [LIMIT_OUTPUT] = "output limit: ",
        [LIMIT_ARTIFACTS] = "artifact limit: ",
    };
    const struct plan *p = w->box->plan;
    enum rlim held = held_by(p, limit);
    char text[32], cure[160];

    if (watch_is_decided(w))
        return;
    snprintf(w->report->counter, sizeof w->report->counter, "%s", counter);
    w->report->counted = counted;
    limit_print(limit, held == RLIM_AS || held == RLIM_DATA ? p->arena : p->limits[limit].effective,
                text, sizeof text);
    add_cure(cure, sizeof cure, p, limit, held);
    watch_decide(w, status, "%s%s (%s)", whats[limit], text, cure);
}

/* Add where the stack was deep: endless recursion ends here if Lua has no room for its own
 * error. */
static void full_arena(struct watch *w, const char *text)
{
    struct report *r = w->report;
    char deep[DEEP_WORD];
    size_t n;

    if (watch_is_decided(w))
        return;
    watch_limit(w, STATUS_MEMORY, LIMIT_MEMORY, "arena", w->box->plan->arena);
    where_deep(w->box, text, deep, sizeof deep);
    n = strlen(r->message);
    snprintf(r->message + n, sizeof r->message - n, "%s", deep);
}

static void own_verdict(struct watch *w)
{
    const char *text = w->exit_text.data ? w->exit_text.data : "";

    if (w->exit_kind == EVENT_EXIT_OK)
        watch_decide(w, STATUS_OK, "%s", "");
    else if (w->exit_kind == EVENT_EXIT_ERR)
        watch_decide(w, STATUS_ERROR, "%s", text);
    else if (w->exit_limit_memory)
        full_arena(w, text);
    else
        watch_limit(w, STATUS_INSTRUCTIONS, LIMIT_INSTRUCTIONS, "instructions",
                    w->box->plan->limits[LIMIT_INSTRUCTIONS].effective);
}

/* Killed because a group around runbox, or the host, was out of memory: not the run's fault;
 * another attempt may succeed. */
static void outer_oom(struct watch *w, const struct oom *o)
{
    struct report *r = w->report;
    char own[32], where[OOM_PLACE];

    if (watch_is_decided(w))
        return;
    limit_print(LIMIT_MEMORY, w->box->plan->limits[LIMIT_MEMORY].effective, own, sizeof own);
    oom_place(o, where);
    snprintf(r->counter, sizeof r->counter, "outer_oom_kill");
    r->counted = o->kills;
    watch_decide(
        w, STATUS_SETUP,
        "the box was killed because %s was out of memory; its own limit of %s was not reached",
        where, own);
}

/* Whether RLIMIT_CPU was hit: the kernel counts it in ticks, and these came up to it. */
static bool struck_by_ticks(const struct watch *w)
{
    const uint64_t tick = 10000000; /* the longest, CONFIG_HZ=100 */
    uint64_t hard = w->box->plan->rlimits[RLIM_CPU].hard;

    hard = hard ? hard : 1; /* as the kernel reads 0 */
    return hard < UINT64_MAX / 1000000000 && w->death_ticks + tick >= hard * 1000000000;
}

/* A filter has killed it: its own, which has no listener, or one around runbox. */
static void unnamed_syscall(struct watch *w)
{
    const char *cause = unnamed_cause(w->box->plan->unnamed);

    snprintf(w->report->syscall, sizeof w->report->syscall, "unknown");
    watch_decide(w, STATUS_SYSCALL, "forbidden system call: which one is not known: %s",
                 cause ? cause : "a seccomp filter around runbox killed the box");
}

static void by_signal(struct watch *w, int signo)
{
    struct oom oom;
    bool limits = signo == SIGKILL || signo == SIGXCPU;
    enum oom_whose whose = signo == SIGKILL ? box_oom(w->box, &oom) : OOM_NONE;

    if (whose == OOM_OWN) {
        watch_limit(w, STATUS_MEMORY, LIMIT_MEMORY, "oom_kill", oom.kills);
    } else if (whose == OOM_OUTER) {
        outer_oom(w, &oom);
    } else if (limits && w->death_cpu >= w->box->plan->limits[LIMIT_CPU_TIME].effective) {
        watch_limit(w, STATUS_CPU_TIME, LIMIT_CPU_TIME, "cpu_ms", w->death_cpu / 1000000);
    } else if (limits && struck_by_ticks(w)) {
        watch_limit(w, STATUS_CPU_TIME, LIMIT_CPU_TIME, "cpu_ticks_ms", w->death_ticks / 1000000);
    } else {
        w->report->signal = signo;
        watch_decide(w, STATUS_SIGNAL, "the box died of signal %d (%s)", signo, strsignal(signo));
    }
}

void verdict_of_death(struct watch *w, int code, int status)
{
    if (watch_is_decided(w))
        return;
    /* Whatever it said before: where there is no listener, only its death shows the call. */
    if (code == CLD_KILLED && status == SIGSYS)
        unnamed_syscall(w);
    else if (w->state == RUN_DEAD_EXITED)
        own_verdict(w);
    else if (code == CLD_DUMPED)
        watch_decide(w, STATUS_SETUP, "%s",
                     w->box->ending == BOX_ORPHANED ? "the broker of the box has ended"
                     : w->box->maker == MAKER_WARM
                         ? "the template that the box was forked from has died"
                         : "how the box ended is not known: its broker cannot tell");
    else if (code == CLD_EXITED)
        watch_decide(w, STATUS_PROTOCOL,
                     "the box broke the protocol: it ended with status %d without "
                     "saying how",
                     status);
    else
        by_signal(w, status);
}
