/* What a server reports about itself: counted on the way, assembled when asked for. Contains no
 * text of a caller. */
#include <stdio.h>
#include <stdlib.h>

#include "runtime/jail/box.h"
#include "runtime/serve/parts.h"
#include "runtime/wire/stats.h"

static void one(const struct served *d, struct stats_bundle *b)
{
    *b = d->tally;
    snprintf(b->name, sizeof b->name, "%s", tenant_name(d->bundle));
    snprintf(b->digest, sizeof b->digest, "%s", tenant_digest(d->bundle));
    b->running = d->running;
    b->queued = d->queued;
    b->warm = tenant_waiting(d->bundle);
    b->lost = tenant_boxes_lost(d->bundle);
    b->restarts = tenant_restarts(d->bundle);
    b->reloads = tenant_reloads(d->bundle);
}

void serve_stats(const struct server *s, struct str *out)
{
    const struct serve_options *o = s->o;
    struct stats all = {.version = RUNBOX_VERSION,
                        .draining = s->signo != 0,
                        .uptime_ms = (box_now() - s->started) / 1000000,
                        .connections = s->peer_count + s->guest_count,
                        .connections_max = o->connections,
                        .connections_refused = s->refused,
                        .connections_busy = s->turned_away,
                        .running = tenants_running(o->tenants),
                        .running_max = o->slots,
                        .queue_max = o->queue,
                        .unnamed = s->unnamed};

    all.bundle = calloc(o->bundle_count, sizeof *all.bundle);
    if (!all.bundle)
        out->failed = true;
    for (; all.bundle && all.count < o->bundle_count; all.count++)
        one(&s->served[all.count], &all.bundle[all.count]);
    str_adds(out, "{\"Stats\":");
    stats_json(&all, out);
    str_adds(out, "}\n");
    stats_free(&all);
}
