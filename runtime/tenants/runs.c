/* The runs that monitors have. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/caller/report.h"
#include "runtime/jail/box.h"
#include "runtime/tenants/tenants_parts.h"

#define FULL (256u << 10) /* bytes queued for a monitor above which it is told no more */

static void run_put(struct tenant_run *r, enum message_kind kind, const void *fixed, size_t size,
                    const char *text, size_t n)
{
    channel_put(&r->link->channel, kind, r->number, fixed, size, text, n);
}

void tenant_run_send(struct tenant_run *r)
{
    const struct message_start start = {
        .user = r->user, .eof = r->caller->in_eof, .others = r->others, .line = r->line};

    r->link = r->tenant->link;
    r->link->runs++;
    r->held = r->resulted = r->heard = false;
    r->ahead = 0;
    r->replied = 0;
    run_put(r, MESSAGE_START, &start, sizeof start, r->text.data, r->text.len);
}

int tenant_start(struct tenant_run *r, const char *line, size_t n, struct fault *why)
{
    struct tenants *t = r->tenant->all;
    uint32_t number = 0;

    while (number < t->options.slots && (t->run[number] || t->ghost[number]))
        number++;
    if (number == t->options.slots)
        return fault_set(why, STATUS_SETUP, 0, "", "%u runs at once are under way", number);
    r->text = (struct str){.secret = true};
    str_add(&r->text, line, n);
    if (r->text.failed)
        return fault_set(why, STATUS_SETUP, ENOMEM, "", "keeping its line");
    if (tenant_revive(r->tenant, why) < 0) {
        str_wipe(&r->text);
        return -1;
    }
    r->number = number;
    r->report = (struct report){0};
    r->has_begun = r->ran = r->unmatched = r->unnamed = false;
    r->lack = 0;
    r->tries = 0;
    r->cancelled = 0;
    t->run[number] = r;
    t->running++;
    tenant_run_send(r);
    return 0;
}

void tenant_run_finish(struct tenants *t, struct tenant_run *r)
{
    t->run[r->number] = NULL;
    t->running--;
    str_wipe(&r->text);
    r->link = NULL;
    r->done(r);
}

void tenant_run_fail(struct tenants *t, struct tenant_run *r, const struct fault *why)
{
    struct fault cancelled;

    r->ran = r->unmatched = r->has_begun;
    r->lack = r->ran ? 0 : fault_lack(why);
    r->report = (struct report){.signal = r->cancelled ? r->signal : 0};
    if (r->cancelled)
        fault_set(&cancelled, STATUS_CANCELLED, 0, "", "%s", r->message);
    report_fault(&r->report, r->cancelled ? &cancelled : why);
    snprintf(r->report.bundle, sizeof r->report.bundle, "%s", r->tenant->name);
    snprintf(r->report.digest, sizeof r->report.digest, "%s", r->tenant->digest);
    tenant_run_finish(t, r);
}

void tenant_reply(struct tenant_run *r, const char *line, size_t n)
{
    r->caller->owed = false;
    r->heard = true;
    run_put(r, MESSAGE_REPLY, NULL, 0, line, n);
}

void tenant_stray(struct tenant_run *r, uint64_t size)
{
    const struct message_stray stray = {size};

    r->heard = true;
    run_put(r, MESSAGE_STRAY, &stray, sizeof stray, NULL, 0);
}

void tenant_eof(struct tenant_run *r)
{
    r->caller->in_eof = true;
    run_put(r, MESSAGE_EOF, NULL, 0, NULL, 0);
}

bool tenant_listens(const struct tenant_run *r)
{
    return channel_waiting(&r->link->channel) < FULL;
}

void tenant_cancel(struct tenant_run *r, int signo, const char *message)
{
    const struct message_cancel cancel = {signo, 0};

    if (r->cancelled)
        return;
    r->cancelled = box_now() + (r->link->state == LINK_LOADING ? 0 : CANCEL_NS);
    r->signal = signo;
    snprintf(r->message, sizeof r->message, "%s", message);
    run_put(r, MESSAGE_CANCEL, &cancel, sizeof cancel, message, strlen(message));
}

void tenants_stop(struct tenants *t, const char *message)
{
    t->stopped = true;
    for (struct link *l = t->links; l; l = l->next)
        if (l->state != LINK_LEAVING)
            channel_put(&l->channel, MESSAGE_STOP, 0, NULL, 0, message, strlen(message));
}

/* The line is kept here, and in the monitor until the box has read it, and on its way. */
size_t tenant_holds(const struct tenant_run *r)
{
    return 3 * r->text.cap;
}
