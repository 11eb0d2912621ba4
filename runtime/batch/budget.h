/* What all jobs that run at once may have together: a sum of their limits, never more. */
#ifndef BATCH_BUDGET_H
#define BATCH_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/plan/plan.h"

struct cost {
    uint64_t memory, cpus; /* bytes, thousandths */
};

struct budget {
    struct cost all, used; /* LIMIT_NONE: no end */
};

/* What a run of P may use. */
struct cost budget_cost(const struct plan *p);

/* A run of this cost may begin now; it may begin when nothing else runs: 0, or -1 and *WHY (REFUSED). */
bool budget_fits(const struct budget *b, const struct cost *c);
int budget_check(const struct budget *b, const struct cost *c, struct fault *why);

void budget_take(struct budget *b, const struct cost *c);
void budget_give(struct budget *b, const struct cost *c);

#endif
