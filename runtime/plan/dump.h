/* Names used in a plan's table and JSON. All static. */
#ifndef PLAN_DUMP_H
#define PLAN_DUMP_H

#include "runtime/plan/plan.h"

const char *asker_text(enum asker by);
const char *rlimit_text(enum rlim r);
const char *profile_text(enum profile p);
const char *network_text(enum network n);

/* The I-th namespace that the box has to itself, or NULL after the last. */
const char *namespace_text(const struct plan *p, int i);

#endif
