/* touched [--arguments] PROGRAM FUNCTIONS [PROGRAM FUNCTIONS] -- COMMAND [ARGUMENT]...
 * List the functions that a command and all its processes run, in the order of first entry: for the
 * linker (tests/bench/order.py). FUNCTIONS is a file of their addresses in PROGRAM: hexadecimal,
 * ascending, one per line. Each gets a breakpoint, which is removed when hit, and which a fork gets
 * again. Descriptor 3 gets "PROGRAM exec|fork ADDRESS"; fork: the process was forked by one that was running PROGRAM. With
 * --arguments a breakpoint stays, and each hit prints a line with the function's first two
 * arguments in decimal; processes that exec another program are detached. As root. Source:
 * ptrace(2), proc_pid_mem(5). */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/processor.h"

#define OPTIONS                                                                            \
    (PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | \
     PTRACE_O_EXITKILL)
#define MOST 8192 /* functions per program; processes */

static const unsigned char trap[] = TRAP_BYTES;

struct program {
    const char *path;
    struct stat st;
    uint64_t at[MOST];
    unsigned char was[MOST][sizeof trap];
    bool seen[2][MOST];
    size_t count;
};

struct process {
    pid_t pid;
    struct program *program; /* NULL: another one */
    uint64_t base;
    bool forked;
    bool armed;   /* a fork: it has the breakpoints that its parent had hit */
    bool known;   /* from its parent's event, which may arrive after its own first stop */
    bool waiting; /* ... for that event */
};

static struct program programs[2];
static size_t program_count;
static bool arguments;
static struct process processes[MOST];
static size_t process_count;
static FILE *out;

