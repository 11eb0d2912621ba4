/* The monitor of one bundle of `batch` or `serve`: a process without rights, forked by the fleet's broker.
 * It takes runs from the front (runtime/wire/message.h), which has read their envelopes, and
 * does all that concerns their bundle: manifest, arguments, the box's lines, results. */
#ifndef FLEET_DESK_H
#define FLEET_DESK_H

#include "runtime/fleet/fleet.h"

struct desk_options {
    struct fleet_options fleet;
    const char *path;         /* of the bundle */
    bool named;               /* the command names it */
    bool jobs;                /* lines are a batch's jobs; else start lines */
    bool warms;               /* boxes are kept waiting even before the first run */
    const struct pair *texts; /* -o: for jobs that do not set them */
    size_t text_count;
};

/* Serve until the front has closed CHANNEL, or the bundle cannot be used, or its broker, at ORDERS, has
 * ended. Returns an exit status, as does desk_fail(), which says that it cannot be used, for *WHY. */
int desk_run(const struct desk_options *o, int orders, int channel);
int desk_fail(int channel, const struct fault *why);

#endif
