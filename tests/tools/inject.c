/* inject PID CALL [ARGUMENT]...: make a live process issue one system call, as a hostile script
 * that has taken it over would. For tests, as root: stop the process with ptrace(2) wherever it is,
 * point it at an instruction of its own text that makes one, print what the call returned, and let it
 * continue where it was. Exit status 0: the call returned; 3: the process died of it; 1: this tool
 * failed. An argument is a number, or bytes whose address is passed: '@' and a text ("\n" in it is
 * a newline), or '%' and hexadecimal digits.
 * inject PID pour FILE [TIMES]: write(2) FILE (at most 64 KiB) TIMES times to descriptor 0, the
 * wire; print how many bytes were written. */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
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

#include "tests/processor.h"

#define DIED     3
#define POUR_MAX 65536 /* of the 128 KiB of every new stack */

static void fail(const char *what)
{
    fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
    exit(1);
}

static unsigned long long number(const char *text)
{
    char *end;
    unsigned long long n = strtoull(text, &end, 0);

    if (end == text || *end) {
        errno = EINVAL;
        fail(text);
    }
    return n;
}

static unsigned long long call_number(const char *name)
{
    int nr = seccomp_syscall_resolve_name(name);

    if (nr == __NR_SCMP_ERROR)
        return number(name);
    if (nr < 0) {
        errno = ENOSYS;
        fail(name);
    }
    return (unsigned long long)nr;
}

/* The address of an instruction that makes a system call in the bytes of MEM from START to END, or 0. */
static uint64_t search(int mem, uint64_t start, uint64_t end)
{
    static const unsigned char call[] = SYSCALL_BYTES;
    char *text = malloc(end - start);
    ssize_t n = text ? pread(mem, text, end - start, (off_t)start) : -1;
    uint64_t found = 0;

    for (ssize_t i = 0; !found && i + (ssize_t)sizeof call <= n; i += SYSCALL_ALIGN)
        if (memcmp(text + i, call, sizeof call) == 0)
            found = start + (uint64_t)i;
    free(text);
    return found;
}

static uint64_t find_instruction(pid_t pid, int mem)
{
    char path[64], line[512], mode[5];
    uint64_t start, end, found = 0;
    FILE *maps;

    snprintf(path, sizeof path, "/proc/%d/maps", pid);
    maps = fopen(path, "re");
    if (!maps)
        fail(path);
    while (!found && fgets(line, sizeof line, maps))
        if (sscanf(line, "%lx-%lx %4s", &start, &end, mode) == 3 && mode[2] == 'x' &&
            !strstr(line, "[v")) /* neither vdso nor vsyscall */
            found = search(mem, start, end);
    fclose(maps);
    if (!found) {
        errno = ENOEXEC;
        fail("no syscall instruction");
    }
    return found;
}

/* Decode ARGUMENT into OUT (at least as long). Returns the number of bytes. */
static size_t decode(const char *argument, char *out)
{
    const char *at = argument + 1;
    size_t n = 0;

    for (unsigned byte; *argument == '%' && sscanf(at, "%2x", &byte) == 1; at += 2)
        out[n++] = (char)byte;
    for (; *argument == '@' && *at; at++) {
        bool newline = at[0] == '\\' && at[1] == 'n';

        out[n++] = newline ? '\n' : *at;
        at += newline;
    }
    out[n++] = '\0';
    return n;
}

/* Store the bytes of ARGUMENT below *TOP, which moves down. Returns their address. */
static uint64_t place(int mem, const char *argument, uint64_t *top)
{
    char *bytes = malloc(strlen(argument) + 1);
    size_t n = bytes ? decode(argument, bytes) : 0;

    *top = (*top - n) & ~15ull;
    if (!bytes || pwrite(mem, bytes, n, (off_t)*top) != (ssize_t)n)
        fail("writing the text");
    free(bytes);
    return *top;
}

static void set_arguments(struct user_regs_struct *r, int mem, int argc, char **argv)
{
    uint64_t top = REG_STACK(r) - RED_ZONE;

    for (int i = 0; i < 6; i++)
        *registers_argument(r, (size_t)i) = i >= argc                  ? 0
                                            : strchr("@%", argv[i][0]) ? place(mem, argv[i], &top)
                                                                       : number(argv[i]);
}