static void fail(const char *what)
{
    fprintf(stderr, "touched: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void read_functions(const char *path, const char *list)
{
    struct program *p = &programs[program_count++];
    FILE *f = fopen(list, "r");
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    p->path = path;
    if (!f || fd < 0 || fstat(fd, &p->st) < 0)
        fail(path);
    while (p->count < MOST && fscanf(f, "%lx", &p->at[p->count]) == 1)
        p->count++;
    fclose(f);
    close(fd);
}

static struct process *find(pid_t pid)
{
    for (size_t i = process_count; i > 0; i--)
        if (processes[i - 1].pid == pid)
            return &processes[i - 1];
    if (process_count == MOST)
        fail("more processes than this tool counts");
    processes[process_count] = (struct process){.pid = pid};
    return &processes[process_count++];
}

static int open_proc(pid_t pid, const char *name, int flags)
{
    char path[64];
    int fd;

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    fd = open(path, flags | O_CLOEXEC);
    if (fd < 0)
        fail(path);
    return fd;
}

/* Where P is mapped in PID: the mapping of the start of its file, which need not be the first. */
static uint64_t base_of(pid_t pid, const struct program *p)
{
    FILE *f = fdopen(open_proc(pid, "maps", O_RDONLY), "r");
    unsigned long base = 0, offset = 1, inode = 0;
    char line[PATH_MAX + 128];

    while (f && (inode != p->st.st_ino || offset != 0) && fgets(line, sizeof line, f))
        if (sscanf(line, "%lx-%*x %*s %lx %*s %lu", &base, &offset, &inode) != 3)
            inode = 0;
    if (!f || inode != p->st.st_ino || offset != 0)
        fail("reading its mappings");
    fclose(f);
    return base;
}

/* Set the breakpoints of P's program that no process of its kind has hit. */
static void arm(struct process *p)
{
    const bool *seen = p->program->seen[p->forked];
    int mem = open_proc(p->pid, "mem", O_RDWR);

    for (size_t i = 0; i < p->program->count; i++) {
        off_t at = (off_t)(p->base + p->program->at[i]);

        if (!seen[i] && pwrite(mem, trap, sizeof trap, at) != sizeof trap)
            fail("setting a breakpoint");
    }
    close(mem);
    p->armed = true;
}

/* P has exec'd a program: if it is one of ours, set its breakpoints. */
static void begin(struct process *p)
{
    struct stat st;
    char path[64];
    int mem;

    snprintf(path, sizeof path, "/proc/%d/exe", (int)p->pid);
    p->program = NULL;
    p->forked = false;
    if (stat(path, &st) < 0)
        fail(path);
    for (size_t i = 0; i < program_count; i++)
        if (programs[i].st.st_ino == st.st_ino && programs[i].st.st_dev == st.st_dev)
            p->program = &programs[i];
    if (!p->program)
        return;
    p->base = base_of(p->pid, p->program);
    mem = open_proc(p->pid, "mem", O_RDONLY);
    for (size_t i = 0; i < p->program->count; i++)
        if (pread(mem, p->program->was[i], sizeof trap, (off_t)(p->base + p->program->at[i])) !=
            sizeof trap)
            fail("reading where a breakpoint will be");
    close(mem);
    arm(p);
}

/* Execute the instruction at AT, and set its breakpoint again. */
static void step_over(const struct process *p, uint64_t at)
{
    int status, mem;

    if (ptrace(PTRACE_SINGLESTEP, p->pid, NULL, 0) < 0 ||
        waitpid(p->pid, &status, __WALL) != p->pid || !WIFSTOPPED(status))
        fail("stepping over a breakpoint");
    mem = open_proc(p->pid, "mem", O_RDWR);
    if (pwrite(mem, trap, sizeof trap, (off_t)at) != sizeof trap)
        fail("setting a breakpoint again");
    close(mem);
}

/* Whether P hit one of our breakpoints, which is then removed, and the function printed. */
static bool met(struct process *p)
{
    struct user_regs_struct regs;
    size_t i = 0;
    int mem;

    if (!p->program)
        return false;
    if (!registers_get(p->pid, &regs))
        fail("reading registers");
    while (i < p->program->count && p->base + p->program->at[i] != REG_AT(&regs) - TRAP_PAST)
        i++;
    if (i == p->program->count)
        return false;
    mem = open_proc(p->pid, "mem", O_RDWR);
    REG_AT(&regs) -= TRAP_PAST;
    if (pwrite(mem, p->program->was[i], sizeof trap, (off_t)REG_AT(&regs)) != sizeof trap ||
        !registers_set(p->pid, &regs))
        fail("removing a breakpoint");
    close(mem);
    if (arguments) {
        fprintf(out, "%llu %llu\n", *registers_argument(&regs, 0), *registers_argument(&regs, 1));
        fflush(out);
        step_over(p, REG_AT(&regs));
        return true;
    }
    if (!p->program->seen[p->forked][i])
        fprintf(out, "%s %s %lx\n", p->program->path, p->forked ? "fork" : "exec",
                p->program->at[i]);
    p->program->seen[p->forked][i] = true;
    return true;
}

static void learn(struct process *child, const struct process *parent)
{
    bool waiting = child->waiting;

    *child = (struct process){.pid = child->pid,
                              .program = parent->program,
                              .base = parent->base,
                              .forked = true,
                              .armed = !parent->program || arguments,
                              .known = true};
    if (!waiting)
        return;
    if (!child->armed)
        arm(child);
    ptrace(PTRACE_CONT, child->pid, NULL, 0);
}

/* Returns the signal to resume with; -1: it stays stopped. */
static int stopped(struct process *p, int status)
{
    int event = status >> 16, sig = WSTOPSIG(status);
    unsigned long child;

    switch (event) {
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE:
        if (ptrace(PTRACE_GETEVENTMSG, p->pid, NULL, &child) < 0)
            fail("asking for a child");
        learn(find((pid_t)child), p);
        return 0;
    case PTRACE_EVENT_EXEC:
        begin(p);
        if (!arguments || p->program)
            return 0;
        ptrace(PTRACE_DETACH, p->pid, NULL, 0);
        return -1;
    default:
        break;
    }
    if (!p->known) {
        p->waiting = true;
        return -1;
    }
    if (p->forked && !p->armed)
        arm(p);
    if (sig == SIGTRAP && met(p))
        return 0;
    return sig == SIGSTOP || sig == SIGTRAP ? 0 : sig;
}

int main(int argc, char **argv)
{
    int at = 1 + (argc > 1 && strcmp(argv[1], "--arguments") == 0), status, result = 1;
    pid_t first, pid;

    out = fdopen(3, "w");
    arguments = at > 1;
    for (; at + 1 < argc && strcmp(argv[at], "--") != 0; at += 2)
        if (program_count < sizeof programs / sizeof programs[0])
            read_functions(argv[at], argv[at + 1]);
    if (!out || at + 1 >= argc) {
        fprintf(stderr,
                "usage: touched [--arguments] PROGRAM FUNCTIONS [PROGRAM FUNCTIONS] -- COMMAND "
                "[ARGUMENT]... 3>FILE\n");
        return 2;
    }
    first = fork();
    if (first == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        fclose(out);
        execvp(argv[at + 1], argv + at + 1);
        _exit(127);
    }
    if (waitpid(first, &status, 0) != first || ptrace(PTRACE_SETOPTIONS, first, NULL, OPTIONS) < 0)
        fail("tracing");
    find(first)->known = true;
    ptrace(PTRACE_CONT, first, NULL, 0);
    while ((pid = waitpid(-1, &status, __WALL)) > 0) {
        if (WIFSTOPPED(status)) {
            int sig = stopped(find(pid), status);

            if (sig >= 0)
                ptrace(PTRACE_CONT, pid, NULL, sig);
        } else if (pid == first) {
            result = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
        }
    }
    return fclose(out) == 0 ? result : 1;
}
