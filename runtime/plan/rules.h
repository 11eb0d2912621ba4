/* The system call table (syscalls.def) and the seccomp program that libseccomp makes of it. Used by
 * the build, for the three stock programs, and by a run whose manifest has an allow list. */
#ifndef PLAN_RULES_H
#define PLAN_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/fault.h"
#include "schemas/manifest.h"

struct rule;
struct sock_filter;

/* Compile the program of profile P plus the calls of ALLOW. Any other call, including those of
 * other architectures, notifies the listener. The caller frees *PROGRAM; *COUNT is in instructions.
 * Names in ALLOW must be known. 0, or -1 and *WHY (SETUP). Source: seccomp_export_bpf(3). */
int rules_compile(enum profile p, const struct names *allow, struct sock_filter **program,
                  uint32_t *count, struct fault *why);

/* Begin a filter (scmp_filter_ctx) for ARCH_AUDIT, whatever processor this runs on: a build for
 * another one makes its stock programs here. NULL: no memory. Its rules name calls by libseccomp's
 * numbers for the processor that this runs on (seccomp_syscall_resolve_name(3)), which it
 * translates; one that ARCH_AUDIT does not have is left out. */
void *rules_begin(uint32_t otherwise);

/* Begin one that answers OTHERWISE, let ADD give it its rules (0, or a negative errno; OF is its
 * own), and export it. 0, or -1 and *WHY (SETUP). */
int rules_build(uint32_t otherwise, int (*add)(void *ctx, const void *of), const void *of,
                struct sock_filter **program, uint32_t *count, struct fault *why);

/* Allow the call of row R with its arguments. 0, or a negative errno. */
int rules_add_row(void *ctx, const struct rule *r);

/* Insert N instructions before a program. 0, or -ENOMEM. */
int rules_prepend(const struct sock_filter *front, uint32_t n, struct sock_filter **program,
                  uint32_t *count);

/* Export the program of CTX, a libseccomp filter. The caller frees *PROGRAM; *COUNT is in
 * instructions. 0, or a negative errno. */
int rules_export(void *ctx, struct sock_filter **program, uint32_t *count);

/* Whether profile P includes everything that syscalls.def says about the call NAME. */
bool rules_within(enum profile p, const char *name);

/* The next distinct call of profile P from row *AT on; advances *AT. NULL at the end. *BOUNDED:
 * allowed only with certain arguments. */
const char *rules_next(enum profile p, size_t *at, bool *bounded);

#endif
