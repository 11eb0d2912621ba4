/* Values with the same highest bit share eight buckets, selected by the next three bits: small
 * values are counted exactly, large ones to one part in eight. Allocates nothing. */
#include "schemas/latency.h"

unsigned latency_bucket(uint64_t us)
{
    unsigned e, b;

    if (us < 8)
        return (unsigned)us;
    e = 63u - (unsigned)__builtin_clzll(us);
    b = (e - 2) * 8 + ((us >> (e - 3)) & 7);
    return b < LATENCY_BUCKETS ? b : LATENCY_BUCKETS - 1;
}

uint64_t latency_edge(unsigned bucket)
{
    unsigned e = bucket / 8 + 2;

    if (bucket < 8)
        return bucket;
    return ((8ull + bucket % 8 + 1) << (e - 3)) - 1;
}

void latency_add(struct latency *l, uint64_t us)
{
    l->count++;
    l->sum_us += us;
    l->bucket[latency_bucket(us)]++;
}

uint64_t latency_quantile(const struct latency *l, unsigned per_mille)
{
    uint64_t rank = (l->count * per_mille + 999) / 1000, seen = 0;

    for (unsigned i = 0; i < LATENCY_BUCKETS; i++) {
        seen += l->bucket[i];
        if (seen && seen >= rank)
            return latency_edge(i);
    }
    return 0;
}
