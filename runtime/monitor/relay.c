/* Between box and caller: each line of the box is parsed, checked against what the plan allows,
 * counted, and only then passed on. The first that is wrong ends the run; nothing of it is passed
 * on. */
#include <errno.h>
#include <string.h>

#include "runtime/json/base64.h"
#include "runtime/json/finding.h"
#include "runtime/json/json.h"
#include "runtime/json/schema/schema.h"
#include "runtime/monitor/watch.h"
#include "schemas/setup.h"

static void breach(struct watch *w, const char *what)
{
    watch_decide(w, STATUS_PROTOCOL, "the box broke the protocol: %s", what);
}

/* Of an object, a method is listed as CLASS:METHOD. */
static bool may_call(const struct plan *p, const struct event *e)
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

static void take_exit(struct watch *w, const struct event *e)
{
    w->has_exit = true;
    w->exit_kind = e->kind;
    w->exit_limit_memory = e->name.len == 6 && memcmp(e->name.at, "memory", 6) == 0;
    str_reserve(&w->exit_text, e->text.len);
    if (!w->exit_text.failed)
        w->exit_text.len = json_unescape(e->text.at, e->text.len, w->exit_text.data);
    if (w->exit_text.data)
        w->exit_text.data[w->exit_text.len] = '\0';
}

enum fit { FITS, WRONG, LATER };

#define THRIFTY_STEPS 100000u /* some milliseconds */

/* The result must fit the manifest's schema before anybody sees it. Where runs of others wait for this loop too, one whose
 * check is long is put off, and nothing was counted: which it is shows by trying. */
static enum fit check_result(struct watch *w, const struct event *e)
{
    struct findings found = {0};
    struct fault why = {0};
    struct json_error error = {0};
    struct json_object *value = NULL;
    struct meter work = w->work;
    enum fit fit = WRONG;

    if (!w->result)
        return FITS;
    if (w->thrifty)
        meter_spare(&work, THRIFTY_STEPS);
    if (json_build_within(e->value.at, e->value.len, &work, &value, &error.offset) < 0) {
        error.spent = work.spent;
        error.what = error.spent ? meter_why(&work) : NULL;
        findings_unread(&found, e->value.at, e->value.len, &error);
    } else if (schema_validate_within(w->result, value, NULL, &work, &found) == 0) {
        fit = FITS;
    }
    if (w->thrifty && work.spent == METER_STEPS_SPENT) {
        fit = LATER;
    } else {
        work.most = 0;
        w->work = work;
        /* A signal came: it is waited for in the loop, and says which it is. */
        if (fit == WRONG && !found.stopped) {
            findings_fault(&found, "result", &why);
            watch_decide(w, why.status, "the result does not fit the manifest's schema: %s",
                         why.what);
        }
    }
    json_free(value);
    findings_free(&found);
    return fit;
}

static bool result_fits(struct watch *w, const struct event *e)
{
    uint64_t since = w->waits ? w->waits : w->now;
    enum fit fit = check_result(w, e);

    w->waits = fit == LATER ? since : 0;
    if (fit != LATER) {
        w->away += box_now() - since;
        w->others = w->offered = 0;
    }
    return fit == FITS;
}

static void take_result(struct watch *w, const struct event *e, const char *line, size_t n)
{
    const char *what;

    if (w->has_result)
        breach(w, "a second Result");
    else if (!w->waits && turns_value(&w->turns, e->value, &what) < 0)
        breach(w, what);
    else if (result_fits(w, e)) {
        w->has_result = true;
        w->caller->kind->event(w->caller, e, line, n);
    }
}

/* runbox's own requests and sn0int's have nothing to look for in each other's runs. */
static bool may_say(const struct plan *p, enum event_kind kind)
{
    bool sandbox = p->flags & SETUP_SANDBOX;

    switch (kind) {
    case EVENT_DATABASE:
    case EVENT_BLOB:
        return sandbox;
    case EVENT_CALL:
    case EVENT_RETURN:
    case EVENT_ARTIFACT:
    case EVENT_RESULT:
        return !sandbox;
    default:
        return true;
    }
}

/* The box has no system call to wait with. Its clocks go on. */
static void take_sleep(struct watch *w, const struct event *e)
{
    w->wake = box_now() + e->wait;
}

void relay_wake(struct watch *w)
{
    w->wake = 0;
    str_adds(&w->box->out, "{\"Ok\":null}\n");
    if (box_flush(w->box) < 0)
        str_consume(&w->box->out, w->box->out.len);
}

static void owed_for_ever(struct watch *w)
{
    if (w->caller->owed && w->caller->in_eof)
        watch_decide(w, STATUS_INVALID, "caller: it closed the wire and still owes a reply");
}

static void take_call(struct watch *w, const struct event *e, const char *line, size_t n)
{
    struct turns *turns = &w->turns;
    const char *what = "a call of a method that the manifest does not list";

    if (!may_call(w->box->plan, e) || turns_call(turns, e, &what) < 0) {
        breach(w, what);
        return;
    }
    w->report->calls++;
    if (w->caller->kind->request(w->caller, e, line, n, &w->box->out))
        turns_answered(turns);
    owed_for_ever(w);
}

