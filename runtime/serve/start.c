/* Start lines: which bundle, and whether now, later or not at all. Keys in a line are kept until
 * its run has begun, then overwritten; a line that waits for a slot is kept as received, in one
 * buffer. */
#include <stdio.h>
#include <string.h>

#include "runtime/jail/box.h"
#include "runtime/json/json.h"
#include "runtime/serve/peer.h"
#include "runtime/wire/stats.h"

static void start_forget(struct start *start)
{
    if (start->keyring)
        json_wipe(start->keyring);
    start->keyring = NULL;
    start_free(start);
}

static void not_served(const struct server *s, const struct start *start, struct fault *why)
{
    autostr struct str names = {0};

    for (unsigned i = 0; i < s->o->bundle_count; i++)
        str_addf(&names, "%s%s", i ? ", " : "", fleet_manifest(s->served[i].bundle)->name);
    fault_set(why, STATUS_INVALID, 0, "start line", "/bundle: %s: %s",
              start->has_bundle ? "it is none of those that are served here"
                                : "a member is missing, for several are served here",
              names.failed ? "" : names.data);
}

static struct served *start_find(struct server *s, const struct start *start, struct fault *why)
{
    bool only = !start->has_bundle && s->o->bundle_count == 1;

    for (unsigned i = 0; (only || start->has_bundle) && i < s->o->bundle_count; i++)
        if (only || strcmp(fleet_manifest(s->served[i].bundle)->name, start->bundle) == 0)
            return &s->served[i];
    not_served(s, start, why);
    return NULL;
}

static int serve_start_parse(struct peer *p, const char *line, size_t n, struct start *start,
                             struct fault *why)
{
    p->of = NULL;
    if (start_parse(line, n, start, why) < 0)
        return -1;
    p->of = start_find(p->server, start, why);
    return p->of ? 0 : -1;
}

/* The caller must have sent nothing behind its start line: nothing has asked for it. */
static int alone(struct peer *p, struct fault *why)
{
    char *line;
    size_t n;

    if (lines_next(&p->caller.lines, &line, &n) == 0)
        return 0;
    p->lost = true;
    return fault_set(why, STATUS_INVALID, 0, "caller",
                     "a line came with the start line that no request of the box is waiting for");
}

static void launch(struct peer *p, const struct start *start)
{
    struct served *d = p->of;
    struct fault why;
    int r;

    p->run = (struct fleet_run){.bundle = d->bundle,
                                .start = *start,
                                .caller = &p->caller,
                                .done = peer_ended,
                                .owner = p,
                                .share = &p->user->share};
    p->caller.in_eof = p->caller.lines.eof;
    p->caller.base64 = start->base64;
    r = fleet_start(p->server->o->fleet, &p->run, &why);
    rest_charge(p->server, d, p->user, p->run.start.steps + fleet_checked(&p->run));
    start_forget(&p->run.start);
    if (r < 0) {
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
             fleet_running(p->server->o->fleet), d->queued, fleet_manifest(d->bundle)->name);
    peer_busy(p, "queue", d->queued, message);
}

/* Keep the line, to be parsed again in its turn: parsed values may need fifty times the memory
 * of their text. */
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
    struct start start = {0};
    struct fault why;
    bool good = serve_start_parse(p, line, n, &start, &why) == 0, keys = !good || start.keyring;

    if (!good || alone(p, &why) < 0) {
        p->server->unnamed += !p->of;
        start_forget(&start);
        peer_refuse(p, &why);
    } else if ((!p->of->queued || !p->user->running) && queue_may_run(p->server, p->of, p->user)) {
        p->user->served = ++p->server->begun;
        launch(p, &start);
    } else {
        start_forget(&start);
        if (!hold_fits(p->server, n))
            peer_busy(p, "queue", p->of->queued,
                      "what callers have sent holds as much memory as it may; try again");
        else if (p->of->queued < p->server->o->queue || queue_make_room(p))
            wait_for_turn(p, line, n);
        else
            refuse_busy(p);
    }
    if (keys) /* after an error it is unknown where they are */
        lines_forget(&p->caller.lines);
}

void start_take(struct peer *p, const char *line, size_t n)
{
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
    struct start start = {0};
    struct fault why;

    p->state = PEER_IDLE;
    if (serve_start_parse(p, p->line.data, p->line.len, &start, &why) == 0) {
        launch(p, &start);
    } else { /* its bundle was reloaded meanwhile, under another name */
        start_forget(&start);
        peer_refuse(p, &why);
    }
    str_wipe(&p->line);
    p->line.secret = true;
}
