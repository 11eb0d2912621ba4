/* The processor that runbox is built for. Each has its own header, which defines:
 *
 *   ARCH_PAGE          page size in bytes
 *   ARCH_AUDIT         struct seccomp_data's .arch for a system call of this ABI
 *   ARCH_SECCOMP_OF    (arch, nr) -> libseccomp's token for the ABI of system call NR under the
 *                      audit architecture ARCH */
#ifndef ARCH_ARCH_H
#define ARCH_ARCH_H

#if defined __x86_64__ && defined __LP64__
#include "runtime/arch/x86_64.h"
#else
#error "runbox is written for x86-64: for another processor runtime/arch/ wants a header of its own"
#endif

#endif
