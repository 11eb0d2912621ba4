/* Between box and caller: each line of the box is parsed, checked against the plan, counted, and
 * only then passed on. The first wrong line ends the run; none of it is passed on. */
#include <errno.h>
#include <string.h>

#include "runtime/json/base64.h"
#include "runtime/monitor/watch.h"
#include "runtime/wire/text.h"
#include "schemas/setup.h"

static void relay_breach(struct watch *w, const char *what)
{
    watch_decide(w, STATUS_PROTOCOL, "the box broke the protocol: %s", what);
}

/* The plan lists an object's method as CLASS:METHOD. */
static bool relay_may_call(const struct plan *p, const struct event *e)
{
    const char *colon = e->ref.len ? memchr(e->ref.at, ':', e->ref.len) : NULL;
    size_t class = colon ? (size_t)(colon - e->ref.at) : e->ref.len, own = class ? class + 1 : 0;

    for (size_t i = 0; i < p->calls.count; i++) {
        const char *listed = p->calls.item[i];

        if (strlen(listed) == own + e->name.len &&
            (!class || (memcmp(listed, e->ref.at, class) == 0 && listed[class] == ':')) &&
            memcmp(listed + own, e->name.at, e->name.len) == 0)
            return true;
    }
    return false;
}

/* The box's last line; one that reports a limit may come at any point. */
static void relay_exit(struct watch *w, const struct event *e, const char *line, size_t n)
{
    (void)line;
    (void)n;
    w->state = life_next(w->state, RUN_EXIT);
    w->exit_kind = e->kind;
    w->exit_limit_memory = e->name.len == 6 && memcmp(e->name.at, "memory", 6) == 0;
    text_c_plain(&w->exit_text, e->text);
}

static void relay_result(struct watch *w, const struct event *e, const char *line, size_t n)
{
    const char *what;

    if (!w->waits && turns_value(&w->turns, e->value, &what) < 0)
        relay_breach(w, what);
    else if (result_fits(w, e)) {
        w->state = life_next(w->state, RUN_RESULT);
        w->caller->kind->event(w->caller, e, line, n);
    }
}

/* The box has no system call to sleep with: its reply comes later. Its clocks keep running. */
static void relay_sleep(struct watch *w, const struct event *e, const char *line, size_t n)
{
    (void)line;
    (void)n;
    w->wake = box_now() + e->wait;
}

void relay_wake(struct watch *w)
{
    w->wake = 0;
    str_adds(&w->box->out, "{\"Ok\":null}\n");
    if (box_flush(w->box) < 0)
        str_consume(&w->box->out, w->box->out.len);
}

static void relay_check_owed(struct watch *w)
{
    if (w->caller->owed && w->caller->in_eof)
        watch_decide(w, STATUS_INVALID, "caller: it closed the wire and still owes a reply");
}

static void relay_call(struct watch *w, const struct event *e, const char *line, size_t n)
{
    struct turns *turns = &w->turns;
    const char *what = "a call of a method that the manifest does not list";

    if (!relay_may_call(w->box->plan, e) || turns_call(turns, e, &what) < 0) {
        relay_breach(w, what);
        return;
    }
    w->report->calls++;
    if (w->caller->kind->request(w->caller, e, line, n, &w->box->out))
        turns_answered(turns);
    relay_check_owed(w);
}

/* A callback has returned: the caller again owes the reply to the call that it belongs to. */
static void relay_return(struct watch *w, const struct event *e, const char *line, size_t n)
{
    const char *what;

    if (turns_return(&w->turns, e, &what) < 0) {
        relay_breach(w, what);
        return;
    }
    w->caller->kind->event(w->caller, e, line, n);
    w->caller->owed = true;
    w->caller->owed_kind = EVENT_CALL;
    relay_check_owed(w);
}

static void relay_request(struct watch *w, const struct event *e, const char *line, size_t n)
{
    w->caller->kind->request(w->caller, e, line, n, &w->box->out);
    /* sn0int's callers may have sent the reply already, with the start line. */
    if (w->box->plan->flags & SETUP_SANDBOX)
        relay_caller(w);
    relay_check_owed(w);
}

/* An artifact is counted when it begins, whatever the caller does with it; a further piece of the
 * current one is not counted again. */
