/* One cause for each run, with the counter that decided it. */
#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "runtime/monitor/watch.h"
#include "runtime/monitor/where.h"
#include "runtime/plan/filter.h"
#include "schemas/setup.h"

void watch_decide(struct watch *w, enum status status, const char *fmt, ...)
{
    struct report *r = w->report;
    va_list ap;

    if (w->decided)
        return;
    w->decided = true;
    r->status = status;
    va_start(ap, fmt);
    vsnprintf(r->message, sizeof r->message, fmt, ap);
    va_end(ap);
    if (!w->left)
        box_kill(w->box);
}

void verdict_of_syscall(struct watch *w)
{
    struct seccomp_notif said;
    struct report *r = w->report;
    char where[SETUP_WHERE + 64];

    /* Read, never answered but by the kill: nothing is decided from the box's memory, of which one text is told as
     * it says. A call whose thread died in between is gone from the queue: ENOENT. That of a template's child was
     * read by template_violation(). */
    memset(&said, 0, sizeof said);
    if (!w->box->violated && ioctl(w->box->listener, SECCOMP_IOCTL_NOTIF_RECV, &said) == 0) {
        w->box->violated = true;
        w->box->call = said.data;
    }
    if (!w->box->violated)
        return;
    filter_name(w->box->call.arch, w->box->call.nr, r->syscall, sizeof r->syscall);
    where_said(w->box, where, sizeof where);
    watch_decide(w, STATUS_SYSCALL, "forbidden system call: %s%s", r->syscall, where);
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
    };
    char text[32];

    if (w->decided)
        return;
    snprintf(w->report->counter, sizeof w->report->counter, "%s", counter);
    w->report->counted = counted;
    limit_print(limit, w->box->plan->limits[limit].effective, text, sizeof text);
    watch_decide(w, status, "%s%s (%s; -l %s=... changes it)", whats[limit], text,
                 limit_info[limit].text, limit_info[limit].text);
}

static void own_word(struct watch *w)
{
    const char *text = w->exit_text.data ? w->exit_text.data : "";

    if (w->exit_kind == EVENT_EXIT_OK)
        watch_decide(w, STATUS_OK, "%s", "");
    else if (w->exit_kind == EVENT_EXIT_ERR)
        watch_decide(w, STATUS_ERROR, "%s", text);
    else if (w->exit_limit_memory)
        watch_limit(w, STATUS_MEMORY, LIMIT_MEMORY, "arena", w->box->plan->arena);
    else
        watch_limit(w, STATUS_INSTRUCTIONS, LIMIT_INSTRUCTIONS, "instructions",
                    w->box->plan->limits[LIMIT_INSTRUCTIONS].effective);
}

static void by_signal(struct watch *w, int signo)
{
    uint64_t cpu = w->report->cpu_user_ns + w->report->cpu_system_ns;
    uint64_t oom_kills = signo == SIGKILL ? group_oom_kills(&w->box->group) : 0;

    if (oom_kills) {
        watch_limit(w, STATUS_MEMORY, LIMIT_MEMORY, "oom_kill", oom_kills);
    } else if ((signo == SIGKILL || signo == SIGXCPU) &&
               cpu >= w->box->plan->limits[LIMIT_CPU_TIME].effective) {
        watch_limit(w, STATUS_CPU_TIME, LIMIT_CPU_TIME, "cpu_ms", cpu / 1000000);
    } else {
        w->report->signal = signo;
        watch_decide(w, STATUS_SIGNAL, "the box died of signal %d (%s)", signo, strsignal(signo));
    }
}

void verdict_of_death(struct watch *w, int code, int status)
{
    if (w->decided)
        return;
    if (w->has_exit)
        own_word(w);
    else if (code == CLD_DUMPED)
        watch_decide(w, STATUS_SETUP, "the template that the box was forked from has died");
    else if (code == CLD_EXITED)
        watch_decide(w, STATUS_PROTOCOL,
                     "the box broke the protocol: it ended with status %d without "
                     "saying how",
                     status);
    else
        by_signal(w, status);
}
