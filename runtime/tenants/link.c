/* The monitors of the bundles, from their order to their end. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "runtime/jail/box.h"
#include "runtime/monitor/remote.h"
#include "runtime/tenants/tenants_parts.h"

#define ANSWER_NS 60000000000ull /* in which a bundle is read, or a price told */

void link_ask(struct link *l)
{
    l->due = box_now() + ANSWER_NS;
}

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
    link_ask(l);
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

void link_detach(struct link *l)
{
    if (l->tenant->link != l)
        return;
    link_count(l, false);
    l->tenant->link = NULL;
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
    for (unsigned i = 0; i < tenant->all->options.slots; i++)
        if (tenant->all->ghost[i] == l)
            tenant->all->ghost[i] = NULL;
    l->ghosts = 0;
}

void link_idle(struct link *l)
{
    struct tenant *tenant = l->tenant;

    if (l->state != LINK_LEAVING && !l->runs && tenant->link != l && tenant->coming != l)
        link_leave(l);
}

/* Not if something was passed on from its caller, which its next monitor would not know. */
bool link_moves(struct tenant_run *r, struct fault *why)
{
    struct tenant *tenant = r->tenant;

    if (r->has_begun || r->heard || r->cancelled || tenant->all->stopped ||
        ++r->tries >= TENANT_TRIES)
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
    if (tenant->link == l)
        tenant->failed = *why;
    link_detach(l);
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
    } else if (tenant->link == l) {
        if (tenant->digest[0] && !tenant->told) /* it could be used before */
            t->options.say(why, &l->found);
        tenant->told = tenant->told || tenant->digest[0];
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
    l->ghosts_due = box_now() + CANCEL_NS;
    snprintf(tenant->name, sizeof tenant->name, "%s", l->loaded.name);
    snprintf(tenant->digest, sizeof tenant->digest, "%s", l->loaded.digest);
    tenant->price = l->loaded.price;
    tenant->told = false;
}

/* Its directory was read again, as it was told to. */
static void link_reloaded(struct link *l)
{
    struct tenant *tenant = l->tenant;
    struct link *old = tenant->link;
    bool changed = strcmp(tenant->digest, l->loaded.digest) != 0;

    tenant->all->reloaded = true;
    if (old && !changed) {
        link_leave(l);
        return;
    }
    tenant->coming = NULL;
    tenant->link = l;
    tenant->reloads += changed;
    link_accept(l);
    if (!old)
        return;
    link_count(old, true);
    link_idle(old);
}

void link_due(const struct link *l, uint64_t *due)
{
    if (l->state == LINK_LEAVING)
        return;
    if (l->due && l->due < *due)
        *due = l->due;
    if (l->ghosts && l->ghosts_due && l->ghosts_due < *due)
        *due = l->ghosts_due;
}

bool link_is_overdue(const struct link *l, uint64_t now)
{
    uint64_t due = UINT64_MAX;

    link_due(l, &due);
    return now >= due;
}

void link_overdue(struct link *l)
{
    struct fault why;

    if (l->state == LINK_LOADING) {
        fault_set(&why, STATUS_SETUP, 0, l->tenant->path, "was not read in %llu s",
                  ANSWER_NS / 1000000000);
        link_refuse(l, &why);
        return;
    }
    fault_set(&why, STATUS_SETUP, 0, "monitor", "was ended: it did not %s",
              l->due ? "say what a job costs" : "end a run");
    link_lose(l, &why);
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