static void relay_artifact(struct watch *w, const struct event *e, const char *line, size_t n)
{
    bool same = e->name.len == w->artifact_len && memcmp(e->name.at, w->artifact, e->name.len) == 0;

    w->artifacts += !same;
    if (w->artifacts > w->box->plan->limits[LIMIT_ARTIFACTS].effective) {
        watch_limit(w, STATUS_OUTPUT, LIMIT_ARTIFACTS, "artifacts", w->artifacts);
        return;
    }
    w->artifact_len = e->more ? e->name.len : 0;
    memcpy(w->artifact, e->name.at, w->artifact_len);
    relay_request(w, e, line, n);
}

static void relay_show(struct watch *w, const struct event *e, const char *line, size_t n)
{
    w->caller->kind->event(w->caller, e, line, n);
}

/* Whether streams cross as texts. If they cross as bytes, what would carry or ask for a text is a breach. */
static bool relay_is_text(struct watch *w)
{
    if (w->caller->kind->bytes)
        relay_breach(w, "a text, although its streams are bytes");
    return !w->caller->kind->bytes;
}

/* Readline and ToEnd. */
static void relay_text(struct watch *w, const struct event *e, const char *line, size_t n)
{
    if (relay_is_text(w))
        relay_request(w, e, line, n);
}

static void relay_write(struct watch *w, const struct event *e, const char *line, size_t n)
{
    if (!relay_is_text(w))
        return;
    if (w->caller->base64 && !base64_check(e->text.at, e->text.len))
        relay_breach(w, "a Write that is not base64, although the start line asks for base64");
    else
        relay_show(w, e, line, n);
}

/* Only where the start line asked for it. */
static void relay_read(struct watch *w, const struct event *e, const char *line, size_t n)
{
    if (w->caller->reads)
        relay_request(w, e, line, n);
    else
        relay_breach(w, "a Read, although the start line does not ask for it");
}

static void relay_bytes(struct watch *w, const struct event *e, const char *line, size_t n)
{
    (void)line;
    (void)n;
    if (w->caller->kind->bytes)
        w->bytes = e->count;
    else
        relay_breach(w, "Bytes, although its output is text");
}

/* When a line may come, and in which runs: some events are for bundles only, some for sn0int's
 * modules only. */
enum { IN_RUN = 1, IN_CALLBACK = 2, AFTER_RESULT = 4, ANYWHERE = IN_RUN | IN_CALLBACK };
enum { ASKS = 8, REQUEST = ANYWHERE | ASKS }; /* a reply follows */
enum { OF_BUNDLES = 1, OF_MODULES = 2, OF_ALL = OF_BUNDLES | OF_MODULES };

static const struct {
    uint8_t when, of;
    void (*take)(struct watch *w, const struct event *e, const char *line, size_t n);
} relay[EVENT__COUNT] = {
    [EVENT_LOG] = {ANYWHERE, OF_ALL, relay_show},
    [EVENT_WRITE] = {ANYWHERE, OF_ALL, relay_write},
    [EVENT_READLINE] = {REQUEST, OF_ALL, relay_text},
    [EVENT_TOEND] = {REQUEST, OF_ALL, relay_text},
    [EVENT_READ] = {REQUEST, OF_BUNDLES, relay_read},
    [EVENT_BYTES] = {ANYWHERE, OF_BUNDLES, relay_bytes},
    [EVENT_CALL] = {REQUEST, OF_BUNDLES, relay_call},
    [EVENT_RETURN] = {ANYWHERE, OF_BUNDLES, relay_return},
    [EVENT_ARTIFACT] = {REQUEST, OF_BUNDLES, relay_artifact},
    [EVENT_RATELIMIT] = {REQUEST, OF_ALL, relay_request},
    [EVENT_SLEEP] = {REQUEST, OF_ALL, relay_sleep},
    [EVENT_DATABASE] = {REQUEST, OF_MODULES, relay_request},
    [EVENT_BLOB] = {REQUEST, OF_MODULES, relay_request},
    [EVENT_RESULT] = {IN_RUN, OF_BUNDLES, relay_result},
    [EVENT_EXIT_OK] = {IN_RUN | AFTER_RESULT, OF_ALL, relay_exit},
    [EVENT_EXIT_ERR] = {IN_RUN, OF_ALL, relay_exit},
    [EVENT_LIMIT] = {ANYWHERE, OF_ALL, relay_exit},
};

static unsigned relay_when(const struct watch *w)
{
    if (!life_may(w->state, RUN_RESULT))
        return AFTER_RESULT;
    return w->turns.depth ? IN_CALLBACK : IN_RUN;
}

