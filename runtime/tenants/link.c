/* The monitors of the bundles, from their order to their end. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "runtime/jail/box.h"
#include "runtime/monitor/remote.h"
#include "runtime/tenants/tenants_parts.h"

struct link *link_open(struct tenant *tenant, struct fault *why)
{
    struct tenants *t = tenant->all;
    struct link *l = calloc(1, sizeof *l);
    int fd;

    if (!l) {
        fault_set(why, STATUS_SETUP, ENOMEM, tenant->path, "reading it");
        return NULL;
    }
    fd = remote_maker(t->options.front, tenant->index, tenant->path, &l->number, why);
    if (fd < 0) {
        free(l);
        return NULL;
    }
    channel_open(&l->channel, fd);
    l->tenant = tenant;
    l->next = t->links;
    t->links = l;
    return l;
}

/* Those of the links before the tenant's present one count on. RELOADED: its own first template is none
 * that was made again. */
static void link_count(struct link *l, bool reloaded)
{
    struct tenant *tenant = l->tenant;
    unsigned made = l->numbers.templates;

    tenant->restarts += reloaded && made ? made - 1 : made;
    tenant->lost += l->numbers.lost;
}

void link_leave(struct link *l)
{
    struct tenant *tenant = l->tenant;

    if (l->state == LINK_LEAVING)
        return;
    if (tenant->coming == l)
        tenant->coming = NULL;
    if (tenant->link == l)
        tenant->link = NULL;
    remote_dismiss(tenant->all->options.front, l->number);
    shutdown(l->channel.fd, SHUT_WR);
    findings_free(&l->found);
    l->state = LINK_LEAVING;
}

void link_idle(struct link *l)
{
    struct tenant *tenant = l->tenant;

    if (l->state != LINK_LEAVING && !l->runs && tenant->link != l && tenant->coming != l)
        link_leave(l);
}

/* A run of L that has not begun goes to the tenant's next monitor, if there may be one. */
static bool link_moves(struct tenant_run *r, struct fault *why)
{
    struct tenant *tenant = r->tenant;

    if (r->has_begun || r->cancelled || ++r->tries >= TENANT_TRIES)
        return false;
    if (tenant_revive(tenant, why) < 0)
        return false;
    tenant_run_send(r);
    return true;
}

void link_lose(struct link *l, const struct fault *why)
{
    struct tenant *tenant = l->tenant;
    struct tenants *t = tenant->all;
    struct fault reason = *why;

    if (l->state == LINK_LEAVING)
        return;
    t->reloaded = t->reloaded || tenant->coming == l;
    if (tenant->link == l) {
        link_count(l, false);
        if (l->state == LINK_LOADING && !tenant->digest[0])
            tenant->failed = *why;
    }
    link_leave(l);
    for (unsigned i = 0; i < t->options.slots; i++) {
        struct tenant_run *r = t->run[i];

        if (!r || r->link != l)
            continue;
        l->runs--;
        if (!link_moves(r, &reason))
            tenant_run_fail(t, r, &reason);
        reason = *why;
    }
}

/* The bundle cannot be used, for *WHY: nor by those runs that wait for it. */
static void link_refuse(struct link *l, const struct fault *why)
{
    struct tenant *tenant = l->tenant;
    struct tenants *t = tenant->all;
    struct fault reason = *why;

    if (tenant->coming == l) {
        t->options.say(why, &l->found);
        t->reloaded = true;
    } else if (!tenant->digest[0]) {
        tenant->failed = *why;
        findings_free(&tenant->found);
        tenant->found = l->found;
        l->found = (struct findings){0};
    }
    link_leave(l);
    for (unsigned i = 0; i < t->options.slots; i++)
        if (t->run[i] && t->run[i]->link == l) {
            l->runs--;
            tenant_run_fail(t, t->run[i], &reason);
        }
}

/* A name identifies one bundle of the command line. */
static int link_check_name(const struct link *l, struct fault *why)
{
    const struct tenant *tenant = l->tenant;

    for (const struct tenant *other = tenant->all->first; other; other = other->next)
        if (other != tenant && other->index >= 0 && tenant->index >= 0 &&
            strcmp(other->name, l->loaded.name) == 0)
            return fault_set(why, STATUS_USAGE, 0, tenant->path, "has the same name, %s, as %s",
                             other->name, other->path);
    return 0;
}

static void link_accept(struct link *l)
{
    struct tenant *tenant = l->tenant;

    l->state = LINK_READY;
    snprintf(tenant->name, sizeof tenant->name, "%s", l->loaded.name);
    snprintf(tenant->digest, sizeof tenant->digest, "%s", l->loaded.digest);
    tenant->price = l->loaded.price;
}

/* Its directory was read again, as it was told to. */
static void link_reloaded(struct link *l)
{
    struct tenant *tenant = l->tenant;
    struct link *old = tenant->link;

    tenant->all->reloaded = true;
    if (strcmp(tenant->digest, l->loaded.digest) == 0 && old) {
        link_leave(l);
        return;
    }
    tenant->coming = NULL;
    tenant->link = l;
    tenant->reloads++;
    link_accept(l);
    if (!old)
        return;
    link_count(old, true);
    link_idle(old);
}

void link_loaded(struct link *l)
{
    struct tenant *tenant = l->tenant;
    struct fault why;

    if (l->loaded.failed) {
        link_refuse(l, &l->loaded.why);
    } else if (link_check_name(l, &why) < 0) {
        link_refuse(l, &why);
    } else if (tenant->coming == l) {
        link_reloaded(l);
    } else if (tenant->index >= 0 && tenant->digest[0] &&
               strcmp(tenant->digest, l->loaded.digest) != 0) {
        fault_set(&why, STATUS_SETUP, 0, tenant->path,
                  "has changed since it was read, and its broker has ended");
        link_refuse(l, &why);
    } else {
        link_accept(l);
    }
}
