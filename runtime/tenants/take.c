/* What monitors say. Each has parsed a bundle, and may have been taken over by it: a message that is none,
 * or out of turn, ends it. A line for a caller is one that a box may send, and never an end: where a run
 * ends, for whoever reads its caller's lines, is the front's word alone. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/caller/report.h"
#include "runtime/jail/box.h"
#include "runtime/tenants/tenants_parts.h"
#include "runtime/wire/event.h"

/* Bytes of events that may come of a run whose caller has no room, until its monitor heeds HOLD. */
#define AHEAD_MAX (4u << 20)

#define FAULT_NS 500000000ull /* between two FAULTs of one monitor that are passed on */

static int take_breach(struct fault *why, const char *what)
{
    return fault_set(why, STATUS_SETUP, 0, "monitor", "was ended: it said %s", what);
}

/* A text of a struct that came ends somewhere. */
static bool take_ends(const char *text, size_t size)
{
    return memchr(text, '\0', size) != NULL;
}

/* Of what a bundle, a line or the host can be to blame for. */
static bool take_is_fault(const struct fault *f)
{
    return (f->status == STATUS_SETUP || f->status == STATUS_INVALID ||
            f->status == STATUS_REFUSED) &&
           take_ends(f->where, sizeof f->where) && take_ends(f->what, sizeof f->what);
}

/* As in schemas/manifest.schema.json. */
static bool take_is_name(const char *name)
{
    const char *slash = strchr(name, '/');

    if (!*name || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-/") != strlen(name) ||
        strlen(name) > 128 || strchr("._-/", *name))
        return false;
    return !slash || (slash[1] && !strchr("._-/", slash[1]) && !strchr(slash + 1, '/'));
}

static bool take_is_digest(const char *digest)
{
    return strlen(digest) == 64 && strspn(digest, "0123456789abcdef") == 64;
}

/* Whether M is about a run that was over for its owner before its monitor knew of it. */
static bool take_is_ghost(struct link *l, const struct channel_message *m)
{
    struct tenants *t = l->tenant->all;
    bool is = m->run < t->options.slots && t->ghost[m->run] == l;

    if (is && m->kind == MESSAGE_ENDED) {
        t->ghost[m->run] = NULL;
        l->ghosts--;
    }
    return is && (m->kind == MESSAGE_ENDED || m->kind == MESSAGE_EVENT || m->kind == MESSAGE_BEGUN);
}

/* The run that M is about; NULL: none that this monitor has. */
static struct tenant_run *take_run(const struct link *l, const struct channel_message *m)
{
    const struct tenants *t = l->tenant->all;
    struct tenant_run *r = m->run < t->options.slots ? t->run[m->run] : NULL;

    return r && r->link == l ? r : NULL;
}

static int take_finding(struct link *l, const struct channel_message *m, struct fault *why)
{
    const struct message_finding *a = m->fixed;
    const char *end = memchr(m->text, '\0', m->size);
    struct findings *f = &l->found;
    struct finding *last;
    char *pointer;

    if (l->state != LINK_LOADING || !end || f->more)
        return take_breach(why, "a fault that is none");
    l->finding_bytes += m->size;
    if (l->finding_bytes > 2 * FINDINGS_BYTES)
        return take_breach(why, "too many faults");
    f->more = a->more;
    f->no_memory = f->no_memory || a->no_memory;
    if (f->count == FINDINGS_MAX || f->bytes > FINDINGS_BYTES)
        return take_breach(why, "too many faults");
    pointer = strndup(m->text, (size_t)(end - m->text));
    findings_add(f, NULL, NULL, false, "%.*s", (int)(m->size - (size_t)(end - m->text) - 1),
                 end + 1);
    last = f->count && pointer ? &f->item[f->count - 1] : NULL;
    if (!last || f->no_memory) {
        free(pointer);
        return 0;
    }
    free(last->pointer);
    last->pointer = pointer;
    last->place = (struct json_place){a->line, a->column};
    return 0;
}

