/* The filter of the process that makes boxes, which they inherit. */
#ifndef JAIL_OWN_FILTER_H
#define JAIL_OWN_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "schemas/fault.h"

/* Load the broker's filter (plan/filter.h) for this process and what it starts from now on; once.
 * Sets no_new_privs. 0, or -1 and *WHY. */
int own_filter_load(struct fault *why);

/* *COUNT: the seccomp filters of this process, its own and those that its caller put on it. 0, or -1
 * and *WHY. Source: proc_pid_status(5), Seccomp_filters (Linux 5.9). */
int own_filter_count(uint64_t *count, struct fault *why);

/* Whether this process began with a filter: its caller's, such as a container's. */
bool own_filter_inherited(void);

#endif
