/* The processor that runbox is built for. Each has its own header, which defines:
 *
 *   ARCH_AUDIT         struct seccomp_data's .arch for a system call of this ABI, which is also
 *                      libseccomp's token
 *   ARCH_SECCOMP_OF    (arch, nr) -> libseccomp's token for the ABI of system call NR under the
 *                      audit architecture ARCH
 *   ARCH_POLL          the name of the system call behind the C library's poll(3)
 *   ARCH_TRAP          executes an instruction that does not exist: SIGILL
 *
 * Page sizes are asked of the kernel. */
#ifndef ARCH_ARCH_H
#define ARCH_ARCH_H

#if defined __x86_64__ && defined __LP64__
#include "runtime/arch/x86_64.h"
#elif defined __aarch64__ && defined __LP64__ && defined __AARCH64EL__
#include "runtime/arch/aarch64.h"
#else
#error \
    "runbox is written for x86-64 and little-endian arm64: for another processor runtime/arch/ wants a header of its own"
#endif

#endif
