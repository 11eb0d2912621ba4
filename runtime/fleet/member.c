/* One run that the front has passed on, from its line to its end. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bundles/arguments.h"
#include "bundles/exports.h"
#include "runtime/caller/report.h"
#include "runtime/fleet/desk_parts.h"
#include "runtime/jail/box.h"
#include "runtime/json/json.h"
#include "runtime/monitor/watch.h"
#include "runtime/wire/job.h"

static uint32_t member_number(const struct member *m)
{
    return (uint32_t)(m - m->desk->members);
}

static void member_say(struct member *m, enum message_kind kind, const char *text, size_t n)
{
    channel_put(&m->desk->front, kind, member_number(m), NULL, 0, text, n);
}

/* A job's is for its result, which the front writes once it has ended. */
static void member_say_lazily(struct member *m, enum message_kind what, const char *text, size_t n)
{
    struct desk *d = m->desk;
    bool alone = d->lazy == channel_waiting(&d->front);

    if (d->o->jobs && !d->lazy)
        d->lazy_until = box_now() + LAZY_NS;
    member_say(m, what, text, n);
    if (d->o->jobs && alone)
        d->lazy = channel_waiting(&d->front);
}

static void member_event(struct caller *c, const struct event *e, const char *line, size_t n)
{
    (void)e;
    member_say_lazily(caller_whole(c, struct member), MESSAGE_EVENT, line, n);
}

static int member_request(struct caller *c, const struct event *e, const char *line, size_t n,
                          struct str *reply)
{
    (void)reply;
    member_say(caller_whole(c, struct member), MESSAGE_EVENT, line, n);
    c->owed = true;
    c->owed_kind = e->kind;
    c->owed_count = e->count;
    return 0;
}

/* Whatever is wrong with a caller's line: those behind it can no longer be matched to requests. */
static int member_input(struct caller *c, struct str *reply, struct fault *why)
{
    int r = caller_json_lines(c, reply, why);

    caller_whole(c, struct member)->unmatched |= r < 0;
    return r;
}

static bool member_listens(const struct caller *c)
{
    (void)c;
    return false; /* the front passes on what there is: member_reply() */
}

static void member_end(struct caller *c, const struct report *r)
{
    (void)c;
    (void)r;
}

static const struct caller_kind kind = {member_event, NULL,           member_request,
                                        member_input, member_listens, member_end};

static void member_free(struct member *m)
{
    struct desk *d = m->desk;

    d->waiting -= m->state == MEMBER_WAITING;
    m->party->waiting -= m->state == MEMBER_WAITING;
    m->party->running -= m->state == MEMBER_RUNNING;
    d->stuck = false;
    str_wipe(&m->line);
    lines_drop(&m->caller.lines);
    lines_forget(&m->caller.lines);
    caller_free(&m->caller);
    *m = (struct member){.desk = d};
}

static void member_ended(struct member *m, const struct message_ended *e)
{
    channel_put(&m->desk->front, MESSAGE_ENDED, member_number(m), e, sizeof *e, NULL, 0);
    member_free(m);
}

/* It has not begun, for *WHY. */
static void member_fail(struct member *m, const struct fault *why, bool unnamed)
{
    struct message_ended e = {.unnamed = unnamed, .unmatched = m->unmatched};

    e.lack = fault_lack(why);
    e.again = !unnamed && why->status == STATUS_SETUP && fleet_is_lost(m->desk->fleet);
    report_fault(&e.report, why);
    memcpy(e.report.export, m->run.report.export, sizeof e.report.export);
    member_ended(m, &e);
}

static void member_done(struct fleet_run *run)
{
    struct member *m = run->owner;
    struct message_ended e = {.ran = 1,
                              .again = run->again,
                              .unmatched = m->unmatched,
                              .lack = run->lack,
                              .report = run->report};

    member_ended(m, &e);
}

static void member_begun(struct fleet_run *run)
{
    struct member *m = run->owner;

    member_say_lazily(m, MESSAGE_BEGUN, NULL, 0);
}