static void relay_event(struct watch *w, const struct event *e, const char *line, size_t n)
{
    unsigned when = relay_when(w);

    if (!life_may(w->state, RUN_EXIT))
        relay_breach(w, "a line after its Exit");
    else if (w->caller->owed || w->wake)
        relay_breach(w, "a line sent while it waits for a reply");
    /* An honest box reads all of a reply, wanted or not, before it asks again. */
    else if (relay[e->kind].when & ASKS && w->box->out.len)
        relay_breach(w, "a request before it has read the reply to the last one");
    else if (!(relay[e->kind].when & when))
        relay_breach(w, when == AFTER_RESULT ? "something else than Exit after its Result"
                                             : "an end within a callback");
    else if (!(relay[e->kind].of & (w->box->plan->flags & SETUP_SANDBOX ? OF_MODULES : OF_BUNDLES)))
        relay_breach(w, "an event that this kind of run does not have");
    else
        relay[e->kind].take(w, e, line, n);
}

/* Bytes of E, a line of N, that the limit `output` counts: what reaches the caller. A request for input
 * counts nothing: it is answered before anything else may come, so it floods nobody. */
static uint64_t relay_output(const struct event *e, size_t n)
{
    switch (e->kind) {
    case EVENT_READLINE:
    case EVENT_TOEND:
    case EVENT_READ:
        return 0;
    case EVENT_BYTES:
        return e->count;
    default:
        return n + 1;
    }
}

/* Returns how many bytes of it `output` has counted. */
static uint64_t relay_line(struct watch *w, const char *line, size_t n)
{
    const struct plan_limit *output = &w->box->plan->limits[LIMIT_OUTPUT];
    struct event e;
    const char *what;
    uint64_t counted;

    if (event_parse(line, n, &e, &what) < 0) {
        relay_breach(w, what);
        return 0;
    }
    counted = relay_output(&e, n);
    w->report->output_bytes += counted;
    if (w->report->output_bytes > output->effective)
        watch_limit(w, STATUS_OUTPUT, LIMIT_OUTPUT, "output_bytes", w->report->output_bytes);
    else
        relay_event(w, &e, line, n);
    return counted;
}

/* Pass on what has come of the bytes that a Bytes announced. Whether there was any. */
static bool relay_take_bytes(struct watch *w)
{
    char *bytes;
    size_t n = w->bytes ? lines_bytes(&w->box->in, w->bytes, &bytes) : 0;

    if (!n)
        return false;
    w->bytes -= (uint32_t)n;
    w->caller->kind->bytes(w->caller, bytes, n);
    return true;
}

/* Read the wire once. False: nothing has come, or the wire has ended within a line: how the box died
 * decides. */
static bool relay_fill(struct watch *w)
{
    char *rest;

    while (lines_fill(&w->box->in, w->box->wire) < 0) {
        if (errno == EAGAIN || errno == EINTR)
            return false;
        /* Its end was closed with bytes unread, reported once: its last lines may follow. */
        if (errno == ECONNRESET && !w->unread) {
            w->unread = true;
            continue;
        }
        w->wire_eof = true;
        if (errno != ECONNRESET)
            watch_decide(w, STATUS_SETUP, "reading from the box: %s", strerror(errno));
        return false;
    }
    w->wire_eof = w->box->in.eof;
    return !w->wire_eof || lines_rest(&w->box->in, &rest) == 0 || !life_may(w->state, RUN_EXIT);
}

/* One line, or what there is of the bytes behind one: 1; 0: there is none; -1: no more for now. */
static int relay_next(struct watch *w)
{
    uint64_t counted;
    char *line;
    size_t n;
    int r;

    if (relay_take_bytes(w))
        return 1;
    r = w->bytes ? 0 : lines_next(&w->box->in, &line, &n);
    if (r < 0)
        relay_breach(w, "a line that is too long");
    if (r <= 0)
        return r;
    counted = relay_line(w, line, n);
    w->held_back = w->waits != 0;
    if (!w->held_back)
        return 1;
    w->report->output_bytes -= counted;
    lines_untake(&w->box->in, n);
    return -1;
}

void relay_box(struct watch *w, bool all)
{
    bool may_read = true;
    int r;

    if (watch_rests(w))
        return;
    w->held_back = false;
    while (!watch_is_decided(w)) {
        w->held_back = !caller_has_room(w->caller);
        if (w->held_back)
            return;
        r = relay_next(w);
        if (r > 0)
            continue;
        if (r < 0 || w->wire_eof || !may_read || !relay_fill(w))
            return;
        may_read = all;
    }
}

void relay_caller(struct watch *w)
{
    struct fault why;

    if (w->caller->kind->input(w->caller, &w->box->out, &why) < 0)
        watch_decide(w, why.status, "%s: %s", why.where, why.what);
}
