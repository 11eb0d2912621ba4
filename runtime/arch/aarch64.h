/* arm64, little-endian. Its kernels may run programs of 32-bit ARM, whose system calls have an audit
 * architecture of their own. It has none of the calls that a newer one replaces (open, poll, fork).
 * Source: <asm-generic/unistd.h>; Arm Architecture Reference Manual, UDF. */
#ifndef ARCH_AARCH64_H
#define ARCH_AARCH64_H

#include <linux/audit.h>

#define ARCH_AUDIT  AUDIT_ARCH_AARCH64
#define ARCH_POLL   ppoll
#define ARCH_TRAP() __asm__ volatile(".inst 0") /* __builtin_trap() is brk: SIGTRAP */

#define ARCH_SECCOMP_OF(arch, nr) ((void)(nr), (arch))

#endif
