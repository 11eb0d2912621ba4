/* What names a processor, for tests: its registers as ptrace(2) shows them, the instruction that makes a
 * system call, and the audit architectures that a filter must refuse. Shares nothing with runtime/arch. */
#ifndef TESTS_PROCESSOR_H
#define TESTS_PROCESSOR_H

#include <elf.h>
#include <linux/audit.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/user.h>

#define X32_BIT 0x40000000

/* Calls that are not the processor's own: by architecture, or by a bit of the number. */
struct foreign {
    uint32_t arch;
    int bit;
};

#if defined __x86_64__

#define NATIVE_ARCH   AUDIT_ARCH_X86_64
#define FOREIGN_ARCHS {{AUDIT_ARCH_X86_64, X32_BIT}, {AUDIT_ARCH_I386, 0}, {AUDIT_ARCH_AARCH64, 0}}
#define FOREIGN_NAMES "x32, i386 and arm64"
#define POLL_NAME     "poll" /* of the call behind poll(3) */

#define SYSCALL_BYTES {0x0f, 0x05}
#define SYSCALL_ALIGN 1
#define TRAP_BYTES    {0xcc} /* int3 */
#define TRAP_PAST     1      /* bytes past its start, where it stops */
#define RED_ZONE      128    /* bytes below the stack that are in use */

#define REG_AT(r)     ((r)->rip)
#define REG_STACK(r)  ((r)->rsp)
#define REG_RESULT(r) ((r)->rax)
#define REG_NUMBER(r) ((r)->orig_rax)

static inline unsigned long long *registers_argument(struct user_regs_struct *r, size_t i)
{
    unsigned long long *const all[] = {&r->rdi, &r->rsi, &r->rdx, &r->r10, &r->r8, &r->r9};

    return all[i];
}

/* Make system call NUMBER with the instruction at AT. */
static inline void registers_call(struct user_regs_struct *r, uint64_t at, uint64_t number)
{
    r->rip = at;
    r->rax = number;
    r->orig_rax = ~0ull; /* so that the kernel restarts nothing */
}

/* Make the call again that PTRACE_SYSEMU skipped. */
static inline void registers_redo(struct user_regs_struct *r)
{
    r->rip -= 2;
    r->rax = r->orig_rax;
    r->orig_rax = ~0ull;
}

/* And the one, if any, at whose interruption R was read. */
static inline void registers_resume(struct user_regs_struct *r)
{
    if ((long long)r->orig_rax >= 0)
        registers_redo(r);
}

/* The call that PTRACE_SYSEMU skips returns RESULT. */
static inline void registers_return(struct user_regs_struct *r, int64_t result)
{
    r->orig_rax = ~0ull;
    r->rax = (uint64_t)result;
}

/* Whether R was read when call NUMBER was interrupted, which has done nothing yet; *AT: its instruction. */
static inline bool registers_wait(const struct user_regs_struct *r, long number, uint64_t *at)
{
    enum { ERESTARTSYS = 512 }; /* <linux/errno.h>: only a tracer sees it */

    *at = r->rip - 2;
    return r->orig_rax == (uint64_t)number && (long long)r->rax == -ERESTARTSYS;
}

/* Not PTRACE_GETREGSET: its form depends on whether the process just runs code of i386. */
static inline bool registers_get(pid_t pid, struct user_regs_struct *r)
{
    return ptrace(PTRACE_GETREGS, pid, NULL, r) == 0;
}

static inline bool registers_set(pid_t pid, struct user_regs_struct *r)
{
    return ptrace(PTRACE_SETREGS, pid, NULL, r) == 0;
}

#elif defined __aarch64__

#define NATIVE_ARCH   AUDIT_ARCH_AARCH64
#define FOREIGN_ARCHS {{AUDIT_ARCH_ARM, 0}, {AUDIT_ARCH_ARMEB, 0}, {AUDIT_ARCH_X86_64, 0}}
#define FOREIGN_NAMES "32-bit ARM and x86-64"
#define POLL_NAME     "ppoll"

#define SYSCALL_BYTES {0x01, 0x00, 0x00, 0xd4} /* svc #0 */
#define SYSCALL_ALIGN 4
#define TRAP_BYTES    {0x00, 0x00, 0x20, 0xd4} /* brk #0 */
#define TRAP_PAST     0
#define RED_ZONE      0

#define REG_AT(r)     ((r)->pc)
#define REG_STACK(r)  ((r)->sp)
#define REG_RESULT(r) ((r)->regs[0])
#define REG_NUMBER(r) ((r)->regs[8])

static inline unsigned long long *registers_argument(struct user_regs_struct *r, size_t i)
{
    return &r->regs[i];
}

static inline void registers_call(struct user_regs_struct *r, uint64_t at, uint64_t number)
{
    r->pc = at;
    r->regs[8] = number;
}

static inline void registers_redo(struct user_regs_struct *r)
{
    r->pc -= 4;
}

/* The kernel has gone back to the instruction before it stopped (arch/arm64/kernel/signal.c, do_signal()). */
static inline void registers_resume(struct user_regs_struct *r)
{
    (void)r;
}

static inline void registers_return(struct user_regs_struct *r, int64_t result)
{
    r->regs[0] = (uint64_t)result;
}

/* Whether R is at a call NUMBER, or might be: *AT has to be an instruction that makes one. */
static inline bool registers_wait(const struct user_regs_struct *r, long number, uint64_t *at)
{
    *at = r->pc;
    return r->regs[8] == (uint64_t)number;
}

static inline bool registers_get(pid_t pid, struct user_regs_struct *r)
{
    struct iovec all = {r, sizeof *r};

    return ptrace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &all) == 0;
}

static inline bool registers_set(pid_t pid, struct user_regs_struct *r)
{
    struct iovec all = {r, sizeof *r};

    return ptrace(PTRACE_SETREGSET, pid, (void *)NT_PRSTATUS, &all) == 0;
}

#endif

#endif
