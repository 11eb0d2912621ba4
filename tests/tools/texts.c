/* texts OUT N K COMMAND...: run COMMAND and change, in the Kth way, the result of its Nth read(2)
 * or pread(2) of a kernel text (a file in /proc or /sys), which another kernel, a foreign namespace
 * or a container may present differently. Reads of the program itself count, and of the processes
 * that it forks, not of those that it clones. OUT gets one line, tab-separated: the file ("-": there was no Nth), the way, the number
 * of ways, how the program ended. For tests, as root: by ptrace(2), so that the program needs no
 * hook for it. Exit status: the program's. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

#include "tests/processor.h"

#define PATIENCE_S 60
#define MOST       65536
#define TASKS      16

static void nothing(char *text, size_t *n, size_t room)
{
    (void)text;
    (void)room;
    *n = 0;
}

static void half(char *text, size_t *n, size_t room)
{
    (void)text;
    (void)room;
    *n /= 2;
}

static void replace_digits(char *text, size_t n, char by)
{
    for (size_t i = 0; i < n; i++)
        if (text[i] >= '0' && text[i] <= '9')
            text[i] = by;
}

static void nines(char *text, size_t *n, size_t room)
{
    (void)room;
    replace_digits(text, *n, '9');
}

static void zeros(char *text, size_t *n, size_t room)
{
    (void)room;
    replace_digits(text, *n, '0');
}

static void letters(char *text, size_t *n, size_t room)
{
    (void)room;
    replace_digits(text, *n, 'x');
}

static void minus(char *text, size_t *n, size_t room)
{
    (void)room;
    for (size_t i = 0; i < *n; i++)
        if (text[i] >= '0' && text[i] <= '9' && (i == 0 || text[i - 1] < '0' || text[i - 1] > '9'))
            text[i] = '-';
}

static void hole(char *text, size_t *n, size_t room)
{
    (void)room;
    if (*n)
        text[*n / 2] = '\0';
}

static void noise(char *text, size_t *n, size_t room)
{
    uint32_t seed = 1;

    (void)room;
    for (size_t i = 0; i < *n; i++) {
        seed = seed * 1664525u + 1013904223u;
        text[i] = (char)(seed >> 24);
    }
}

static void one_line(char *text, size_t *n, size_t room)
{
    (void)room;
    for (size_t i = 0; i < *n; i++)
        if (text[i] == '\n')
            text[i] = ' ';
}

static void endless(char *text, size_t *n, size_t room)
{
    memset(text, '1', room);
    *n = room;
}

static const struct {
    const char *name;
    void (*change)(char *text, size_t *n, size_t room);
} ways[] = {
    {"nothing", nothing},   {"half", half},       {"nines", nines}, {"zeros", zeros},
    {"letters", letters},   {"minus", minus},     {"hole", hole},   {"noise", noise},
    {"one line", one_line}, {"endless", endless},
};

#define WAYS (sizeof ways / sizeof *ways)

static struct task {
    pid_t pid;
    struct ptrace_syscall_info entry; /* of its last call */
} tasks[TASKS];

static char file[256] = "-";
static volatile sig_atomic_t late;

static void too_long(int signo)
{
    late = signo;
}

static void fail(const char *what)
{
    fprintf(stderr, "texts: %s: %s\n", what, strerror(errno));
    exit(126);
}

static bool is_kernels(pid_t pid, int fd)
{
    char link[64];
    ssize_t n;

    snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)pid, fd);
    n = readlink(link, file, sizeof file - 1);
    file[n > 0 ? n : 0] = '\0';
    return strncmp(file, "/proc/", 6) == 0 || strncmp(file, "/sys/", 5) == 0;
}

/* The call has returned LENGTH bytes into a buffer of ROOM bytes. */
static void change(pid_t pid, uint64_t at, size_t length, size_t room, size_t way)
{
    static char text[MOST];
    struct user_regs_struct r;
    struct iovec own = {text, length}, its = {(void *)(uintptr_t)at, length};

    if (process_vm_readv(pid, &own, 1, &its, 1, 0) != (ssize_t)length)
        fail("reading its memory");
    ways[way].change(text, &length, room < MOST ? room : MOST);
    own.iov_len = its.iov_len = length;
    if (length && process_vm_writev(pid, &own, 1, &its, 1, 0) != (ssize_t)length)
        fail("writing its memory");
    if (!registers_get(pid, &r))
        fail("reading registers");
    REG_RESULT(&r) = length;
    if (!registers_set(pid, &r))
        fail("setting registers");
}

