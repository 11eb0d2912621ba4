/* What concurrent jobs may have together: the sum of their limits never exceeds it. */
#ifndef BATCH_BUDGET_H
#define BATCH_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/plan/plan.h"

struct cost {
    uint64_t memory, cpus; /* bytes, thousandths of a CPU */
};

struct budget {
    struct cost all, used; /* LIMIT_NONE: unlimited */
};

/* budget_fits(): whether a run of this cost may begin now. budget_check(): whether it may begin
 * when nothing else runs: 0, or -1 and *WHY (REFUSED). */
bool budget_fits(const struct budget *b, const struct cost *c);
int budget_check(const struct budget *b, const struct cost *c, struct fault *why);

void budget_take(struct budget *b, const struct cost *c);
void budget_give(struct budget *b, const struct cost *c);

#endif
