/* ptrace(2) of one box. Trusts nothing read from it; writes only to the process it was given. */
#include "tests/escape/steer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_S   4 /* a forbidden call is answered by a kill in about 100 us */
#define SYSCALL_TRAP (SIGTRAP | 0x80)

static const unsigned char own_entry[] = SYSCALL_BYTES;

_Noreturn void steer_fail(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

#ifdef __x86_64__
bool steer_has_int80(void)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        long result, getpid_of_i386 = 20;

        __asm__ volatile("int $0x80" : "=a"(result) : "a"(getpid_of_i386) : "memory");
        _exit(result > 0 ? 0 : 1);
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        steer_fail("trying int 0x80");
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
#else
bool steer_has_int80(void)
{
    return false;
}
#endif

static void nothing(int signo)
{
    (void)signo;
}

/* Without SA_RESTART: alarm(2) must interrupt waitpid(2). */
static void set_alarm(void)
{
    struct sigaction action = {.sa_handler = nothing};

    sigaction(SIGALRM, &action, NULL);
}

static void interrupt(struct steered *s)
{
    int status;

    if (ptrace(PTRACE_INTERRUPT, s->pid, NULL, NULL) < 0 || waitpid(s->pid, &status, __WALL) < 0 ||
        !WIFSTOPPED(status) || !registers_get(s->pid, &s->old))
        steer_fail("stopping the box");
}

/* Whether it is interrupted in read(2), where it waits after "ready". Any other interrupted call
 * might be made twice when it is reissued. */
static bool waits(struct steered *s)
{
    unsigned char there[sizeof own_entry];

    return registers_wait(&s->old, SYS_read, &s->instruction) &&
           steer_get(s, s->instruction, there, sizeof there) &&
           memcmp(there, own_entry, sizeof there) == 0;
}

void steer_stop(struct steered *s, pid_t pid)
{
    char path[32];

    set_alarm();
    *s = (struct steered){.pid = pid};
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    s->mem = open(path, O_RDWR | O_CLOEXEC);
    if (s->mem < 0)
        steer_fail(path);
    if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)PTRACE_O_TRACESYSGOOD) < 0)
        steer_fail("seizing the box");
    for (interrupt(s); !waits(s); interrupt(s)) {
        ptrace(PTRACE_CONT, pid, NULL, NULL);
        usleep(200);
    }
    s->top = REG_STACK(&s->old) - RED_ZONE;
}

uint64_t steer_put(struct steered *s, const void *bytes, size_t n)
{
    s->top = (s->top - n) & ~15ull;
    if (pwrite(s->mem, bytes, n, (off_t)s->top) != (ssize_t)n)
        steer_fail("writing into the box");
    return s->top;
}

bool steer_get(const struct steered *s, uint64_t at, void *bytes, size_t n)
{
    return pread(s->mem, bytes, n, (off_t)at) == (ssize_t)n;
}

static enum outcome death(int status, int64_t *value)
{
    *value = WIFEXITED(status)    ? WEXITSTATUS(status)
             : WIFSTOPPED(status) ? WSTOPSIG(status)
                                  : WTERMSIG(status);
    return WIFEXITED(status) ? EXITED : *value == SIGKILL ? KILLED : CRASHED;
}

static bool is_fault(int signo)
{
    return signo == SIGSEGV || signo == SIGBUS || signo == SIGILL || signo == SIGFPE ||
           signo == SIGTRAP || signo == SIGSYS;
}

/* As waitpid(2), but interrupts a call of the box that blocks too long. */
static void wait_for(const struct steered *s, int *status)
{
    alarm(PATIENCE_S);
    while (waitpid(s->pid, status, __WALL) < 0) {
        if (errno != EINTR)
            steer_fail("waiting for the box");
        ptrace(PTRACE_INTERRUPT, s->pid, NULL, NULL);
    }
    alarm(0);
}

/* Let it run to the next entry or exit of a system call, delivering signals on the way. At a fault,
 * detach: while it is traced, the init of a pid namespace does not die of one (kernel/signal.c,
 * force_sig_info_to_task()), but repeats it for ever. */
