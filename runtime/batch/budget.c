/* Sums of limits. A limit that is "none" or "what the host has" exceeds any finite budget. */
#include "runtime/batch/budget.h"

static bool batch_budget_fits(uint64_t all, uint64_t used, uint64_t cost)
{
    return all == LIMIT_NONE || (used <= all && cost <= all - used);
}

bool budget_fits(const struct budget *b, const struct cost *c)
{
    return batch_budget_fits(b->all.memory, b->used.memory, c->memory) &&
           batch_budget_fits(b->all.cpus, b->used.cpus, c->cpus);
}

static int batch_budget_check(enum limit l, const char *option, uint64_t all, uint64_t cost,
                              struct fault *why)
{
    char asked[32], given[32];

    if (batch_budget_fits(all, 0, cost))
        return 0;
    limit_print(l, cost, asked, sizeof asked);
    limit_print(l, all, given, sizeof given);
    return fault_set(why, STATUS_REFUSED, 0, "",
                     "its limit of %s, %s, is more than all jobs together may have (%s %s)",
                     limit_info[l].text, asked, option, given);
}

int budget_check(const struct budget *b, const struct cost *c, struct fault *why)
{
    if (batch_budget_check(LIMIT_MEMORY, "--memory", b->all.memory, c->memory, why) < 0)
        return -1;
    return batch_budget_check(LIMIT_CPUS, "--cpus", b->all.cpus, c->cpus, why);
}

static void move(uint64_t *used, uint64_t all, uint64_t cost, bool take)
{
    if (all != LIMIT_NONE)
        *used = take ? *used + cost : *used - cost;
}

void budget_take(struct budget *b, const struct cost *c)
{
    move(&b->used.memory, b->all.memory, c->memory, true);
    move(&b->used.cpus, b->all.cpus, c->cpus, true);
}

void budget_give(struct budget *b, const struct cost *c)
{
    move(&b->used.memory, b->all.memory, c->memory, false);
    move(&b->used.cpus, b->all.cpus, c->cpus, false);
}