void member_take(struct member *m, const struct message_start *start, const char *line, size_t n)
{
    struct desk *d = m->desk;

    *m = (struct member){.desk = d,
                         .state = MEMBER_WAITING,
                         .turn = ++d->turns,
                         .job = start->line,
                         .line = {.secret = true},
                         .party = d->parties[start->user]};
    m->caller = (struct caller){.kind = &kind,
                                .in = -1,
                                .in_eof = start->eof != 0,
                                .out = {.fd = -1},
                                .err = {.fd = -1},
                                .queued = &d->front.out.len};
    lines_open(&m->caller.lines, WIRE_LINE_MAX);
    str_add(&m->line, line, n);
    m->party->share.others = start->others;
    d->waiting++;
    m->party->waiting++;
    if (m->line.failed)
        member_fail(m, &(struct fault){STATUS_SETUP, ENOMEM, "", "not enough memory for its line"},
                    false);
}

/* Before the run has begun there is no request: a line that waits here is one too many then. */
void member_reply(struct member *m, const char *line, size_t n)
{
    struct lines *l = &m->caller.lines;

    if (lines_add(l, line, n) < 0 || lines_add(l, "\n", 1) < 0)
        m->unmatched = true;
    if (m->state == MEMBER_RUNNING)
        fleet_hear(m->desk->fleet, &m->run);
}

/* It may be another bundle's, keys included: only that it came is known here. */
void member_stray(struct member *m, uint64_t size)
{
    struct fault why;

    if (size == UINT64_MAX)
        fault_set(&why, STATUS_INVALID, 0, "", "caller: a line is longer than %u bytes",
                  WIRE_LINE_MAX);
    else
        fault_set(&why, STATUS_INVALID, 0, "", "caller: a line of %llu bytes %s",
                  (unsigned long long)size,
                  m->caller.owed ? "is no reply to the request that waits for one"
                                 : "arrived, but no request of the box is waiting for it");
    m->unmatched = true;
    if (m->state == MEMBER_RUNNING)
        fleet_refuse(m->desk->fleet, &m->run, why.what);
    else
        member_fail(m, &why, false);
}

void member_eof(struct member *m)
{
    m->caller.lines.eof = true;
    if (m->state == MEMBER_RUNNING)
        fleet_hear(m->desk->fleet, &m->run);
}

void member_hold(struct member *m, bool held)
{
    m->caller.held = held;
}

void member_cancel(struct member *m, int signo, const char *text, size_t n)
{
    struct fault why;

    fault_set(&why, STATUS_CANCELLED, 0, "", "%.*s", (int)n, text);
    if (m->state == MEMBER_RUNNING)
        fleet_cancel(m->desk->fleet, &m->run, signo, why.what);
    else
        member_fail(m, &why, false);
}

void member_stop_all(struct desk *d, const char *text, size_t n)
{
    for (unsigned i = 0; i < d->o->fleet.slots; i++)
        if (d->members[i].state == MEMBER_WAITING)
            member_cancel(&d->members[i], 0, text, n);
}

static void start_forget(struct start *start)
{
    if (start->keyring)
        json_wipe(start->keyring);
    start->keyring = NULL;
    start_free(start);
}

/* ASKED: a job's limits, or NULL. */
static int member_plan(struct desk *d, struct json_object *asked, const struct export *e,
                       const struct plan **p, struct fault *why)
{
    struct findings found = {0};
    struct limits limits;
    int r = 0;

    limits_clear(&limits);
    if (asked)
        r = arguments_limits(asked, &limits, &found, why);
    findings_free(&found);
    return r < 0 ? -1 : fleet_plan(d->fleet, &limits, e, p, why);
}

static uint64_t price_of(const struct plan *p, enum limit l)
{
    uint64_t value = p->limits[l].effective;

    return value >= LIMIT_HOST ? LIMIT_NONE : value;
}

int member_price(struct desk *d, const char *line, size_t n, struct message_price *price,
                 struct fault *why)
{
    const struct plan *p = fleet_bundle_plan(d->fleet);
    struct job job = {0};
    int r = line ? job_parse(line, n, "", &job, why) : 0;

    if (r == 0 && line)
        r = member_plan(d, job.limits, &fleet_manifest(d->fleet)->own, &p, why);
    *price = (struct message_price){price_of(p, LIMIT_MEMORY), price_of(p, LIMIT_CPUS)};
    job_free(&job);
    return r;
}

/* What M's run calls, and within which limits. 0, or -1 and *WHY; 1: it has to wait until a run has
 * ended. ASKED: a job's limits, or NULL. */
