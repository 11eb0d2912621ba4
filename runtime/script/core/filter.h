/* The seccomp filters of this process, loaded after the jail's part (which has set no_new_privs) and
 * before the first byte of a bundle. Each answers SECCOMP_RET_USER_NOTIF to what it does not allow:
 * the call waits, and the broker, which holds the listener, names it and kills the process. Where the
 * host lets nobody have a listener (SETUP_UNNAMED), there is none, and each answers
 * SECCOMP_RET_KILL_PROCESS.
 *
 * A template has a filter of its own, which allows what its boxes may do and what it does itself;
 * each box adds its own filter to that. A process can have one listener alone, and that is its
 * box's: what the template's filter does not allow is answered with SECCOMP_RET_TRACE, without a
 * tracer ENOSYS. In a box the kernel takes SECCOMP_RET_USER_NOTIF before that, so that every call is
 * named, too. Source: seccomp(2), of the order of actions and of SECCOMP_FILTER_FLAG_NEW_LISTENER.
 *
 * Each: 0, or -1 with *WHY (static). */
#ifndef SCRIPT_CORE_FILTER_H
#define SCRIPT_CORE_FILTER_H

#include <linux/filter.h>

#include "runtime/script/core/setup.h"

/* Load G's filter, if there is one. *LISTENER: its descriptor, SETUP_NO_LISTENER, or -1. */
int filter_load(const struct boot *g, int *listener, const char **why);

/* In a template: load the filter that G's is for its boxes. */
int filter_load_template(const struct boot *g, const char **why);

/* Make PROGRAM, a filter of at most FILTER_MOST instructions, a template's: at most FILTER_OWN more.
 * Returns the number of instructions written to TO. */
#define FILTER_MOST 208
#define FILTER_OWN  16
size_t filter_of_template(const struct sock_filter *program, size_t n, struct sock_filter *to);

#endif