static struct task *task_of(pid_t pid)
{
    for (size_t i = 0; i < TASKS; i++)
        if (tasks[i].pid == pid)
            return &tasks[i];
    return NULL;
}

/* PID has stopped for the first time. False: it was cloned, and is left alone. */
static bool is_ours(pid_t pid)
{
    struct user_regs_struct r = {0};
    struct task *t = task_of(0);

    if (registers_get(pid, &r) && REG_NUMBER(&r) == SYS_clone3) {
        ptrace(PTRACE_DETACH, pid, NULL, NULL);
        return false;
    }
    if (!t) {
        errno = EAGAIN;
        fail("too many processes");
    }
    t->pid = pid;
    return true;
}

/* At the entry or exit of a call, after the program's exec. True: the Nth, now changed. */
static bool at_call(pid_t pid, unsigned long n, size_t way)
{
    static unsigned long seen;
    struct task *t = task_of(pid);
    struct ptrace_syscall_info info = {0};

    if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof info, &info) < 0)
        return false;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        t->entry = info;
        return false;
    }
    if (t->entry.op != PTRACE_SYSCALL_INFO_ENTRY || info.exit.rval <= 0 || info.exit.rval > MOST ||
        (t->entry.entry.nr != SYS_read && t->entry.entry.nr != SYS_pread64) ||
        !is_kernels(pid, (int)t->entry.entry.args[0]) || ++seen != n)
        return false;
    change(pid, t->entry.entry.args[1], (size_t)info.exit.rval, (size_t)t->entry.entry.args[2],
           way);
    return true;
}

/* Until no process is left. Returns how the program LEADER has ended. */
static int trace(pid_t leader, unsigned long n, size_t way)
{
    bool started = false, done = false;
    int ended = 0;

    while (!late) {
        int signo = 0, status;
        pid_t pid = waitpid(-1, &status, __WALL);

        if (pid < 0 && errno == EINTR)
            continue;
        if (pid < 0)
            break;
        if (!WIFSTOPPED(status)) {
            if (task_of(pid))
                *task_of(pid) = (struct task){0};
            ended = pid == leader ? status : ended;
            continue;
        }
        if (!task_of(pid) && !is_ours(pid))
            continue;
        if (WSTOPSIG(status) == (SIGTRAP | 0x80))
            done = done || (started && at_call(pid, n, way));
        else if (status >> 16 == PTRACE_EVENT_EXEC)
            started = true;
        else if (status >> 16 == 0)
            signo = WSTOPSIG(status);
        ptrace(done ? PTRACE_CONT : PTRACE_SYSCALL, pid, NULL, (void *)(intptr_t)signo);
    }
    if (!done)
        strcpy(file, "-");
    return ended;
}

static pid_t start(char **argv)
{
    int gate[2];
    char go;
    pid_t pid;

    if (pipe(gate) < 0 || (pid = fork()) < 0)
        fail("fork");
    if (pid == 0) {
        close(gate[1]);
        if (read(gate[0], &go, 1) == 1 && close(gate[0]) == 0)
            execv(argv[0], argv);
        fail(argv[0]);
    }
    if (ptrace(PTRACE_SEIZE, pid, NULL,
               (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEEXEC |
                        PTRACE_O_EXITKILL)) < 0 ||
        write(gate[1], "g", 1) != 1)
        fail("seizing the program");
    close(gate[0]);
    close(gate[1]);
    tasks[0].pid = pid;
    return pid;
}

int main(int argc, char **argv)
{
    struct sigaction alarmed = {.sa_handler = too_long};
    size_t way = argc > 4 ? strtoul(argv[3], NULL, 10) : WAYS;
    int status;
    pid_t pid;
    FILE *out;

    if (way >= WAYS) {
        fprintf(stderr, "usage: texts OUT N K COMMAND...\n");
        return 126;
    }
    pid = start(argv + 4);
    sigaction(SIGALRM, &alarmed, NULL);
    alarm(PATIENCE_S);
    status = trace(pid, strtoul(argv[2], NULL, 10), way);
    if (late)
        kill(pid, SIGKILL);
    out = fopen(argv[1], "we");
    if (!out)
        fail(argv[1]);
    fprintf(out, "%s\t%s\t%zu\t", file, ways[way].name, WAYS);
    if (late)
        fprintf(out, "hang\n");
    else
        fprintf(out, WIFEXITED(status) ? "exit %d\n" : "signal %d\n",
                WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    fclose(out);
    return late ? 137 : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
