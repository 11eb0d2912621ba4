/* A server's numbers as text. */
#ifndef CMD_STATS_PRINT_H
#define CMD_STATS_PRINT_H

#include "runtime/base/str.h"
#include "schemas/stats.h"

/* For people: a line for each bundle, and one for each of its statuses other than ok. */
void stats_table(const struct stats *s, struct str *out);

/* Source: Prometheus' text-based exposition format, version 0.0.4. */
void stats_prometheus(const struct stats *s, struct str *out);

#endif