static int take_loaded(struct link *l, const struct channel_message *m, struct fault *why)
{
    struct message_loaded *a = &l->loaded;

    if (l->state != LINK_LOADING)
        return take_breach(why, "that it has read its bundle, out of turn");
    memcpy(a, m->fixed, sizeof *a);
    if (!take_ends(a->name, sizeof a->name) || !take_ends(a->digest, sizeof a->digest) ||
        (a->failed && !take_is_fault(&a->why)) ||
        (!a->failed && (!take_is_name(a->name) || !take_is_digest(a->digest))))
        return take_breach(why, "that it has read what is no bundle");
    l->due = 0;
    link_loaded(l);
    return 0;
}

static int take_priced(struct link *l, const struct channel_message *m, struct fault *why)
{
    const struct message_priced *a = m->fixed;

    if (l->state != LINK_READY || !l->asked || l->answered == l->asked || a->ticket != l->asked ||
        (a->failed && !take_is_fault(&a->why)))
        return take_breach(why, "a price that nobody asked for");
    l->priced = *a;
    l->due = 0;
    l->answered = a->ticket;
    return 0;
}

/* Its box has said something, or is known to have read its line: no other may begin it again. */
static void has_begun(struct tenant_run *r)
{
    if (r->has_begun)
        return;
    r->has_begun = true;
    str_wipe(&r->text);
    if (r->begun)
        r->begun(r);
}

static int take_begun(struct link *l, const struct channel_message *m, struct fault *why)
{
    struct tenant_run *r = take_run(l, m);

    if (!r)
        return take_breach(why, "that a run has begun which has not");
    has_begun(r);
    return 0;
}

/* A request: its reply is owed, or given at once; the next can come only once that was sent. */
static int take_request(struct link *l, struct tenant_run *r, const struct event *e,
                        const char *line, size_t n, struct fault *why)
{
    autostr struct str reply = {0};

    if (!r->caller->kind->request(r->caller, e, line, n, &reply))
        return 0;
    if (l->channel.sent < r->replied)
        return take_breach(why, "a request before it has taken the reply to the last one");
    if (reply.failed || !reply.len)
        l->channel.lost = true;
    else
        channel_put(&l->channel, MESSAGE_REPLY, r->number, NULL, 0, reply.data, reply.len - 1);
    r->replied = l->channel.sent + channel_waiting(&l->channel);
    return 0;
}

static int take_line(struct link *l, struct tenant_run *r, const struct event *e,
                     const struct channel_message *m, struct fault *why)
{
    switch (e->kind) {
    case EVENT_LOG:
    case EVENT_WRITE:
    case EVENT_RESULT:
        r->resulted = e->kind == EVENT_RESULT;
        r->caller->kind->event(r->caller, e, m->text, m->size);
        return 0;
    case EVENT_RETURN: /* the caller owes the reply to the call that this belongs to */
        r->caller->kind->event(r->caller, e, m->text, m->size);
        r->caller->owed = true;
        r->caller->owed_kind = EVENT_CALL;
        return 0;
    case EVENT_READ:
        if (!r->caller->reads)
            return take_breach(why, "a Read to a caller that has not asked for it");
        return take_request(l, r, e, m->text, m->size, why);
    case EVENT_READLINE:
    case EVENT_TOEND:
    case EVENT_CALL:
    case EVENT_ARTIFACT:
    case EVENT_RATELIMIT:
        return take_request(l, r, e, m->text, m->size, why);
    default:
        return take_breach(why, "a line that is not for callers");
    }
}

/* What comes of a run that was cancelled, nobody waits for. */
static int take_event(struct link *l, const struct channel_message *m, struct fault *why)
{
    struct tenant_run *r = take_run(l, m);
    struct event e;
    const char *what;

    if (!r || m->size >= WIRE_LINE_MAX || memchr(m->text, '\n', m->size) ||
        event_parse(m->text, m->size, &e, &what) < 0 || r->caller->owed || r->resulted)
        return take_breach(why, "a line that no box may send now");
    has_begun(r);
    r->ahead = caller_has_room(r->caller) ? 0 : r->ahead + m->size;
    if (r->ahead > AHEAD_MAX)
        tenant_cancel(r, SIGPIPE, "output: the caller reads too little of what comes");
    return r->cancelled ? 0 : take_line(l, r, &e, m, why);
}

