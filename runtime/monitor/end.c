/* The end of a run: what it used, and how it ended. It is over once its process is reaped, or, of a template's box that
 * took no time, once that has said so. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "runtime/monitor/template.h"
#include "runtime/monitor/watch.h"

#define TICK 4000000ull /* ns: of most kernels (CONFIG_HZ=250) */

/* Nanoseconds of CPU since the gate; a clock that cannot be read shows none, and RLIMIT_CPU stays. */
uint64_t watch_cpu(const struct box *box)
{
    uint64_t cpu = box_cpu(box);

    return cpu > box->cpu_at_start ? cpu - box->cpu_at_start : 0;
}

/* What it said before it died counts before how it died: the last lines are still in the wire, and wait
 * there for a slow reader as they did before. An empty wire is the end, also where it shows no end of
 * file. */
static void finish(struct watch *w)
{
    relay_box(w, true);
    if (w->held_back && !w->decided)
        return;
    verdict_of_death(w, w->death_code, w->death_status);
    w->over = true;
}

static uint64_t nanoseconds(struct timeval t)
{
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_usec * 1000u;
}

/* Its times and counters, while its groups still stand. */
static void account(struct watch *w, uint64_t user_ns, uint64_t system_ns)
{
    struct group_usage group;

    w->report->wall_ns = box_now() - w->box->started;
    w->report->cpu_user_ns = user_ns;
    w->report->cpu_system_ns = system_ns;
    group_usage(&w->box->group, &group);
    w->report->memory_peak = group.memory_peak;
    w->report->have_waited = group.waited_cpu != GROUP_UNLIMITED;
    w->report->waited_cpu = group.waited_cpu;
    w->report->waited_memory = group.waited_memory;
    w->report->waited_io = group.waited_io;
    w->dead = true;
}

/* The box has ended. */
static void reap(struct watch *w)
{
    struct rusage used = {0};
    int status = 0;

    if (box_reap(w->box, &status, &used) < 0) {
        if (errno == EINTR || w->box->template)
            return;
        watch_decide(w, STATUS_SETUP, "wait4: %s", strerror(errno));
        w->box->pid = 0; /* killed, and nobody's to wait for */
    }
    account(w, nanoseconds(used.ru_utime), nanoseconds(used.ru_stime));
    w->death_code = status == BOX_LOST ? CLD_DUMPED : WIFEXITED(status) ? CLD_EXITED : CLD_KILLED;
    w->death_status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
}

/* A template's box that has said its Exit and stays is killed. */
static void await_exit(struct watch *w, uint64_t now)
{
    if (!w->exit_due)
        w->exit_due = now + BOX_LEAVE;
    if (now < w->exit_due)
        return;
    box_kill(w->box);
    w->exit_due = UINT64_MAX;
}

/* A template's box that has said its Exit has nothing left to do but to exit, which takes longer than many a
 * script: the run is over here. Its CPU time is taken to be all the time that there was: the kernel brings the clock of
 * another process up to date when that one waits or a tick comes, and parts it into user and system time at ticks
 * alone. So a run that may have seen one waits for the end, which tells. */
static void leave(struct watch *w)
{
    uint64_t now = box_now();

    if (!w->has_exit || !w->box->forked || w->box->asked || w->decided || w->dead || w->held_back)
        return;
    if (now - w->box->started >= TICK) {
        await_exit(w, now);
        return;
    }
    account(w, now - w->box->started, 0);
    w->left = true;
    verdict_of_death(w, 0, 0);
    w->over = true;
}

/* Whether the box has ended, so that it can be reaped: of a template's box it is the template that must be asked. */
static bool has_ended(struct watch *w, bool exited)
{
    struct fault why;

    if (!w->box->forked)
        return exited;
    if (exited && w->box->template && template_ask(w->box, &why) < 0)
        watch_decide(w, why.status, "%s: %s", why.where, why.what);
    return w->box->gone;
}

void watch_end(struct watch *w, bool exited)
{
    leave(w);
    if (!w->dead && has_ended(w, exited))
        reap(w);
    if (w->dead && !w->over)
        finish(w);
}
