/* x86-64, and x32, whose system calls are x86-64's with one bit set in the number. Source:
 * <asm/unistd.h>, the System V ABI's AMD64 supplement, 3.2.2 (the red zone) and A.2.1 (system
 * calls). */
#ifndef ARCH_X86_64_H
#define ARCH_X86_64_H

#include <linux/audit.h>
#include <stdint.h>

#define ARCH_PAGE  4096u
#define ARCH_AUDIT AUDIT_ARCH_X86_64

#define ARCH_X32_BIT 0x40000000 /* __X32_SYSCALL_BIT */
#define ARCH_SECCOMP_OF(arch, nr) \
    ((arch) == AUDIT_ARCH_X86_64 && (nr) >= 0 && ((nr) & ARCH_X32_BIT) ? SCMP_ARCH_X32 : (arch))

/* The rest of the page is filled with int3. */
#define ARCH_CALL_PAGE                                       \
    __asm__(".pushsection .text.pinned, \"ax\", @progbits\n" \
            ".balign 4096\n"                                 \
            ".hidden arch_call_at\n"                         \
            ".globl arch_call_at\n"                          \
            "arch_call_at: syscall\n"                        \
            ".hidden arch_call_behind\n"                     \
            ".globl arch_call_behind\n"                      \
            "arch_call_behind: ret\n"                        \
            ".balign 4096, 0xcc\n"                           \
            ".popsection\n")

extern const char arch_call_at[], arch_call_behind[];

static inline long arch_call_page(long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    register uint64_t fourth __asm__("r10") = d;
    long answer;

    /* Keep the return address out of the caller's red zone. */
    __asm__ volatile("lea -128(%%rsp), %%rsp\n\t"
                     "call arch_call_at\n\t"
                     "lea 128(%%rsp), %%rsp"
                     : "=a"(answer)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth)
                     : "rcx", "r11", "memory", "cc");
    return answer;
}

#endif
