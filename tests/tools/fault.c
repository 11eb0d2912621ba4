/* fault OUT ROLE N K COMMAND...: run COMMAND and make the Nth system call of ROLE fail with the Kth
 * of the errors that are plausible for it, without executing it; if N is a call's name, every call
 * of that name, with ENOSYS, or EPERM if K is not 0. ROLE is "monitor" (the program itself),
 * "child" (its first child by clone3(2), until the exec), "other" (a later child by clone3(2), as a
 * template's), "second" (the first by fork(2)), "third", "fourth" (later ones, in turn) or "box" (after
 * the exec). OUT gets one line, tab-separated: role, n, call ("-": there was no Nth; "sure": it
 * cannot fail), its object, error, number of errors of the call, how the program ended. For tests,
 * as root: by ptrace(2), so that no program needs a hook for it. Exit status: the program's. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

#include "tests/processor.h"
#include "tests/tools/fault/calls.h"

#ifndef PTRACE_SYSEMU
#define PTRACE_SYSEMU 31
#endif

#define PATIENCE_S \
    60 /* a run waits for anything for at most ten seconds, but the machine may be busy */
#define TASKS 16

enum role { MONITOR, CHILD, OTHER, SECOND, THIRD, FOURTH, BOX };
static const char *const roles[] = {"monitor", "child",  "other", "second",
                                    "third",   "fourth", "box"};

struct task {
    pid_t pid;
    enum role role;
    bool inside; /* in a system call that the kernel executes */
    bool again;  /* about to reissue a call that was skipped */
};

static struct fault_run {
    enum role role;
    unsigned long n, k, seen;
    const char *every; /* name of the call that always fails, or NULL */
    pid_t leader;
    struct task tasks[TASKS];
    size_t count;
    int status;
    unsigned children, forks; /* by clone3(2), by fork(2) */
    bool started;             /* the program has been exec'd */
    bool ended, hit;
    char line[512];
} run;

static void fail(const char *what)
{
    fprintf(stderr, "fault: %s: %s\n", what, strerror(errno));
    exit(126);
}

/* STOPPED is the parent, in the call that creates it, or the new process: equal registers. */
static enum role role_made(pid_t stopped)
{
    struct user_regs_struct regs = {0};

    registers_get(stopped, &regs);
    if (REG_NUMBER(&regs) == SYS_clone3)
        return run.children++ == 0 ? CHILD : OTHER;
    /* Behind its front, the broker of a fleet forks two for a bundle, and two more in place of those. */
    return run.forks++ == 0 ? SECOND : run.forks % 2 == 0 ? THIRD : FOURTH;
}

static struct task *task_of(pid_t pid, pid_t stopped)
{
    for (size_t i = 0; i < run.count; i++)
        if (run.tasks[i].pid == pid)
            return &run.tasks[i];
    if (run.count == TASKS)
        fail("too many processes");
    run.tasks[run.count] = (struct task){.pid = pid, .role = role_made(stopped)};
    return &run.tasks[run.count++];
}

static void forget(pid_t pid)
{
    for (size_t i = 0; i < run.count; i++)
        if (run.tasks[i].pid == pid)
            run.tasks[i] = run.tasks[--run.count];
}

/* Read or set the registers of PID, which is stopped. False: it was killed (ptrace(2), ESRCH). */
static bool registers(bool (*how)(pid_t pid, struct user_regs_struct *r), pid_t pid,
                      struct user_regs_struct *r)
{
    if (how(pid, r))
        return true;
    if (errno != ESRCH)
        fail("the registers");
    return false;
}

/* PTRACE_SYSEMU has skipped a call that is to be executed: go back to the instruction. */
static void issue_again(struct task *t)
{
    struct user_regs_struct r;

    if (registers(registers_get, t->pid, &r)) {
        registers_redo(&r);
        registers(registers_set, t->pid, &r);
    }
    t->inside = false;
    t->again = true;
}

/* Make the call at whose entry PID is stopped fail: set its number to -1, so that the kernel
 * executes none, and its result. After PTRACE_SYSEMU no filter sees the call either. */
static void make_fail(pid_t pid, const struct fault_call *c, const struct ptrace_syscall_info *info,
                      int error)
{
    struct user_regs_struct r;
    char object[256];

    if (!registers(registers_get, pid, &r))
        return;
    fault_object(pid, c, (const uint64_t *)info->entry.args, object, sizeof object);
    if (!run.hit)
        snprintf(run.line, sizeof run.line, "%s\t%lu\t%s\t%s\t%s\t%zu", roles[run.role], run.seen,
                 c->name, object, strerrorname_np(error), fault_errors(c));
    run.hit = true;
    registers_return(&r, -error);
    registers(registers_set, pid, &r);
}

/* Whether the next call of T is to fail, or may be. */
static bool is_next(const struct task *t)
{
    return run.started && !t->inside && !t->again && (run.every || run.seen + 1 == run.n);
}

