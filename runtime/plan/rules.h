/* The table of system calls (syscalls.def) and the seccomp program made of it by libseccomp. Used
 * twice: by the build, for the three stock programs, and by a run whose manifest has an allow list.
 */
#ifndef PLAN_RULES_H
#define PLAN_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/fault.h"
#include "schemas/manifest.h"

struct sock_filter;

/* The program of profile P with the calls of ALLOW added. Everything else, another architecture's
 * calls included, notifies the listener. The caller frees *PROGRAM; *COUNT is in instructions.
 * Names in ALLOW must be known. 0, or -1 and *WHY (SETUP). Source: seccomp_export_bpf(3). */
int rules_compile(enum profile p, const struct names *allow, struct sock_filter **program,
                  uint32_t *count, struct fault *why);

/* Put N instructions in front of a program. 0, or -ENOMEM. */
int rules_prepend(const struct sock_filter *front, uint32_t n, struct sock_filter **program,
                  uint32_t *count);

/* The program that libseccomp makes of CTX. The caller frees *PROGRAM; *COUNT is in instructions. 0, or a
 * negative errno. */
int rules_export(void *ctx, struct sock_filter **program, uint32_t *count);

/* Is all that syscalls.def says of the call NAME within profile P? */
bool rules_within(enum profile p, const char *name);

/* The next distinct call of profile P from row *AT on, which is moved; NULL at the end. *BOUNDED:
 * only with certain arguments. */
const char *rules_next(enum profile p, size_t *at, bool *bounded);

#endif