/* What a callback came to: the call that it belongs to is the caller's to answer again. */
static void take_return(struct watch *w, const struct event *e, const char *line, size_t n)
{
    const char *what;

    if (turns_return(&w->turns, e, &what) < 0) {
        breach(w, what);
        return;
    }
    w->caller->kind->event(w->caller, e, line, n);
    w->caller->owed = true;
    w->caller->owed_kind = EVENT_CALL;
    owed_for_ever(w);
}

static void take_request(struct watch *w, const struct event *e, const char *line, size_t n)
{
    if (e->kind == EVENT_SLEEP) {
        take_sleep(w, e);
        return;
    }
    w->caller->kind->request(w->caller, e, line, n, &w->box->out);
    /* sn0int's callers may have sent the reply already, with the start line. */
    if (w->box->plan->flags & SETUP_SANDBOX)
        relay_caller(w);
    owed_for_ever(w);
}

/* Its last words, which a limit may have made it say anywhere. */
static bool ends(enum event_kind kind)
{
    return kind == EVENT_RESULT || kind == EVENT_EXIT_OK || kind == EVENT_EXIT_ERR;
}

/* Files are counted when they are begun, whatever the caller makes of them: another piece of the one under way is
 * no new one. */
static void take_artifact(struct watch *w, const struct event *e, const char *line, size_t n)
{
    bool same = e->name.len == w->artifact_len && memcmp(e->name.at, w->artifact, e->name.len) == 0;

    w->artifacts += !same;
    if (w->artifacts > w->box->plan->limits[LIMIT_ARTIFACTS].effective) {
        watch_limit(w, STATUS_OUTPUT, LIMIT_ARTIFACTS, "artifacts", w->artifacts);
        return;
    }
    w->artifact_len = e->more ? e->name.len : 0;
    memcpy(w->artifact, e->name.at, w->artifact_len);
    take_request(w, e, line, n);
}

static void take_event(struct watch *w, const struct event *e, const char *line, size_t n)
{
    if (w->has_exit)
        breach(w, "a line after its Exit");
    else if (w->caller->owed || w->wake)
        breach(w, "a line while it waits for a reply");
    else if (w->has_result && e->kind != EVENT_EXIT_OK)
        breach(w, "something else than Exit after its Result");
    else if (w->turns.depth && ends(e->kind))
        breach(w, "an end within a callback");
    else if (!may_say(w->box->plan, e->kind))
        breach(w, "an event that this kind of run does not have");
    else if (e->kind == EVENT_EXIT_OK || e->kind == EVENT_EXIT_ERR || e->kind == EVENT_LIMIT)
        take_exit(w, e);
    else if (e->kind == EVENT_RESULT)
        take_result(w, e, line, n);
    else if (e->kind == EVENT_WRITE && w->caller->base64 && !base64_check(e->text.at, e->text.len))
        breach(w, "a Write that is not base64, which the start line asks for");
    else if (e->kind == EVENT_LOG || e->kind == EVENT_WRITE)
        w->caller->kind->event(w->caller, e, line, n);
    else if (e->kind == EVENT_CALL)
        take_call(w, e, line, n);
    else if (e->kind == EVENT_RETURN)
        take_return(w, e, line, n);
    else if (e->kind == EVENT_ARTIFACT)
        take_artifact(w, e, line, n);
    else
        take_request(w, e, line, n);
}

static void take_line(struct watch *w, const char *line, size_t n)
{
    const struct plan_limit *output = &w->box->plan->limits[LIMIT_OUTPUT];
    struct event e;
    const char *what;

    w->report->output_bytes += n + 1;
    if (w->report->output_bytes > output->effective) {
        watch_limit(w, STATUS_OUTPUT, LIMIT_OUTPUT, "output_bytes", w->report->output_bytes);
    } else if (event_parse(line, n, &e, &what) < 0) {
        breach(w, what);
    } else {
        take_event(w, &e, line, n);
    }
}

void relay_box(struct watch *w, bool all)
{
    bool may_read = true;
    char *line;
    size_t n;
    int r;

    if (watch_rests(w))
        return;
    w->held_back = false;
    while (!w->decided) {
        w->held_back = !caller_has_room(w->caller);
        if (w->held_back)
            return;
        r = lines_next(&w->box->in, &line, &n);
        if (r > 0) {
            take_line(w, line, n);
            w->held_back = w->waits != 0;
            if (!w->held_back)
                continue;
            w->report->output_bytes -= n + 1;
            lines_untake(&w->box->in, n);
            return;
        }
        if (r < 0) {
            breach(w, "a line that is too long");
            return;
        }
        if (w->wire_eof || !may_read)
            return;
        may_read = all;
        if (lines_fill(&w->box->in, w->box->wire) < 0) {
            if (errno == EAGAIN || errno == EINTR)
                return;
            /* It closed its end with bytes unread, which is told once: its last words may stand behind. */
            if (errno == ECONNRESET && !w->unread) {
                w->unread = true;
                continue;
            }
            w->wire_eof = true;
            if (errno != ECONNRESET)
                watch_decide(w, STATUS_SETUP, "reading from the box: %s", strerror(errno));
            return;
        }
        w->wire_eof = w->box->in.eof;
        if (w->wire_eof && lines_rest(&w->box->in, &line) > 0 && !w->has_exit)
            return; /* cut off in the middle of a line: the cause is in how it died */
    }
}

void relay_caller(struct watch *w)
{
    struct fault why;

    if (w->caller->kind->input(w->caller, &w->box->out, &why) < 0)
        watch_decide(w, why.status, "%s: %s", why.where, why.what);
}