static bool next_stop(const struct steered *s, int *status)
{
    for (long signo = 0;; signo = WSTOPSIG(*status)) {
        bool fault = is_fault((int)signo);

        if (ptrace(fault ? PTRACE_DETACH : PTRACE_SYSCALL, s->pid, NULL, (void *)signo) < 0 &&
            errno != ESRCH)
            steer_fail("letting the box run");
        if (fault)
            return false;
        wait_for(s, status);
        if (!WIFSTOPPED(*status))
            return false;
        if (WSTOPSIG(*status) == SYSCALL_TRAP || *status >> 16 == PTRACE_EVENT_STOP)
            return true;
    }
}

#ifdef __x86_64__
#define VSYSCALL 0xffffffffff600000ull

static const unsigned char instructions[][2] = {
    [ENTRY_SYSCALL] = SYSCALL_BYTES,
    [ENTRY_INT80] = {0xcd, 0x80},
    [ENTRY_SYSENTER] = {0x0f, 0x34},
    [ENTRY_VSYSCALL] = SYSCALL_BYTES, /* where it returns to */
};

/* Its text is a private mapping: this writes to the box's own copy. */
static void write_text(const struct steered *s, enum entry entry)
{
    if (pwrite(s->mem, instructions[entry], 2, (off_t)s->instruction) != 2)
        steer_fail("writing into the box's text");
}

/* i386 passes arguments in other registers: the kernel's arch/x86/entry/entry_64_compat.S. */
static unsigned long long *argument(struct user_regs_struct *r, enum entry entry, size_t i)
{
    unsigned long long *const i386[] = {&r->rbx, &r->rcx, &r->rdx, &r->rsi, &r->rdi, &r->rbp};

    return entry == ENTRY_INT80 || entry == ENTRY_SYSENTER ? i386[i] : registers_argument(r, i);
}

/* The page has three entry points, each called like a function. */
static void enter_vsyscall(struct steered *s, struct user_regs_struct *r)
{
    static const int calls[] = {SYS_gettimeofday, SYS_time, SYS_getcpu};

    r->rsp = steer_put(s, &s->instruction, sizeof s->instruction);
    for (uint64_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        if ((uint64_t)calls[i] == r->rax)
            r->rip = VSYSCALL + i * 0x400;
}

static void enter(struct steered *s, enum entry entry, struct user_regs_struct *r)
{
    if (entry == ENTRY_VSYSCALL)
        enter_vsyscall(s, r);
    if (entry != ENTRY_SYSCALL)
        write_text(s, entry);
}

static void leave(const struct steered *s, enum entry entry)
{
    if (entry != ENTRY_SYSCALL)
        write_text(s, ENTRY_SYSCALL);
}
#else
static unsigned long long *argument(struct user_regs_struct *r, enum entry entry, size_t i)
{
    return entry == ENTRY_SYSCALL ? registers_argument(r, i) : NULL;
}

static void enter(struct steered *s, enum entry entry, struct user_regs_struct *r)
{
    (void)s, (void)entry, (void)r;
}

static void leave(const struct steered *s, enum entry entry)
{
    (void)s, (void)entry;
}
#endif

enum outcome steer_call(struct steered *s, enum entry entry, uint64_t number,
                        const uint64_t args[6], int64_t *value)
{
    struct user_regs_struct r = s->old;
    int status;

    registers_call(&r, s->instruction, number);
    for (size_t i = 0; i < 6; i++)
        *argument(&r, entry, i) = args[i];
    enter(s, entry, &r);
    if (!registers_set(s->pid, &r))
        steer_fail("setting the box's registers");
    if (!next_stop(s, &status) || !next_stop(s, &status))
        return death(status, value);
    leave(s, entry);
    if (!registers_get(s->pid, &r))
        steer_fail("reading the box's registers");
    *value = (int64_t)REG_RESULT(&r);
    return CAME_BACK;
}

/* Reissue the interrupted read(2), as the kernel would have done. */
void steer_release(struct steered *s)
{
    registers_resume(&s->old);
    if (!registers_set(s->pid, &s->old) || ptrace(PTRACE_DETACH, s->pid, NULL, NULL) < 0)
        steer_fail("letting the box go");
    steer_forget(s);
}

void steer_forget(struct steered *s)
{
    if (s->pid)
        close(s->mem);
    *s = (struct steered){.mem = -1};
}
