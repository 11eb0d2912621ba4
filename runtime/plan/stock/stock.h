/* Build-time: the filters that are not a box's, compiled into gen/stock_filters.h. */
#ifndef PLAN_STOCK_STOCK_H
#define PLAN_STOCK_STOCK_H

#include <stdint.h>

#include "schemas/fault.h"

struct sock_filter;

/* Compile monitor.def, or never.def without broker.def. The caller frees *PROGRAM; *COUNT is in
 * instructions. 0, or -1 and *WHY. */
int monitor_compile(struct sock_filter **program, uint32_t *count, struct fault *why);
int broker_compile(struct sock_filter **program, uint32_t *count, struct fault *why);

#endif
