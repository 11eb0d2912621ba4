/* A shorter way through a profile's calls than libseccomp's list. */
#ifndef PLAN_STOCK_TREE_H
#define PLAN_STOCK_TREE_H

#include "runtime/plan/rules.h"

/* As rules_compile(), for a profile none of whose calls has bounds on its arguments. *PROGRAM is the caller's to
 * free. Source: kernel/seccomp.c, seccomp_cache_prepare(). */
int tree_compile(enum profile p, struct sock_filter **program, uint32_t *count, struct fault *why);

#endif
