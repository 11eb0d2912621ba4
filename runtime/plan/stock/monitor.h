/* The monitor's own seccomp program, which the build makes from monitor.def. */
#ifndef PLAN_STOCK_MONITOR_H
#define PLAN_STOCK_MONITOR_H

#include <stdint.h>

#include "runtime/plan/filter.h"
#include "schemas/fault.h"

/* Compile it; calls not listed kill. The caller frees *PROGRAM; *COUNT is in instructions. 0, or -1
 * and *WHY (SETUP). */
int monitor_compile(struct sock_filter **program, uint32_t *count, struct fault *why);

#endif
