/* Durations as a histogram in logarithmic buckets: fixed size, an eighth of a power of two wide. */
#ifndef SCHEMAS_LATENCY_H
#define SCHEMAS_LATENCY_H

#include <stdint.h>

#define LATENCY_BUCKETS \
    280 /* up to 2^37 microseconds, some 38 hours; longer ones count in the last one */

struct latency {
    uint64_t count, sum_us;
    uint64_t bucket[LATENCY_BUCKETS];
};

void latency_add(struct latency *l, uint64_t us);

/* The bucket of US, and the largest number of microseconds in a bucket. */
unsigned latency_bucket(uint64_t us);
uint64_t latency_edge(unsigned bucket);

/* Microseconds that a share of PER_MILLE (500: the median) took at most: a bucket's upper edge, so
 * at most an eighth too high. 0 if nothing was counted. */
uint64_t latency_quantile(const struct latency *l, unsigned per_mille);

#endif
