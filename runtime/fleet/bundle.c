/* The bundle of a fleet: read once, planned once, and once more for each set of limits of its jobs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bundles/exports.h"
#include "bundles/manifest.h"
#include "runtime/fleet/parts.h"

#define SPARE 8 /* numbers of boxes that are ending, besides one for each run */

unsigned fleet_most(const struct fleet_options *o)
{
    return 2 * o->slots + o->warm + SPARE;
}

void fleet_bundle_close(struct fleet *f)
{
    struct fleet_bundle *b = &f->bundle;
    int socket;

    pool_clear_all(f);
    socket = remote_pool_close(b->pool);
    if (socket >= 0)
        close(socket);
    for (unsigned i = 0; i < FLEET_PLANS; i++)
        plan_free(b->plans[i].plan);
    plan_free(b->plan);
    policy_drop(&b->policy);
    manifest_free(b->manifest);
    bundle_free(b->bundle);
    free(b->path);
    *b = (struct fleet_bundle){0};
}

/* What the bundle is granted besides policy files: its broker knows whether these bytes are those that the
 * command names, and refuses what they may not have. */
static struct grants bundles_grants(const struct fleet *f)
{
    const struct grants *all = f->options.grants;

    return f->bundle.named ? *all : grants_of_job(all);
}

static int bundles_plan(struct fleet *f, struct fault *why)
{
    struct fleet_bundle *b = &f->bundle;
    struct grants g = bundles_grants(f);

    if (plan_at(&b->host, &b->policy, b->bundle->digest, b->manifest, &g, &b->plan, why) < 0) {
        manifest_place(b->bundle, why);
        return -1;
    }
    if (plan_refusal(b->plan, why) < 0)
        return -1;
    return remote_pool_plan(b->pool, b->manifest, b->plan, b->bundle, why);
}

/* Tell a caller that takes one fault that there are more. */
static void tell_more(const char *path, const struct findings *f, struct fault *why)
{
    size_t at = strlen(why->what);

    if (f->count > 1)
        snprintf(why->what + at, sizeof why->what - at, " (and %zu more: runbox check %s)",
                 f->count - 1 + f->more, path);
}

int fleet_load(struct fleet *f, const char *path, int socket, struct findings *found,
               struct fault *why)
{
    struct fleet_bundle *b = &f->bundle;

    b->path = strdup(path);
    if (!b->path) {
        close(socket);
        return fault_set(why, STATUS_SETUP, ENOMEM, path, "reading it");
    }
    if (remote_pool_open(&b->pool, socket, fleet_most(&f->options), &fleet_events, f, why) < 0 ||
        remote_pool_bundle(b->pool, path, &b->bundle, why) < 0)
        return -1;
    b->named = remote_pool_is_named(b->pool);
    if (manifest_load(b->bundle, &b->manifest, found, why) < 0 ||
        remote_pool_site(b->pool, b->manifest->name, &b->host, &b->policy, why) < 0 ||
        bundles_plan(f, why) < 0) {
        tell_more(path, found, why);
        return -1;
    }
    return 0;
}

const struct manifest *fleet_manifest(const struct fleet *f)
{
    return f->bundle.manifest;
}

const char *fleet_digest(const struct fleet *f)
{
    return f->bundle.bundle->digest;
}

const struct plan *fleet_bundle_plan(const struct fleet *f)
{
    return f->bundle.plan;
}

unsigned fleet_waiting(const struct fleet *f)
{
    return f->bundle.ready;
}

unsigned fleet_boxes_lost(const struct fleet *f)
{
    return f->bundle.lost;
}

static bool is_none(const struct limits *l)
{
    for (int i = 0; i < LIMIT__COUNT; i++)
        if (l->value[i] != LIMIT_NONE)
            return false;
    return true;
}

/* Of the entries of the ring that no run uses, the one filled longest ago. */
static struct fleet_plan *place_for(struct fleet_bundle *b)
{
    for (unsigned i = 0; i < FLEET_PLANS; i++) {
        struct fleet_plan *p = &b->plans[b->newest++ % FLEET_PLANS];

        if (!p->used)
            return p;
    }
    return NULL;
}

/* Make the plan of E with LIMITS, and keep it. 0, or -1 and *WHY. */
static int bundles_plan_for(struct fleet *f, const struct limits *limits, const struct export *e,
                            const struct plan **p, struct fault *why)
{
    struct fleet_bundle *b = &f->bundle;
    struct grants g = bundles_grants(f);
    struct manifest m = *b->manifest; /* for its numbers alone */
    struct limits most;
    struct fleet_plan *place;
    struct plan *made;

    exports_lower(&m, e);
    grants_limits(&g, limits, &most);
    if (plan_at(&b->host, &b->policy, b->bundle->digest, &m, &g, &made, why) < 0) {
        manifest_place(b->bundle, why);
        return -1;
    }
    place = plan_refusal(made, why) == 0 ? place_for(b) : NULL;
    if (!place) {
        if (made->missing.count == 0 && made->beyond.count == 0) {
            fault_set(why, STATUS_SETUP, 0, "limits", "more than %d sets of limits run at once",
                      FLEET_PLANS);
            why->err = EBUSY;
        }
        plan_free(made);
        return -1;
    }
    plan_free(place->plan);
    *place = (struct fleet_plan){.limits = *limits, .lower = e->limits, .plan = made};
    *p = made;
    return 0;
}

int fleet_plan(struct fleet *f, const struct limits *limits, const struct export *e,
               const struct plan **p, struct fault *why)
{
    const struct fleet_bundle *b = &f->bundle;

    *p = b->plan;
    if (is_none(limits) && is_none(&e->limits))
        return 0;
    for (unsigned i = 0; i < FLEET_PLANS; i++)
        if (b->plans[i].plan && memcmp(&b->plans[i].limits, limits, sizeof *limits) == 0 &&
            memcmp(&b->plans[i].lower, &e->limits, sizeof e->limits) == 0) {
            *p = b->plans[i].plan;
            return 0;
        }
    return bundles_plan_for(f, limits, e, p, why);
}

void fleet_plan_use(struct fleet *f, const struct plan *p, int by)
{
    struct fleet_bundle *b = &f->bundle;

    for (unsigned i = 0; i < FLEET_PLANS; i++)
        if (b->plans[i].plan == p)
            b->plans[i].used = (unsigned)((int)b->plans[i].used + by);
}

const struct limits *fleet_plan_limits(const struct fleet *f, const struct plan *p)
{
    const struct fleet_bundle *b = &f->bundle;

    for (unsigned i = 0; i < FLEET_PLANS && p != b->plan; i++)
        if (b->plans[i].plan == p)
            return is_none(&b->plans[i].limits) ? NULL : &b->plans[i].limits;
    return NULL;
}