/* At the entry or exit of a system call. */
static void at_call(struct task *t)
{
    struct ptrace_syscall_info info = {0};
    const struct fault_call *c;
    int error;

    if (!run.started || t->role != run.role ||
        ptrace(PTRACE_GET_SYSCALL_INFO, t->pid, (void *)sizeof info, &info) < 0)
        return;
    t->inside = info.op == PTRACE_SYSCALL_INFO_ENTRY;
    if (!t->inside)
        return;
    if (t->again) {
        t->again = false;
        return;
    }
    c = fault_call((int)info.entry.nr);
    run.seen++;
    if (run.every ? strcmp(run.every, c->name) != 0 : run.seen != run.n) {
        if (run.every)
            issue_again(t);
        return;
    }
    t->inside = false;
    error = run.every ? run.k ? EPERM : ENOSYS
                      : fault_error(c, (const uint64_t *)info.entry.args, run.k);
    if (error)
        make_fail(t->pid, c, &info, error);
    else
        issue_again(t);
}

static void at_exec(struct task *t)
{
    if (t->pid != run.leader)
        t->role = BOX;
    run.started = true;
}

/* Handle the stop that STATUS reports. Returns the signal to resume with. */
static int at_stop(pid_t pid, int status)
{
    struct task *t = task_of(pid, pid);
    int event = status >> 16;
    unsigned long born = 0;

    if (WSTOPSIG(status) == (SIGTRAP | 0x80))
        at_call(t);
    else if (event == PTRACE_EVENT_EXEC)
        at_exec(t);
    else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK)
        ptrace(PTRACE_GETEVENTMSG, pid, NULL, &born);
    else if (event == 0)
        return WSTOPSIG(status);
    if (born) /* now: a child that is killed immediately reports no stop */
        task_of((pid_t)born, pid);
    return 0;
}

static void go_on(pid_t pid, int signo)
{
    struct task *t = task_of(pid, pid);
    bool done = run.hit && !run.every;
    int how = done || t->role != run.role ? PTRACE_CONT
              : is_next(t)                ? PTRACE_SYSEMU
                                          : PTRACE_SYSCALL;

    ptrace((enum __ptrace_request)how, pid, NULL, (void *)(intptr_t)signo);
}

static volatile sig_atomic_t late;

static void too_long(int signo)
{
    late = signo;
}

/* Until no process is left. One that outlives the program is awaited, and shows as "left". */
static bool trace(void)
{
    while (!late) { /* checked at each stop: a looping program makes many */
        int status;
        pid_t pid = waitpid(-1, &status, __WALL);

        if (pid < 0)
            return errno == ECHILD;
        if (WIFSTOPPED(status)) {
            go_on(pid, at_stop(pid, status));
            continue;
        }
        forget(pid);
        if (pid == run.leader) {
            run.ended = true;
            run.status = status;
        }
    }
    return false;
}

static pid_t start(char **argv)
{
    int gate[2];
    char go;
    pid_t pid;

    if (pipe2(gate, O_CLOEXEC) < 0 || (pid = fork()) < 0)
        fail("fork");
    if (pid == 0) {
        if (read(gate[0], &go, 1) == 1)
            execv(argv[0], argv);
        fail(argv[0]);
    }
    if (ptrace(PTRACE_SEIZE, pid, NULL,
               (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                        PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)) < 0 ||
        write(gate[1], "g", 1) != 1)
        fail("seizing the program");
    close(gate[0]);
    close(gate[1]);
    run.tasks[run.count++] = (struct task){.pid = pid, .role = MONITOR};
    return pid;
}

static void tell(const char *path, bool in_time)
{
    FILE *out = fopen(path, "we");

    if (!out)
        fail(path);
    if (!run.hit)
        snprintf(run.line, sizeof run.line, "%s\t%lu\t%s\t-\t-\t0", roles[run.role], run.seen,
                 run.n && run.seen >= run.n ? "sure" : "-");
    fprintf(out, "%s\t", run.line);
    if (!in_time)
        fprintf(out, "%s\n", run.ended ? "left" : "hang");
    else if (WIFEXITED(run.status))
        fprintf(out, "exit %d\n", WEXITSTATUS(run.status));
    else
        fprintf(out, "signal %d\n", WTERMSIG(run.status));
    fclose(out);
}

int main(int argc, char **argv)
{
    struct sigaction alarmed = {.sa_handler = too_long};
    bool in_time;
    char *end;

    if (argc < 6) {
        fprintf(
            stderr,
            "usage: fault OUT monitor|child|other|second|third|fourth|box N|CALL K COMMAND...\n");
        return 126;
    }
    while (run.role < BOX && strcmp(argv[2], roles[run.role]) != 0)
        run.role++;
    run.n = strtoul(argv[3], &end, 10);
    run.every = *end ? argv[3] : NULL;
    run.k = strtoul(argv[4], NULL, 10);
    run.leader = start(argv + 5);
    sigaction(SIGALRM, &alarmed, NULL);
    alarm(PATIENCE_S);
    in_time = trace();
    for (size_t i = 0; !in_time && i < run.count; i++)
        kill(run.tasks[i].pid, SIGKILL);
    alarm(0);
    tell(argv[1], in_time);
    return WIFEXITED(run.status) ? WEXITSTATUS(run.status) : 128 + WTERMSIG(run.status);
}
