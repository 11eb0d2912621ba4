/* The end of a run: what it used, and how it ended. A run is over once its process is reaped or,
 * for a short run in a template's box, once the box has sent its Exit. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "runtime/monitor/watch.h"

uint64_t watch_cpu(const struct box *box)
{
    struct box_clock c;

    box_clock(box, &c);
    return c.cpu > box->cpu_at_start ? c.cpu - box->cpu_at_start : 0;
}

/* What the box sent before it died takes precedence over how it died: its last lines are still in
 * the wire, and wait there while the caller reads slowly. An empty wire is the end, even without an
 * end of file. */
static void end_finish(struct watch *w)
{
    bool unread;

    if (w->box->violated) /* reported by its holder, perhaps along with its exit */
        verdict_of_syscall(w);
    relay_box(w, true);
    if (watch_is_over(w) || w->held_back)
        return;
    unread = (w->unread || w->box->out.len) && w->state != RUN_DEAD_EXITED;
    verdict_of_death(w, w->death_code, w->death_status);
    w->unread = unread;
}

static uint64_t nanoseconds(struct timeval t)
{
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_usec * 1000u;
}

/* Of its group, if that counts it. Else of its process: then HOW much was resident of it, in KiB. */
static void account_peak(struct watch *w, uint64_t counted, long maxrss)
{
    struct report *r = w->report;

    r->memory_peak = counted ? counted : (uint64_t)maxrss << 10;
    if (counted)
        r->memory_peak_source =
            w->box->plan->home[CONTROLLER_MEMORY] == HIERARCHY_V2 ? PEAK_CGROUP2 : PEAK_CGROUP1;
    else
        r->memory_peak_source = maxrss > 0 ? PEAK_PROCESS : PEAK_UNKNOWN;
}

/* Record its times and counters while its groups still exist. HOW: it died, or is detached. */
static void account(struct watch *w, enum run_event how, uint64_t user_ns, uint64_t system_ns)
{
    struct group_usage group;

    w->report->wall_ns = box_now() - w->box->started;
    w->report->cpu_user_ns = user_ns;
    w->report->cpu_system_ns = system_ns;
    box_usage(w->box, &group);
    account_peak(w, group.memory_peak, w->box->used.ru_maxrss);
    w->report->have_waited = group.waited_cpu != GROUP_UNLIMITED;
    w->report->waited_cpu = group.waited_cpu;
    w->report->waited_memory = group.waited_memory;
    w->report->waited_io = group.waited_io;
    w->state = life_next(w->state, how);
    if (watch_is_over(w))
        w->unread = false;
}

/* The last values of its CPU clocks, which vanish when its parent reaps the process. */
static void read_clocks(struct watch *w)
{
    struct box_clock c;

    if (w->death_ticks)
        return;
    box_clock(w->box, &c);
    w->death_cpu = c.cpu > w->box->cpu_at_start ? c.cpu - w->box->cpu_at_start : 0;
    w->death_ticks = c.ticks;
}

static void end_reap(struct watch *w)
{
    struct rusage used = {0};
    uint64_t system;
    int status = 0;

    read_clocks(w);
    if (box_reap(w->box, &status, &used) < 0) {
        if (errno == EINTR)
            return;
        watch_decide(w, STATUS_SETUP, "wait4: %s", strerror(errno));
        w->box->pid = 0; /* killed, but not a child that can be waited for */
    }
    /* Counted from the start line, as cpu_time is. The kernel splits user and system time only for
     * the whole life of the process. */
    if (w->death_cpu) {
        system = nanoseconds(used.ru_stime);
        system = system < w->death_cpu ? system : w->death_cpu;
        account(w, RUN_DIE, w->death_cpu - system, system);
    } else {
        account(w, RUN_DIE, nanoseconds(used.ru_utime), nanoseconds(used.ru_stime));
    }
    w->death_code = status == BOX_LOST ? CLD_DUMPED : WIFEXITED(status) ? CLD_EXITED : CLD_KILLED;
    w->death_status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
}

/* Once a template's box has sent its Exit, only exiting is left, which takes longer than many
 * scripts: its holder may let it exit in the background (broker/pool.c), and the run is over then.
 * All CPU time counts as user time, as getrusage(2) reports it for a process that no tick has
 * hit. */
static void end_detach(struct watch *w)
{
    uint64_t age = box_now() - w->box->started, cpu;

    if (!life_may(w->state, RUN_DETACH) || w->box->maker != MAKER_WARM || w->held_back)
        return;
    if (w->box->ending < BOX_ASKED) {
        w->box->ending = BOX_ASKED;
        w->box->holder->exit(w->box);
    }
    if (!box_is_gone(w->box) || !w->box->end.detached)
        return;
    cpu = watch_cpu(w->box);
    w->box->pid = 0;
    account(w, RUN_DETACH, cpu < age ? cpu : age, 0);
    verdict_of_death(w, 0, 0);
}

/* The kernel refused to kill the box, and it still runs: report that, whatever the verdict. */
static void let_go(struct watch *w)
{
    struct report *r = w->report;
    uint64_t cpu = watch_cpu(w->box);

    r->status = STATUS_SETUP;
    snprintf(r->message, sizeof r->message, "process %d could not be killed, and may run on: %s",
             w->box->pid, strerror(w->box->kill_errno));
    if (!watch_is_decided(w))
        w->state = life_next(w->state, RUN_DECIDE);
    w->box->pid = 0;
    account(w, RUN_DIE, cpu, 0);
}

void watch_end(struct watch *w, bool exited)
{
    end_detach(w);
    if (!life_is_dead(w->state) && (w->box->holder ? box_is_gone(w->box) : exited))
        end_reap(w);
    if (!life_is_dead(w->state) && w->box->kill_failed && box_now() >= box_stays(w->box))
        let_go(w);
    if (life_is_dead(w->state) && !watch_is_over(w))
        end_finish(w);
}
