/* The seccomp program of a plan. syscalls.def lists each profile's calls with their reasons. The
 * three stock programs are compiled by libseccomp when runbox is built; only an allow list needs
 * libseccomp during a run. Source: seccomp(2), seccomp_init(3). */
#ifndef PLAN_FILTER_H
#define PLAN_FILTER_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/plan/plan.h"

struct sock_filter;

#define FILTER_NAME_MAX 40

struct filter {
    const struct sock_filter *program;
    uint32_t count;
    struct sock_filter *owned; /* to free; NULL if PROGRAM is a stock one */
};

/* Make the program of P. 0, or -1 and *WHY. */
int filter_make(const struct plan *p, struct filter *f, struct fault *why);
void filter_free(struct filter *f);

/* The program of a monitor (stock/monitor.def). */
#define FILTER_SELF        0x7fb0c5b0 /* in the stock program: stands for the monitor's pid */
#define FILTER_MONITOR_MAX 120

/* Write it to OUT (FILTER_MONITOR_MAX instructions) for the process SELF; returns its length. */
uint32_t filter_monitor(int self, struct sock_filter *out);

/* The program of a broker (never.def without stock/broker.def), of *COUNT instructions. */
const struct sock_filter *filter_broker(uint32_t *count);

/* Why the system call NAME may never be granted ("it changes the box's mounts"), or NULL if it may.
 * An unknown name has a reason too. */
const char *filter_never(const char *name);

/* Write to OUT, and return, the name of system call NR of audit architecture ARCH, or "#NNN"
 * (FILTER_NAME_MAX bytes; a longer name is truncated). An x32 call is named like its 64-bit twin.
 * Source: seccomp_syscall_resolve_num_arch(3). */
const char *filter_name(uint32_t arch, int nr, char *out, unsigned size);

/* Write the release of the libseccomp that is linked to OUT ("2.5.4"). */
void filter_library(char *out, size_t size);

#endif
