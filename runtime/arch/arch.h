/* The processor that this is built for. What all of them say, each in a header of its own:
 *
 *   ARCH_PAGE          bytes of a page
 *   ARCH_AUDIT         struct seccomp_data's .arch of a call of this ABI
 *   ARCH_SECCOMP_OF    (arch, nr) -> libseccomp's token of the ABI that call NR of audit architecture ARCH belongs to
 *   ARCH_CALL_PAGE     assembly: a page with one instruction, arch_call_at, that makes a system call, and arch_call_behind, where it
 *                      returns from
 *   arch_call_page()   makes a call by it: what the kernel answers */
#ifndef ARCH_ARCH_H
#define ARCH_ARCH_H

#if defined __x86_64__ && defined __LP64__
#include "runtime/arch/x86_64.h"
#else
#error "runbox is written for x86-64: for another processor runtime/arch/ wants a header of its own"
#endif

#endif
