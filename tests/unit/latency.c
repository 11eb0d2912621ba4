/* The histogram of durations: every value falls into the bucket whose edge is the next one above it, and what a
 * quantile says is at most an eighth too much. */
#include "schemas/latency.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/tap.h"

static void test_edges(void)
{
    bool in_order = true, own = true, next = true, narrow = true;

    for (unsigned i = 0; i < LATENCY_BUCKETS; i++) {
        uint64_t edge = latency_edge(i);

        own = own && latency_bucket(edge) == i;
        if (i + 1 == LATENCY_BUCKETS)
            break;
        in_order = in_order && latency_edge(i + 1) > edge;
        next = next && latency_bucket(edge + 1) == i + 1;
        narrow = narrow && (i < 8 || (latency_edge(i + 1) - edge) * 8 <= latency_edge(i + 1) + 1);
    }
    ok(in_order, "edges rise");
    ok(own, "an edge is in its own bucket");
    ok(next, "one more is in the next");
    ok(narrow, "no bucket is wider than an eighth of what is in it");
    ok(latency_bucket(UINT64_MAX) == LATENCY_BUCKETS - 1, "what is too long is in the last");
    ok(latency_edge(LATENCY_BUCKETS - 1) == (1ull << 37) - 1, "which ends at 2^37");
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* Against the same values, sorted. */
static void test_quantiles(void)
{
    static const unsigned per_mille[] = {1, 500, 900, 990, 999, 1000};
    static uint64_t value[10000];
    struct latency l = {0};
    uint64_t state = 88172645463325252ull, sum = 0;

    for (size_t i = 0; i < 10000; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        value[i] = (state & 0xffffffff) >> (state >> 59);
        sum += value[i];
        latency_add(&l, value[i]);
    }
    qsort(value, 10000, sizeof *value, compare);
    ok(l.count == 10000 && l.sum_us == sum, "count and sum");
    for (size_t i = 0; i < sizeof per_mille / sizeof *per_mille; i++) {
        uint64_t exact = value[per_mille[i] * 10 - 1];
        uint64_t said = latency_quantile(&l, per_mille[i]);

        ok(said >= exact && said <= exact + exact / 8, "%u per mille: %llu, exactly %llu",
           per_mille[i], (unsigned long long)said, (unsigned long long)exact);
    }
}

int main(void)
{
    struct latency none = {0}, one = {0};

    test_edges();
    test_quantiles();
    ok(latency_quantile(&none, 500) == 0, "of nothing: 0");
    latency_add(&one, 5);
    ok(latency_quantile(&one, 1) == 5 && latency_quantile(&one, 999) == 5, "of one: that one");
    return done();
}
