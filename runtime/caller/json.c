/* A program on JSON lines: events are passed on unchanged, since wire/ accepted them; replies are
 * checked before the box sees them. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "runtime/caller/artifacts.h"
#include "runtime/caller/caller.h"
#include "runtime/caller/report.h"
#include "runtime/wire/caller.h"
#include "runtime/wire/text.h"
#include "runtime/wire/turns.h"
#include "schemas/setup.h"

void caller_json_event(struct caller *c, const struct event *e, const char *line, size_t n)
{
    /* At a terminal: the same JSON, without characters that a terminal acts on. Log lines and exit
     * messages always: a person will read them sooner or later. */
    if (c->out_tty || e->kind == EVENT_EXIT_ERR || e->kind == EVENT_LOG)
        text_json_visible(&c->out.pending, (struct span){line, n});
    else
        str_add(&c->out.pending, line, n);
    str_addc(&c->out.pending, '\n');
}

int caller_json_request(struct caller *c, const struct event *e, const char *line, size_t n,
                        struct str *reply)
{
    if (e->kind == EVENT_ARTIFACT && c->artifacts)
        return artifacts_take(c->artifacts, e, reply);
    caller_json_event(c, e, line, n);
    c->owed = true;
    c->owed_kind = e->kind;
    c->owed_count = e->count;
    return 0;
}

bool caller_json_listens(const struct caller *c)
{
    return !c->in_eof;
}

/* An Invoke instead of the reply. It is rewritten so that the box recognizes its first bytes. */
static int take_invoke(struct caller *c, const char *line, size_t n, struct str *reply,
                       struct fault *why)
{
    struct invoke i;

    if (invoke_parse(line, n, &i, why) < 0 || turns_invoke(c->turns, &i, why) < 0)
        return -1;
    c->owed = false;
    str_addf(reply, "{\"Invoke\":{\"fn\":%llu,\"params\":", (unsigned long long)i.fn);
    str_add(reply, i.params.at, i.params.len);
    str_adds(reply, "}}\n");
    return 1;
}

static int take_answer(struct caller *c, const char *line, size_t n, struct fault *why)
{
    if (turns_named(c->turns, line, n, why) < 0)
        return -1;
    turns_answered(c->turns);
    return 0;
}

static int check_reply(const struct caller *c, const char *line, size_t n, struct fault *why)
{
    if (c->owed_kind == EVENT_READ)
        return reply_check_read(line, n, c->owed_count, c->base64, why);
    return (c->base64 ? reply_check_base64 : reply_check)(line, n, c->owed_kind, why);
}

/* One line from the caller, which must be the owed reply. */
static int take_line(struct caller *c, const char *line, size_t n, struct str *reply,
                     struct fault *why)
{
    if (!c->owed)
        return fault_set(why, STATUS_INVALID, 0, "caller",
                         "a line of %zu bytes arrived, but no request of the box is waiting for it",
                         n);
    if (c->owed_kind == EVENT_CALL && invoke_is_meant(line, n))
        return take_invoke(c, line, n, reply, why);
    if (check_reply(c, line, n, why) < 0 ||
        (c->owed_kind == EVENT_CALL && take_answer(c, line, n, why) < 0))
        return -1;
    c->owed = false;
    str_add(reply, line, n);
    str_addc(reply, '\n');
    return 1;
}

/* Take every whole line in the buffer. A second one was sent before its request: left there, it
 * would answer the next request, or wait unseen by poll(2). */
static int take_lines(struct caller *c, struct str *reply, struct fault *why)
{
    char *line;
    size_t n;
    int r, taken = 0;

    while ((r = lines_message(&c->lines, &line, &n)) > 0) {
        if (take_line(c, line, n, reply, why) < 0)
            return -1;
        taken = 1;
    }
    if (r < 0)
        return fault_set(why, STATUS_INVALID, 0, "caller", "a line is longer than %llu bytes",
                         (unsigned long long)c->lines.max);
    return taken;
}

int caller_json_lines(struct caller *c, struct str *reply, struct fault *why)
{
    int r = take_lines(c, reply, why);

    if (r < 0 || !c->lines.eof)
        return r;
    c->in_eof = true;
    if (c->owed)
        return fault_set(why, STATUS_INVALID, 0, "caller",
                         "it closed the wire and still owes a reply");
    return r;
}

int caller_json_input(struct caller *c, struct str *reply, struct fault *why)
{
    if (lines_fill(&c->lines, c->in) < 0 && errno != EAGAIN && errno != EINTR)
        return fault_set(why, errno == ENOMEM ? STATUS_SETUP : STATUS_INVALID, errno, "caller",
                         "reading its lines");
    return caller_json_lines(c, reply, why);
}

void caller_json_end(struct caller *c, const struct report *r)
{
    static char room[REPORT_JSON_MAX + REPORT_JSON_MAX];
    struct str text = {.data = room, .cap = sizeof room, .fixed = true};

    str_adds(&text, "{\"Report\":");
    report_json(r, &text);
    str_adds(&text, "}\n{\"Exit\":");
    report_exit_json(r, &text);
    str_adds(&text, "}\n");
    sink_last(&c->out, &text);
}

static const struct caller_kind kind = {caller_json_event,   NULL,
                                        caller_json_request, caller_json_input,
                                        caller_json_listens, caller_json_end};

void caller_json(struct caller *c, int in, int out)
{
    *c = (struct caller){
        .kind = &kind, .in = in, .out = {.fd = out}, .err = {.fd = -1}, .out_tty = isatty(out)};
    lines_open(&c->lines, WIRE_LINE_MAX);
}