static int member_choose(struct member *m, struct json_object *asked, struct fault *why)
{
    struct fleet *f = m->desk->fleet;
    int r = exports_choose(fleet_manifest(f), m->run.start.export, &m->run.export, why);

    if (r == 0)
        r = member_plan(m->desk, asked, m->run.export, &m->run.plan, why);
    return r < 0 && why->err == EBUSY && fleet_running(f) ? 1 : r;
}

/* Parse M's line. 0, or -1 and *WHY; 1: as above. */
static int member_parse(struct member *m, bool *unnamed, struct fault *why)
{
    const struct desk_options *o = m->desk->o;
    struct job job = {0};
    char where[40];
    int r;

    if (!o->jobs) {
        r = start_parse(m->line.data, m->line.len, &m->run.start, why);
        *unnamed = r < 0;
        return r < 0 ? r : member_choose(m, NULL, why);
    }
    snprintf(where, sizeof where, "line %llu", (unsigned long long)m->job);
    r = job_parse(m->line.data, m->line.len, where, &job, why);
    m->run.start = job.start;
    job.start = (struct start){0};
    if (r == 0)
        r = member_choose(m, job.limits, why);
    if (r == 0)
        r = arguments_texts(fleet_manifest(m->desk->fleet), &m->run.start.options, o->texts,
                            o->text_count, why);
    job_free(&job);
    return r;
}

static void member_charge(struct member *m, uint64_t steps)
{
    uint64_t until = fleet_rest(steps);

    if (!until)
        return;
    m->party->rests_until = until > m->party->rests_until ? until : m->party->rests_until;
    m->party->charged = m->desk->passes;
}

static void member_begin(struct member *m)
{
    struct desk *d = m->desk;
    struct fault why;
    bool unnamed = false;
    int r;

    m->run = (struct fleet_run){.caller = &m->caller,
                                .done = member_done,
                                .begun = member_begun,
                                .owner = m,
                                .share = &m->party->share};
    d->checked = m;
    d->front.looked = 0; /* what it is cancelled by may have been looked at for another */
    r = member_parse(m, &unnamed, &why);
    if (r == 0) {
        m->caller.base64 = m->run.start.base64;
        m->caller.reads = m->run.start.reads;
        r = fleet_start(d->fleet, &m->run, &why);
        member_charge(m, m->run.start.steps + fleet_checked(d->fleet, &m->run));
    }
    d->checked = NULL;
    start_forget(&m->run.start);
    if (r > 0) {
        d->stuck = true;
        return;
    }
    if (r < 0) {
        member_fail(m, &why, unnamed);
        return;
    }
    str_wipe(&m->line);
    m->state = MEMBER_RUNNING;
    d->waiting--;
    m->party->waiting--;
    m->party->running++;
}

static bool another_party(const struct desk *d, const struct party *p)
{
    for (size_t i = 0; i < d->party_count; i++)
        if (d->parties[i] && d->parties[i] != p &&
            (d->parties[i]->waiting || d->parties[i]->running))
            return true;
    return false;
}

/* When P may begin something; 0: now. Even alone it gets one check that takes long in a pass: what
 * others say is heard in between. */
static uint64_t party_rests(const struct desk *d, const struct party *p, uint64_t now)
{
    if (p->charged == d->passes)
        return now;
    if (p->rests_until <= now || !(p->share.others || another_party(d, p)))
        return 0;
    return p->rests_until;
}

/* The oldest line of the party that has waited longest for its turn; NULL: none can begin now. */
static struct member *member_next(struct desk *d, uint64_t *due)
{
    struct member *first = NULL;
    uint64_t now = box_now(), until;

    for (unsigned i = 0; i < d->o->fleet.slots; i++) {
        struct member *m = &d->members[i];

        if (m->state != MEMBER_WAITING)
            continue;
        until = party_rests(d, m->party, now);
        if (until)
            *due = until < *due ? until : *due;
        else if (!first || m->party->served < first->party->served ||
                 (m->party == first->party && m->turn < first->turn))
            first = m;
    }
    return first;
}

void member_begin_all(struct desk *d, uint64_t *due)
{
    uint64_t began = box_now();
    struct member *m;

    d->passes++;
    while (d->waiting && !d->stuck && (m = member_next(d, due)) != NULL) {
        if (box_now() - began > FLEET_TURN) {
            *due = began; /* the rest, once the boxes have been served */
            return;
        }
        m->party->served = ++d->begun;
        member_begin(m);
    }
}
