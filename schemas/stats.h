/* A server's statistics: the value of its Stats line, stats.schema.json. */
#ifndef SCHEMAS_STATS_H
#define SCHEMAS_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/latency.h"
#include "schemas/status.h"

struct stats_bundle {
    char name[136], digest[65];
    uint64_t runs[STATUS__COUNT]; /* ended, by status; start lines in error included */
    uint64_t busy;                /* start lines that found the queue full */
    uint64_t running, queued, warm, restarts, lost, reloads;
    struct latency latency; /* from start line to Exit, of runs that had a box */
};

struct stats {
    char version[24];
    bool draining;
    uint64_t uptime_ms;
    uint64_t connections, connections_max,
        connections_refused;   /* open now; places; refused since start */
    uint64_t connections_busy; /* since start: sent away because others waited */
    uint64_t running, running_max, queue_max;
    uint64_t unnamed; /* start lines in error that name no bundle of the server */
    struct stats_bundle *bundle;
    size_t count;
};

#endif
