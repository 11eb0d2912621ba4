/* One connection: its lines in, its events out, one run at a time. The other end is a caller,
 * trusted to choose what is run and nothing more: it may be slow, silent, confused or gone, and
 * costs others nothing. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/caller/report.h"
#include "runtime/jail/box.h"
#include "runtime/serve/peer.h"
#include "runtime/wire/envelope.h"

#define BRIEF_NS   2000000000ull /* idle time without a place */
#define KEEP_BYTES 65536         /* a larger buffer is freed once it is empty */

struct peer *peer_new(struct server *s, int fd, struct user *u, bool brief)
{
    struct peer *p = calloc(1, sizeof *p);

    if (!p)
        return NULL;
    caller_json(&p->caller, fd, fd);
    sink_socket(&p->caller.out);
    p->server = s;
    p->fd = fd;
    p->user = u;
    p->brief = brief;
    s->places += !brief;
    if (u)
        u->places += !brief;
    s->peers[s->peer_count++] = p;
    p->since = s->now;
    p->line.secret = true;
    p->caller.lines.first = HOLD_FIRST;
    return p;
}

void peer_free(struct peer *p)
{
    struct lines *l = &p->caller.lines;

    if (p->state == PEER_WAITING)
        queue_remove(p);
    p->server->places -= !p->brief;
    if (p->user)
        p->user->places -= !p->brief;
    l->begin += l->len; /* the beginning of a start line may hold keys */
    l->len = 0;
    lines_forget(l);
    str_wipe(&p->line);
    caller_free(&p->caller);
    if (p->fd >= 0)
        close(p->fd);
    free(p);
}

bool peer_is_idle(const struct peer *p)
{
    const struct lines *l = &p->caller.lines;

    return p->state == PEER_IDLE && !l->len && !l->eof && !p->lost && !p->gone &&
           !sink_waiting(&p->caller.out);
}

/* Its run is to end: nothing of its caller's counts any more. */
static bool is_cancelled(const struct peer *p)
{
    return p->state == PEER_RUNNING && p->run.cancelled;
}

/* Whether more of what P says can be passed on to its run. */
static bool run_listens(const struct peer *p)
{
    return !p->caller.in_eof && !p->lost && !is_cancelled(p) && tenant_listens(&p->run);
}

short peer_events(const struct peer *p, uint64_t *due)
{
    uint64_t idle = p->brief ? BRIEF_NS : p->server->o->idle_ns;
    bool writes = sink_waiting(&p->caller.out) > 0;

    if (idle && (writes || p->state == PEER_IDLE) && !is_cancelled(p) && p->since + idle < *due)
        *due = p->since + idle;
    if (p->state == PEER_WAITING)
        return 0; /* poll(2) reports a hangup regardless */
    if (p->state == PEER_RUNNING)
        return (short)((writes ? POLLOUT : 0) | (run_listens(p) && hold_lets(p) ? POLLIN : 0));
    return writes ? POLLOUT : hold_lets(p) ? POLLIN : 0;
}

void peer_give_back(struct peer *p)
{
    struct caller *c = &p->caller;
    struct lines *l = &c->lines;

    if (!l->len && l->cap > HOLD_FIRST && !l->eof) {
        size_t max = l->max;

        lines_forget(l);
        lines_close(l);
        lines_open(l, max);
        l->first = HOLD_FIRST;
    }
    if (!c->out.pending.len && c->out.pending.cap > KEEP_BYTES)
        str_free(&c->out.pending);
}

void peer_answer(struct peer *p)
{
    struct server *s = p->server;
    struct report *r = &p->run.report;

    if (r->status == STATUS_CANCELLED && !r->signal)
        r->signal = p->gone || !s->signo ? SIGPIPE : s->signo;
    p->caller.kind->end(&p->caller, r);
    sink_flush(&p->caller.out);
    p->caller.owed = false;
    p->of = NULL;
    p->since = box_now();
    p->state = p->lost || p->gone || s->signo || p->caller.out.broken ? PEER_CLOSING : PEER_IDLE;
}

void peer_refuse(struct peer *p, const struct fault *why)
{
    struct report *r = &p->run.report;

    *r = (struct report){0};
    report_fault(r, why);
    if (p->of) {
        snprintf(r->bundle, sizeof r->bundle, "%s", tenant_name(p->of->bundle));
        snprintf(r->digest, sizeof r->digest, "%s", tenant_digest(p->of->bundle));
        p->of->tally.runs[why->status]++;
    }
    peer_answer(p);
}

void peer_busy(struct peer *p, const char *counter, uint64_t counted, const char *message)
{
    struct report *r = &p->run.report;

    *r = (struct report){.status = STATUS_REFUSED, .counted = counted};
    snprintf(r->counter, sizeof r->counter, "%s", counter);
    snprintf(r->message, sizeof r->message, "busy: %s", message);
    if (p->of) {
        snprintf(r->bundle, sizeof r->bundle, "%s", tenant_name(p->of->bundle));
        snprintf(r->digest, sizeof r->digest, "%s", tenant_digest(p->of->bundle));
        p->of->tally.busy++;
    }
    peer_answer(p);
}

