/* A live box steered from outside, as code that runs in it would steer itself: system calls of its process,
 * and its memory. Needs root (ptrace of a process that is not dumpable); a tool's failure ends the tool. */
#ifndef ESCAPE_STEER_H
#define ESCAPE_STEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/processor.h"

/* The ways into the kernel: the processor's own; on x86-64 also two instructions of i386's, and the page of old
 * programs at 0xffffffffff600000, which the kernel emulates call by call (Documentation: vsyscall=). */
enum entry { ENTRY_SYSCALL, ENTRY_INT80, ENTRY_SYSENTER, ENTRY_VSYSCALL };

/* What became of the process: the call returned, or it is dead: it ended itself, was killed (SIGKILL), or
 * died of another signal. */
enum outcome { CAME_BACK, EXITED, KILLED, CRASHED };

struct steered {
    pid_t pid;
    int mem;
    uint64_t instruction; /* of its own text, makes a system call */
    uint64_t top;         /* of the free stack below what it uses: steer_put() takes from here */
    struct user_regs_struct old;
};

/* Whether int 0x80 is a system call here at all: not on other processors; where the kernel was told otherwise (ia32_emulation=), or a hypervisor
 * runs it outside of the processor's ring 0, the instruction is a fault, and no call is made. */
bool steer_has_int80(void);

/* Stop PID, which comes to wait for a line, or does already. */
void steer_stop(struct steered *s, pid_t pid);

/* N bytes into its memory; where. What was put stays until it goes on. */
uint64_t steer_put(struct steered *s, const void *bytes, size_t n);

/* N bytes of its memory at AT. */
bool steer_get(const struct steered *s, uint64_t at, void *bytes, size_t n);

/* One system call. *VALUE: what it returned, or the signal or exit status that ended the process. A call that
 * waits for more than a few seconds is interrupted, and has come back. */
enum outcome steer_call(struct steered *s, enum entry entry, uint64_t number,
                        const uint64_t args[6], int64_t *value);

/* Let it go on where it was, as if nothing had happened. */
void steer_release(struct steered *s);

/* After a process has died, or never lived: forget it. */
void steer_forget(struct steered *s);

/* "WHAT: error", and the tool ends with status 1. */
_Noreturn void steer_fail(const char *what);

#endif