/* Let PID run to the next entry or exit of a system call. */
static void next_stop(pid_t pid)
{
    int status;

    if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) < 0 || waitpid(pid, &status, __WALL) < 0)
        exit(DIED);
    if (!WIFSTOPPED(status))
        exit(DIED);
}

/* A filter's SECCOMP_RET_KILL_PROCESS stops at the call's exit first: the signal is delivered after that. */
static bool is_killed_by_filter(pid_t pid)
{
    struct __ptrace_peeksiginfo_args first = {.nr = 1};
    siginfo_t info = {0};

    return ptrace(PTRACE_PEEKSIGINFO, pid, &first, &info) == 1 && info.si_signo == SIGSYS;
}

static void stop(pid_t pid)
{
    int status;

    if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)PTRACE_O_TRACESYSGOOD) < 0 ||
        ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0 || waitpid(pid, &status, __WALL) < 0)
        fail("stopping the process");
}

/* Reissue a system call that was interrupted, as the kernel would have done. */
static void resume(pid_t pid, struct user_regs_struct *old)
{
    registers_resume(old);
    if (!registers_set(pid, old) || ptrace(PTRACE_DETACH, pid, NULL, NULL) < 0)
        exit(DIED);
}

/* A stopped process, and the state to restore. */
struct target {
    pid_t pid;
    int mem;
    struct user_regs_struct old;
    uint64_t instruction;
};

static struct target take(pid_t pid)
{
    struct target t = {.pid = pid};
    char path[64];

    stop(pid);
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    t.mem = open(path, O_RDWR | O_CLOEXEC);
    if (t.mem < 0 || !registers_get(pid, &t.old))
        fail(path);
    t.instruction = find_instruction(pid, t.mem);
    return t;
}

/* Issue system call NR with the arguments in CALL. Returns its result. */
static long long issue(const struct target *t, unsigned long long nr, struct user_regs_struct *call)
{
    registers_call(call, t->instruction, nr);
    if (!registers_set(t->pid, call))
        fail("setting the registers");
    next_stop(t->pid);
    next_stop(t->pid);
    if (is_killed_by_filter(t->pid))
        exit(DIED);
    if (!registers_get(t->pid, call))
        exit(DIED);
    return (long long)REG_RESULT(call);
}

static long long pour(const struct target *t, const char *path, unsigned long long times)
{
    static char bytes[POUR_MAX];
    FILE *file = fopen(path, "re");
    size_t n = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    uint64_t at = (REG_STACK(&t->old) - RED_ZONE - n) & ~15ull;
    long long sent = 0;

    if (n == 0 || fclose(file) != 0 || pwrite(t->mem, bytes, n, (off_t)at) != (ssize_t)n)
        fail(path);
    for (long long all = (long long)(times * n), wrote; sent < all; sent += wrote) {
        struct user_regs_struct call = t->old;
        size_t begin = (size_t)sent % n;

        *registers_argument(&call, 0) = 0;
        *registers_argument(&call, 1) = at + begin;
        *registers_argument(&call, 2) = n - begin;
        wrote = issue(t, SYS_write, &call);
        if (wrote <= 0)
            return wrote;
    }
    return sent;
}

int main(int argc, char **argv)
{
    struct user_regs_struct call;
    struct target t;
    long long got;

    if (argc < 3 || argc > 9) {
        fprintf(stderr, "usage: inject PID CALL [ARGUMENT]...\n");
        return 1;
    }
    t = take((pid_t)number(argv[1]));
    call = t.old;
    if (strcmp(argv[2], "pour") == 0 && argc > 3) {
        got = pour(&t, argv[3], argc > 4 ? number(argv[4]) : 1);
    } else {
        set_arguments(&call, t.mem, argc - 3, argv + 3);
        got = issue(&t, call_number(argv[2]), &call);
    }
    printf("%lld\n", got);
    resume(t.pid, &t.old);
    return 0;
}