/* Whether this is how R can have ended. */
static bool take_is_end(const struct tenants *t, const struct tenant_run *r,
                        const struct message_ended *a)
{
    const struct report *report = &a->report;
    const struct fault lack = {.status = STATUS_SETUP, .err = a->lack};

    return report_is_sane(report) && (a->ran || report->status != STATUS_OK) &&
           (report->status != STATUS_CANCELLED || r->cancelled || t->stopped) &&
           (!a->lack || (report->status == STATUS_SETUP && fault_lack(&lack)));
}

static int take_ended(struct link *l, const struct channel_message *m, struct fault *why)
{
    const struct message_ended *a = m->fixed;
    struct tenant_run *r = take_run(l, m);
    struct tenants *t = l->tenant->all;
    struct fault reason;

    if (!r || !take_is_end(t, r, a))
        return take_breach(why, "that a run has ended, in no way that one can");
    l->runs--;
    if (a->again) { /* the broker has ended; runs that have begun end by themselves */
        link_detach(l);
        if (link_moves(r, &reason)) {
            link_idle(l);
            return 0;
        }
    }
    r->report = a->report;
    r->ran = a->ran;
    r->unmatched = a->unmatched;
    r->unnamed = a->unnamed;
    r->lack = a->lack;
    snprintf(r->report.bundle, sizeof r->report.bundle, "%s", l->loaded.name);
    snprintf(r->report.digest, sizeof r->report.digest, "%s", l->loaded.digest);
    tenant_run_finish(t, r);
    link_idle(l);
    return 0;
}

static int take_numbers(struct link *l, const struct channel_message *m, struct fault *why)
{
    (void)why;
    memcpy(&l->numbers, m->fixed, sizeof l->numbers);
    return 0;
}

static int take_fault(struct link *l, const struct channel_message *m, struct fault *why)
{
    const struct fault *a = m->fixed;

    if (!take_is_fault(a))
        return take_breach(why, "a fault that is none");
    if (box_now() - l->said < FAULT_NS)
        return 0;
    l->said = box_now();
    l->tenant->all->options.say(a, &(struct findings){0});
    return 0;
}

static const struct {
    size_t fixed;
    int (*take)(struct link *l, const struct channel_message *m, struct fault *why);
} takes[MESSAGE__COUNT] = {
    [MESSAGE_FINDING] = {sizeof(struct message_finding), take_finding},
    [MESSAGE_LOADED] = {sizeof(struct message_loaded), take_loaded},
    [MESSAGE_PRICED] = {sizeof(struct message_priced), take_priced},
    [MESSAGE_BEGUN] = {0, take_begun},
    [MESSAGE_EVENT] = {0, take_event},
    [MESSAGE_ENDED] = {sizeof(struct message_ended), take_ended},
    [MESSAGE_NUMBERS] = {sizeof(struct message_numbers), take_numbers},
    [MESSAGE_FAULT] = {sizeof(struct fault), take_fault},
};

static int take(struct link *l, const struct channel_message *m, struct fault *why)
{
    if (m->kind >= MESSAGE__COUNT || !takes[m->kind].take || m->fixed_size != takes[m->kind].fixed)
        return take_breach(why, "what is no message");
    return take_is_ghost(l, m) ? 0 : takes[m->kind].take(l, m, why);
}

void take_all(struct link *l)
{
    struct channel_message m;
    struct fault why;

    channel_fill(&l->channel);
    while (l->state != LINK_LEAVING && channel_next(&l->channel, &m))
        if (take(l, &m, &why) < 0) {
            l->tenant->all->options.say(&why, &(struct findings){0});
            link_lose(l, &why);
        }
    if (l->state == LINK_LEAVING || !l->channel.lost)
        return;
    fault_set(&why, STATUS_SETUP, 0, "monitor", "it has ended");
    if (l->tenant->coming == l)
        l->tenant->all->options.say(&why, &(struct findings){0});
    link_lose(l, &why);
}