void peer_ended(struct tenant_run *r)
{
    struct peer *p = r->owner;
    struct served *d = p->of;
    struct fault why;

    d->running--;
    p->user->running--;
    p->lost = p->lost || r->unmatched;
    p->stale = p->caller.owed;
    if (p->caller.out.pending.failed)
        sink_flush(&p->caller.out); /* which notes that a line is lost */
    if ((r->report.status == STATUS_CANCELLED || r->report.status == STATUS_OK) &&
        caller_output(&p->caller, &why) < 0 && why.status == STATUS_SETUP) {
        report_fault(&r->report, &why);
    }
    if (r->unnamed) {
        p->server->unnamed++;
        r->report.bundle[0] = r->report.digest[0] = r->report.export[0] = '\0';
    } else {
        d->tally.runs[r->report.status]++;
    }
    if (r->ran)
        latency_add(&d->tally.latency, (box_now() - p->arrived) / 1000);
    peer_answer(p);
}

void peer_cancel(struct peer *p, int signo, const char *message)
{
    struct fault why;

    if (p->state == PEER_WAITING) {
        queue_remove(p);
        str_wipe(&p->line);
        fault_set(&why, STATUS_CANCELLED, 0, "", "%s", message);
        peer_refuse(p, &why);
    } else if (p->state == PEER_RUNNING && !p->run.cancelled) {
        p->server->hurry = true;
        tenant_cancel(&p->run, signo, message);
    }
}

/* What is no reply, or comes before what it could reply to, is not shown to the monitor: it may be a start
 * line for another bundle, whose caller takes this run for ended. Behind it, lines can no longer be matched to requests. */
static void pass_on(struct peer *p)
{
    struct lines *l = &p->caller.lines;
    size_t n;
    char *line;
    int r = 0;

    while (run_listens(p) && (r = lines_message(l, &line, &n)) > 0) {
        p->lost = !p->caller.owed || !envelope_is_reply(line, n);
        if (p->lost)
            tenant_stray(&p->run, n);
        else
            tenant_reply(&p->run, line, n);
    }
    if (r < 0) {
        p->lost = true;
        tenant_stray(&p->run, UINT64_MAX);
    } else if (run_listens(p) && l->eof) {
        tenant_eof(&p->run);
    }
}

static void read_lines(struct peer *p)
{
    struct fault why;
    char *line;
    size_t n;

    while (p->state == PEER_IDLE && !sink_waiting(&p->caller.out)) {
        int r = lines_message(&p->caller.lines, &line, &n);

        if (r > 0) {
            p->since = p->server->now;
            start_take(p, line, n);
            continue;
        }
        if (r == 0 && !p->caller.lines.eof)
            return;
        if (r == 0) {
            p->state = PEER_CLOSING;
            return;
        }
        fault_set(&why, STATUS_INVALID, 0, "start line", "is longer than %u bytes", WIRE_LINE_MAX);
        p->lost = true;
        p->server->unnamed++;
        peer_refuse(p, &why);
    }
}

static void read_and_write(struct peer *p, short revents)
{
    struct caller *c = &p->caller;

    if (sink_waiting(&c->out))
        sink_flush(&c->out);
    if (p->state == PEER_IDLE && revents & (POLLIN | POLLHUP | POLLERR) && !sink_waiting(&c->out) &&
        hold_take(p) && lines_fill(&c->lines, p->fd) < 0 && errno != EAGAIN && errno != EINTR)
        c->out.broken = errno;
    if (c->out.broken)
        p->state = PEER_CLOSING;
    read_lines(p);
    if (p->state == PEER_IDLE)
        peer_give_back(p);
}

/* Give up a peer that neither takes what is queued for it nor sends anything. */
static void check_clock(struct peer *p)
{
    size_t unread = sink_waiting(&p->caller.out);
    uint64_t now = p->server->now, idle = p->brief ? BRIEF_NS : p->server->o->idle_ns;

    if (unread != p->unread)
        p->since = now;
    p->unread = unread;
    if (!idle || p->since + idle > now || (p->state != PEER_IDLE && !unread))
        return;
    if (p->state == PEER_RUNNING)
        peer_cancel(p, SIGPIPE, "output: the caller takes nothing");
    p->gone = true;
    if (p->state != PEER_RUNNING)
        p->state = PEER_CLOSING;
}

/* Of a run that is under way: what its monitor has said out, what its caller says in. */
static void serve_run_pass(struct peer *p, short revents)
{
    struct caller *c = &p->caller;
    struct fault why;

    if (sink_waiting(&c->out))
        sink_flush(&c->out);
    if (revents & POLLIN && !c->in_eof && hold_take(p) && lines_fill(&c->lines, p->fd) < 0 &&
        errno != EAGAIN && errno != EINTR)
        c->out.broken = errno;
    if (caller_output(c, &why) < 0) {
        peer_cancel(p, why.status == STATUS_CANCELLED ? SIGPIPE : 0,
                    "output: the caller closed its end");
        return;
    }
    pass_on(p);
    peer_give_back(p);
}

void peer_pass(struct peer *p, short revents)
{
    if (p->state == PEER_WAITING || p->state == PEER_RUNNING) {
        if (revents & (POLLHUP | POLLERR) && !p->gone) {
            p->gone = true;
            peer_cancel(p, SIGPIPE, "output: the caller closed its end");
        }
        if (p->state == PEER_RUNNING && !p->gone)
            serve_run_pass(p, revents);
    } else {
        read_and_write(p, revents);
    }
    check_clock(p);
}
