/* x86-64, and x32, whose system calls are x86-64's with one bit set in the number. Source:
 * <asm/unistd.h>, the System V ABI's AMD64 supplement, A.2.1 (system calls). */
#ifndef ARCH_X86_64_H
#define ARCH_X86_64_H

#include <linux/audit.h>

#define ARCH_AUDIT  AUDIT_ARCH_X86_64
#define ARCH_POLL   poll
#define ARCH_TRAP() __builtin_trap() /* ud2 */

#define ARCH_X32_BIT 0x40000000 /* __X32_SYSCALL_BIT */
#define ARCH_SECCOMP_OF(arch, nr) \
    ((arch) == AUDIT_ARCH_X86_64 && (nr) >= 0 && ((nr) & ARCH_X32_BIT) ? SCMP_ARCH_X32 : (arch))

#endif
