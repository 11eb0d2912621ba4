/* All bundles of the front, and the one place where it waits. */
#include "runtime/tenants/tenants.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/jail/box.h"
#include "runtime/tenants/tenants_parts.h"

#define LATE_PASSES 1000u /* in which an overdue monitor may say something else first */

int tenants_open(struct tenants **t, const struct tenants_options *o, struct fault *why)
{
    struct tenants *new = *t = calloc(1, sizeof *new);

    if (new) {
        new->run = calloc(o->slots, sizeof(struct tenant_run *));
        new->ghost = calloc(o->slots, sizeof(struct link *));
    }
    if (!new || !new->run || !new->ghost) {
        if (new) {
            free(new->run);
            free(new->ghost);
        }
        free(new);
        *t = NULL;
        return fault_set(why, STATUS_SETUP, ENOMEM, "", "%u runs at once", o->slots);
    }
    new->options = *o;
    return 0;
}

void tenant_free(struct tenant *tenant)
{
    findings_free(&tenant->found);
    free(tenant->path);
    free(tenant);
}

void tenants_close(struct tenants *t)
{
    if (!t)
        return;
    for (struct link *l; (l = t->links) != NULL;) {
        t->links = l->next;
        channel_close(&l->channel);
        findings_free(&l->found);
        free(l);
    }
    for (struct tenant *one; (one = t->first) != NULL;) {
        t->first = one->next;
        tenant_free(one);
    }
    for (unsigned i = 0; i < t->options.slots; i++)
        if (t->run[i])
            str_wipe(&t->run[i]->text);
    free(t->run);
    free(t->ghost);
    free(t->polls);
    free(t);
}

static struct tenant *tenant_new(struct tenants *t, const char *path, int index, struct fault *why)
{
    struct tenant *new = calloc(1, sizeof *new);

    if (new)
        new->path = strdup(path);
    if (!new || !new->path) {
        free(new);
        fault_set(why, STATUS_SETUP, ENOMEM, path, "reading it");
        return NULL;
    }
    new->all = t;
    new->index = index;
    return new;
}

int tenant_find(struct tenants *t, const char *path, int index, struct tenant **tenant,
                struct fault *why)
{
    struct tenant **at = &t->first, *found;

    while (*at && ((index >= 0 && (*at)->index != index) || strcmp((*at)->path, path) != 0))
        at = &(*at)->next;
    found = *at;
    if (found)
        *at = found->next;
    else
        found = tenant_new(t, path, index, why);
    if (!found)
        return -1;
    found->next = t->first;
    t->first = found;
    *tenant = found;
    return tenant_revive(found, why);
}

bool tenant_is_lost(const struct tenant *tenant)
{
    return !tenant->link;
}

int tenant_revive(struct tenant *tenant, struct fault *why)
{
    if (tenant->link)
        return 0;
    tenant->failed = (struct fault){0};
    tenant->link = link_open(tenant, why);
    return tenant->link ? 0 : -1;
}

int tenant_reload(struct tenant *tenant, struct fault *why)
{
    if (tenant->coming) /* it may have been read before the change */
        link_leave(tenant->coming);
    tenant->coming = link_open(tenant, why);
    tenant->all->reloaded = tenant->all->reloaded || !tenant->coming;
    return tenant->coming ? 0 : -1;
}

bool tenants_reload_ends(struct tenants *t)
{
    bool ends = t->reloaded;

    for (const struct tenant *one = t->first; one; one = one->next)
        ends = ends && !one->coming;
    t->reloaded = t->reloaded && !ends;
    return ends;
}

static bool tenant_is_loading(const struct tenant *tenant)
{
    return tenant->link && tenant->link->state == LINK_LOADING;
}

int tenant_await(struct tenant *tenant, struct findings *found, struct fault *why)
{
    struct tenants *t = tenant->all;

    while (tenant_is_loading(tenant)) {
        struct pollfd p = {.fd = t->options.signals, .events = POLLIN};

        if (tenants_poll(t, &p, 1, -1, why) < 0)
            return -1;
        if (p.revents)
            return fault_set(why, STATUS_CANCELLED, 0, "bundle", "told to stop while it was read");
    }
    if (tenant->link)
        return 0;
    *why = tenant->failed;
    if (found) {
        *found = tenant->found;
        tenant->found = (struct findings){0};
    }
    return -1;
}

unsigned tenants_running(const struct tenants *t)
{
    return t->running;
}

unsigned tenants_taken(const struct tenants *t)
{
    unsigned n = t->running;

    for (const struct link *l = t->links; l; l = l->next)
        n += l->state == LINK_LEAVING ? 0 : l->ghosts;
    return n;
}

static int tenants_room(struct tenants *t, unsigned own, struct fault *why)
{
    unsigned need = own;
    struct pollfd *more;

    for (const struct link *l = t->links; l; l = l->next)
        need++;
    if (need <= t->poll_room)
        return 0;
    more = reallocarray(t->polls, need + 32, sizeof *more);
    if (!more)
        return fault_set(why, STATUS_SETUP, ENOMEM, "", "polling %u descriptors", need);
    t->polls = more;
    t->poll_room = need + 32;
    return 0;
}

