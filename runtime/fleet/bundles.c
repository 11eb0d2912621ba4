/* The bundles of a fleet: read once, planned once, and once more for each set of limits of its
 * jobs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundles/manifest.h"
#include "runtime/fleet/parts.h"

#define REAPED_NS 100000000ull /* in which a broker that has shut its socket is reaped, too */

void fleet_bundle_free(struct fleet_bundle *b)
{
    if (!b)
        return;
    makers_close(b);
    for (unsigned i = 0; i < FLEET_PLANS; i++)
        plan_free(b->plans[i].plan);
    plan_free(b->plan);
    policy_drop(&b->policy);
    manifest_free(b->manifest);
    bundle_free(b->bundle);
    free(b->path);
    free(b);
}

/* The command's grants are for the bytes that it named, wherever a job finds them, and for no
 * others, whatever is at that path by now. */
static bool is_named(const struct fleet_bundle *b)
{
    bool named = b->named;

    for (const struct fleet_bundle *other = b->fleet->bundles; other && !named; other = other->next)
        named = other->named && strcmp(other->bundle->digest, b->bundle->digest) == 0;
    return named;
}

/* What B is granted besides policy files. */
static struct grants bundles_grants(const struct fleet_bundle *b)
{
    const struct grants *all = b->fleet->options.grants;

    return b->named ? *all : grants_of_job(all);
}

static int bundles_load(struct fleet_bundle *b, struct findings *found, struct fault *why)
{
    struct grants g;

    if (makers_order(b, &b->bundle, why) < 0 ||
        manifest_load(b->bundle, &b->manifest, found, why) < 0 ||
        remote_pool_site(b->pool, b->manifest->name, &b->host, &b->policy, why) < 0)
        return -1;
    b->named = is_named(b);
    g = bundles_grants(b);
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

static struct fleet_bundle *bundles_make(struct fleet *f, const char *path, int index,
                                         struct findings *found, struct fault *why)
{
    struct fleet_bundle *b = calloc(1, sizeof *b);
    struct findings ignored = {0};

    if (b)
        b->path = strdup(path);
    if (!b || !b->path) {
        fault_set(why, STATUS_SETUP, ENOMEM, path, "reading it");
        free(b);
        return NULL;
    }
    b->fleet = f;
    b->index = index;
    b->named = index != FLEET_JOB;
    if (bundles_load(b, found ? found : &ignored, why) < 0) {
        tell_more(path, &ignored, why);
        fleet_bundle_free(b);
        b = NULL;
    }
    findings_free(&ignored);
    return b;
}

int fleet_bundle(struct fleet *f, const char *path, int index, struct fleet_bundle **b,
                 struct findings *found, struct fault *why)
{
    struct fleet_bundle **link = &f->bundles;

    while (*link && ((*link)->retired || strcmp((*link)->path, path) != 0))
        link = &(*link)->next;
    *b = *link;
    if (*b)
        *link = (*b)->next;
    else
        *b = bundles_make(f, path, index, found, why);
    if (!*b)
        return -1;
    (*b)->next = f->bundles;
    f->bundles = *b;
    return 0;
}

/* The list is ordered by last request, newest first. The loop frees retired bundles between two
 * passes. */
void fleet_spare(struct fleet *f, unsigned keep, const struct fleet_bundle *kept)
{
    unsigned there = 0;

    for (struct fleet_bundle *b = f->bundles; b; b = b->next) {
        there += !b->retired;
        if (there > keep && !b->runs && b != kept)
            b->retired = true;
    }
}

int fleet_lack(const struct fault *why)
{
    static const int lacks[] = {EAGAIN, ENOMEM, EMFILE, ENFILE};

    for (size_t i = 0; i < sizeof lacks / sizeof *lacks && why->status == STATUS_SETUP; i++)
        if (why->err == lacks[i])
            return why->err;
    return 0;
}

unsigned fleet_make_room(struct fleet *f, const struct fleet_bundle *b,
                         const struct fleet_bundle *kept)
{
    unsigned n = f->used;

    for (const struct fleet_leaving *one = f->leaving; one; one = one->next)
        n++;
    n += box_now() - f->left < REAPED_NS;
    for (struct fleet_bundle *other = f->bundles; other; other = other->next) {
        bool idle = other != b && !other->runs, shed = other != b && !other->pending;

        if (shed)
            n += other->ready;
        if (idle && other != kept)
            n += other->pool != NULL;
        other->retired = other->retired || (idle && other != kept);
        other->shed = other->shed || shed;
    }
    return n;
}

int fleet_renew(struct fleet_bundle **b, struct findings *found, struct fault *why)
{
    struct fleet_bundle *old = *b;
    struct fleet_bundle *new = bundles_make(old->fleet, old->path, old->index, found, why);

    if (!new)
        return -1;
    if (strcmp(new->bundle->digest, old->bundle->digest) == 0) {
        fleet_bundle_free(new);
        return 0;
    }
    old->retired = true;
    new->next = old->fleet->bundles;
    *b = old->fleet->bundles = new;
    return 1;
}

const struct manifest *fleet_manifest(const struct fleet_bundle *b)
{
    return b->manifest;
}

const char *fleet_digest(const struct fleet_bundle *b)
{
    return b->bundle->digest;
}

const struct plan *fleet_bundle_plan(const struct fleet_bundle *b)
{
    return b->plan;
}

unsigned fleet_waiting(const struct fleet_bundle *b)
{
    return b->ready;
}

unsigned fleet_boxes_lost(const struct fleet_bundle *b)
{
    return b->lost;
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

int fleet_plan(struct fleet_bundle *b, const struct limits *limits, const struct plan **p,
               struct fault *why)
{
    struct grants g = bundles_grants(b);
    struct limits most;
    struct fleet_plan *place;
    struct plan *made;

    *p = b->plan;
    if (is_none(limits))
        return 0;
    for (unsigned i = 0; i < FLEET_PLANS; i++)
        if (b->plans[i].plan && memcmp(&b->plans[i].limits, limits, sizeof *limits) == 0) {
            *p = b->plans[i].plan;
            return 0;
        }
    grants_limits(&g, limits, &most);
    if (plan_at(&b->host, &b->policy, b->bundle->digest, b->manifest, &g, &made, why) < 0) {
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
    *place = (struct fleet_plan){.limits = *limits, .plan = made};
    *p = made;
    return 0;
}

void fleet_plan_use(struct fleet_bundle *b, const struct plan *p, int by)
{
    for (unsigned i = 0; i < FLEET_PLANS; i++)
        if (b->plans[i].plan == p)
            b->plans[i].used = (unsigned)((int)b->plans[i].used + by);
}

const struct limits *fleet_plan_limits(const struct fleet_bundle *b, const struct plan *p)
{
    for (unsigned i = 0; i < FLEET_PLANS && p != b->plan; i++)
        if (b->plans[i].plan == p)
            return &b->plans[i].limits;
    return NULL;
}
