/* Start lines: which bundle, and whether now, later or not at all. Only that is read of them here; its
 * monitor has the rest. A line that waits for a slot is kept as received, in one buffer. */
#include <stdio.h>
#include <string.h>

#include "runtime/jail/box.h"
#include "runtime/json/json.h"
#include "runtime/serve/peer.h"
#include "runtime/wire/caller.h"
#include "runtime/wire/envelope.h"
#include "runtime/wire/stats.h"

static void not_served(const struct server *s, bool named, struct fault *why)
{
    autostr struct str names = {0};

    for (unsigned i = 0; i < s->o->bundle_count; i++)
        str_addf(&names, "%s%s", i ? ", " : "", tenant_name(s->served[i].bundle));
    fault_set(why, STATUS_INVALID, 0, "start line", "/bundle: %s: %s",
              named ? "it is none of those that are served here"
                    : "a member is missing, for several are served here",
              names.failed ? "" : names.data);
}

/* NAME: NULL if the line has none. */
static struct served *start_find(struct server *s, const char *name, struct fault *why)
{
    bool only = !name && s->o->bundle_count == 1;

    for (unsigned i = 0; (only || name) && i < s->o->bundle_count; i++)
        if (only || strcmp(tenant_name(s->served[i].bundle), name) == 0)
            return &s->served[i];
    not_served(s, name, why);
    return NULL;
}

/* Why a line that does not say whose it is may be none, the parser of start lines knows. */
static bool start_is_wrong(const char *line, size_t n, struct fault *why)
{
    struct start start;
    int r = start_parse(line, n, &start, why);

    if (start.keyring)
        json_wipe(start.keyring);
    start.keyring = NULL;
    start_free(&start);
    return r < 0;
}

/* Find the bundle of P's start line: p->of. *KEYS: it may hold some. */
static int serve_start_read(struct peer *p, const char *line, size_t n, bool *keys,
                            struct fault *why)
{
    struct server *s = p->server;
    struct envelope e;
    int r = envelope_read(line, n, &e, why);
    bool nobodys = r > 0 || (r == 0 && !e.bundle && s->o->bundle_count > 1);

    *keys = e.keys;
    p->caller.reads = e.reads;
    p->of = NULL;
    if (r >= 0 && !(nobodys && start_is_wrong(line, n, why)))
        p->of = start_find(s, r > 0 ? "" : e.bundle, why);
    envelope_free(&e);
    return p->of ? 0 : -1;
}

/* The caller must have sent nothing behind its start line: nothing has asked for it. */
static int alone(struct peer *p, struct fault *why)
{
    char *line;
    size_t n;

    if (lines_message(&p->caller.lines, &line, &n) == 0)
        return 0;
    p->lost = true;
    return fault_set(why, STATUS_INVALID, 0, "caller",
                     "a line came with the start line that no request of the box is waiting for");
}

/* Whether others are there, for whose sake a user rests whose lines take long to check. */
static bool others_are_there(const struct server *s, const struct served *d, const struct user *u)
{
    for (unsigned i = 0; i < s->user_count; i++)
        if (&s->users[i] != u && (s->users[i].places || s->users[i].running))
            return true;
    for (unsigned i = 0; i < s->o->bundle_count; i++)
        if (&s->served[i] != d && (s->served[i].queued || s->served[i].running))
            return true;
    return false;
}

static void launch(struct peer *p, const char *line, size_t n)
{
    struct served *d = p->of;
    struct fault why;

    p->run = (struct tenant_run){.tenant = d->bundle,
                                 .caller = &p->caller,
                                 .user = (uint32_t)(p->user - p->server->users),
                                 .others = others_are_there(p->server, d, p->user),
                                 .done = peer_ended,
                                 .owner = p};
    p->caller.in_eof = p->caller.lines.eof;
    if (tenant_start(&p->run, line, n, &why) < 0) {
        peer_refuse(p, &why);
        return;
    }
    p->state = PEER_RUNNING;
    d->running++;
    p->user->running++;
}

static void refuse_busy(struct peer *p)
{
    const struct served *d = p->of;
    char message[256];

    snprintf(message, sizeof message,
             "%u runs are under way, and %u of %s wait already (--max, --queue)",
             tenants_running(p->server->o->tenants), d->queued, tenant_name(d->bundle));
    peer_busy(p, "queue", d->queued, message);
}

/* Keep the line, to be read again in its turn: its bundle may have another name by then. */
static void wait_for_turn(struct peer *p, const char *line, size_t n)
{
    struct fault why;

    str_add(&p->line, line, n);
    p->server->held += p->line.cap;
    if (p->line.failed) {
        fault_set(&why, STATUS_SETUP, 0, "start line", "not enough memory to wait with it");
        str_wipe(&p->line);
        peer_refuse(p, &why);
        return;
    }
    queue_add(p);
    p->state = PEER_WAITING;
}

static void serve_start_take(struct peer *p, const char *line, size_t n)
{
    struct fault why;
    bool keys;

    if (serve_start_read(p, line, n, &keys, &why) < 0 || alone(p, &why) < 0) {
        p->server->unnamed += !p->of;
        peer_refuse(p, &why);
    } else if ((!p->of->queued || !p->user->running) && queue_may_run(p->server, p->of, p->user)) {
        p->user->served = ++p->server->begun;
        launch(p, line, n);
    } else if (!hold_fits(p->server, n)) {
        peer_busy(p, "queue", p->of->queued,
                  "what callers have sent holds as much memory as it may; try again");
    } else if (p->of->queued < p->server->o->queue || queue_make_room(p)) {
        wait_for_turn(p, line, n);
    } else {
        refuse_busy(p);
    }
    if (keys)
        lines_forget(&p->caller.lines);
}

void start_take(struct peer *p, const char *line, size_t n)
{
    bool stale = p->stale && n && *line == '{' && envelope_is_reply(line, n);

    p->stale = false;
    if (stale) /* it was written before its caller read the run's end */
        return;
    if (stats_asked(line, n)) {
        serve_stats(p->server, &p->caller.out.pending);
        sink_flush(&p->caller.out);
        return;
    }
    p->arrived = box_now();
    if (p->brief) { /* it asked for statistics, and now for more */
        p->of = NULL;
        p->lost = true;
        peer_busy(p, "connections", p->server->places, "all connections are taken (--connections)");
        return;
    }
    serve_start_take(p, line, n);
}

void start_waiting(struct peer *p)
{
    struct fault why;
    bool keys;

    p->state = PEER_IDLE;
    if (serve_start_read(p, p->line.data, p->line.len, &keys, &why) == 0)
        launch(p, p->line.data, p->line.len);
    else /* its bundle was reloaded meanwhile, under another name */
        peer_refuse(p, &why);
    str_wipe(&p->line);
    p->line.secret = true;
}
