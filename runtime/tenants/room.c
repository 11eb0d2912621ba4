/* Bundles that are needed no more, or less than what waits for room. */
#include "runtime/jail/box.h"
#include "runtime/tenants/tenants_parts.h"

#define WARM_MAX  1024u         /* boxes that wait, of one bundle: more is not believed */
#define REAPED_NS 1000000000ull /* in which the broker of a monitor that has ended has ended, too */

void tenant_pin(struct tenant *tenant, bool pin)
{
    tenant->pins += pin ? 1 : -1u;
}

static bool tenant_is_used(const struct tenant *tenant)
{
    if (tenant->pins)
        return true;
    for (const struct link *l = tenant->all->links; l; l = l->next)
        if (l->state != LINK_LEAVING && l->tenant == tenant && l->runs)
            return true;
    return false;
}

/* *AT is unused: dismiss it. */
static void tenant_dismiss(struct tenant **at)
{
    struct tenant *tenant = *at;

    *at = tenant->next;
    for (struct link *l = tenant->all->links; l; l = l->next)
        if (l->state != LINK_LEAVING && l->tenant == tenant)
            link_leave(l);
    for (struct link *l = tenant->all->links; l; l = l->next)
        if (l->tenant == tenant)
            l->tenant = NULL;
    tenant_free(tenant);
}

void tenants_spare(struct tenants *t, unsigned keep, const struct tenant *kept)
{
    unsigned there = 0;

    for (struct tenant **at = &t->first; *at;) {
        there++;
        if (there > keep && *at != kept && !tenant_is_used(*at))
            tenant_dismiss(at);
        else
            at = &(*at)->next;
    }
}

unsigned tenants_make_room(struct tenants *t, const struct tenant *tenant,
                           const struct tenant *kept)
{
    unsigned n = t->running + (box_now() - t->left < REAPED_NS);

    for (const struct link *l = t->links; l; l = l->next)
        n += l->state == LINK_LEAVING;
    for (struct tenant **at = &t->first; *at;) {
        struct tenant *one = *at;

        if (one == tenant) {
            at = &one->next;
            continue;
        }
        if (one->link) {
            n += one->link->numbers.warm < WARM_MAX ? one->link->numbers.warm : WARM_MAX;
            channel_put(&one->link->channel, MESSAGE_SHED, 0, NULL, 0, NULL, 0);
        }
        if (one == kept || tenant_is_used(one)) {
            at = &one->next;
            continue;
        }
        n += one->link != NULL;
        tenant_dismiss(at);
    }
    return n;
}