/* R is over before its monitor knows of it. Where many are, and nobody else waits, the monitor is not waited
 * for: their numbers are needed. */
static void run_ghost(struct tenants *t, struct tenant_run *r)
{
    struct link *l = r->link;
    struct fault why;

    t->ghost[r->number] = l;
    l->ghosts++;
    l->runs--;
    fault_set(&why, STATUS_CANCELLED, 0, "", "%s", r->message);
    tenant_run_fail(t, r, &why);
    if (l->runs || l->state == LINK_LEAVING || 4 * l->ghosts < t->options.slots)
        return;
    link_detach(l);
    link_leave(l);
}

/* Whether what L owes may be in what was not read yet: this process may have been stopped for long. */
static bool link_may_answer(const struct tenants *t, struct link *l)
{
    bool spoke = l->at && t->polls[l->at - 1].revents & POLLIN;

    l->late = spoke ? l->late + 1 : 0;
    return spoke && l->late < LATE_PASSES;
}

/* A monitor that does not end what it is told to is given up; while it still reads its bundle, the run is
 * over without it. */
static void check_cancelled(struct tenants *t, uint64_t now)
{
    struct fault why;

    for (unsigned i = 0; i < t->options.slots; i++) {
        struct tenant_run *r = t->run[i];

        if (!r || !r->cancelled || now < r->cancelled)
            continue;
        if (r->link->state == LINK_LOADING) {
            run_ghost(t, r);
        } else if (!link_may_answer(t, r->link)) {
            fault_set(&why, STATUS_SETUP, 0, "monitor", "was ended: it did not end a run");
            link_lose(r->link, &why);
        }
    }
}

/* Callers that do not read hold up their own runs. */
static void tenants_hold(struct tenants *t)
{
    for (unsigned i = 0; i < t->options.slots; i++) {
        struct tenant_run *r = t->run[i];
        bool held = r && !caller_has_room(r->caller);

        if (!r || r->held == held)
            continue;
        r->held = held;
        channel_put(&r->link->channel, held ? MESSAGE_HOLD : MESSAGE_RESUME, r->number, NULL, 0,
                    NULL, 0);
    }
}

/* *DUE is lowered to NOW if a monitor can no longer be told anything: nothing may come of it. */
static unsigned tenants_ask(struct tenants *t, unsigned n, uint64_t now, uint64_t *due)
{
    for (struct link *l = t->links; l; l = l->next) {
        if (l->state != LINK_LEAVING)
            channel_flush(&l->channel);
        t->polls[n] = (struct pollfd){.fd = l->channel.fd};
        if (l->state != LINK_LEAVING)
            t->polls[n].events = channel_waiting(&l->channel) ? POLLIN | POLLOUT : POLLIN;
        if (l->state != LINK_LEAVING && (l->channel.lost || l->channel.deaf))
            *due = now;
        l->at = ++n;
    }
    return n;
}

/* What a monitor that is leaving says is for nobody, and not read: its end is what it is polled for. */
static void tenants_reap(struct tenants *t)
{
    for (struct link **at = &t->links; *at;) {
        struct link *l = *at;

        if (l->state != LINK_LEAVING || !l->at ||
            !(t->polls[l->at - 1].revents & (POLLHUP | POLLERR))) {
            at = &l->next;
            continue;
        }
        *at = l->next;
        channel_close(&l->channel);
        findings_free(&l->found);
        free(l);
        t->left = box_now();
    }
}

static int tenants_timeout(int timeout_ms, uint64_t now, uint64_t due)
{
    uint64_t ms = due > now ? (due - now) / 1000000 + 1 : 0;

    if (due == UINT64_MAX || (timeout_ms >= 0 && (uint64_t)timeout_ms <= ms))
        return timeout_ms;
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

int tenants_poll(struct tenants *t, struct pollfd *own, unsigned n, int timeout_ms,
                 struct fault *why)
{
    uint64_t now = box_now(), due = UINT64_MAX;
    unsigned count;

    for (struct link *l = t->links; l; l = l->next)
        link_due(l, &due);
    for (unsigned i = 0; i < t->options.slots; i++)
        if (t->run[i] && t->run[i]->cancelled && t->run[i]->cancelled < due)
            due = t->run[i]->cancelled;
    tenants_hold(t);
    if (tenants_room(t, n, why) < 0)
        return -1;
    memcpy(t->polls, own, n * sizeof *own);
    count = tenants_ask(t, n, now, &due);
    if (poll(t->polls, count, tenants_timeout(timeout_ms, now, due)) < 0) {
        if (errno != EINTR)
            return fault_set(why, STATUS_SETUP, errno, "", "poll");
        for (unsigned i = 0; i < count; i++)
            t->polls[i].revents = 0;
    }
    memcpy(own, t->polls, n * sizeof *own);
    for (struct link *l = t->links; l; l = l->next)
        if (l->state != LINK_LEAVING && l->at &&
            (t->polls[l->at - 1].revents & ~POLLOUT || l->channel.lost || l->channel.deaf))
            take_all(l);
    now = box_now();
    for (struct link *l = t->links; l; l = l->next)
        if (link_is_overdue(l, now) && !link_may_answer(t, l))
            link_overdue(l);
    check_cancelled(t, now);
    tenants_reap(t);
    return 0;
}
