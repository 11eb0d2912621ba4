/* One bundle: what its monitor has told of it. */
#include "runtime/tenants/tenants_parts.h"

unsigned tenant_reloads(const struct tenant *tenant)
{
    return tenant->reloads;
}

const char *tenant_name(const struct tenant *tenant)
{
    return tenant->name;
}

const char *tenant_digest(const struct tenant *tenant)
{
    return tenant->digest;
}

unsigned tenant_waiting(const struct tenant *tenant)
{
    return tenant->link ? tenant->link->numbers.warm : 0;
}

uint64_t tenant_restarts(const struct tenant *tenant)
{
    unsigned made = tenant->link ? tenant->link->numbers.templates : 0;

    return tenant->restarts + (made ? made - 1 : 0);
}

uint64_t tenant_boxes_lost(const struct tenant *tenant)
{
    return tenant->lost + (tenant->link ? tenant->link->numbers.lost : 0);
}

int tenant_ask_price(struct tenant *tenant, const char *line, size_t n, struct message_price *price,
                     struct fault *why)
{
    struct link *l = tenant->link;

    if (!l && tenant->failed.status == STATUS_SETUP && tenant->revived++ < TENANT_TRIES)
        return tenant_revive(tenant, why);
    if (!l) {
        *why = tenant->failed;
        return why->what[0] ? -1 : fault_set(why, STATUS_SETUP, 0, "monitor", "it has ended");
    }
    if (l->state == LINK_LOADING)
        return 0;
    if (!line) {
        *price = tenant->price;
        tenant->revived = 0;
        return 1;
    }
    if (!l->asked) {
        const struct message_ask ask = {l->asked = ++tenant->all->tickets};

        channel_put(&l->channel, MESSAGE_PRICE, 0, &ask, sizeof ask, line, n);
        link_ask(l);
        return 0;
    }
    if (l->answered != l->asked)
        return 0;
    l->asked = l->answered = 0;
    tenant->revived = 0;
    *price = l->priced.price;
    *why = l->priced.why;
    return l->priced.failed ? -1 : 1;
}
