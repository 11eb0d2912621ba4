/* sn0int's parent process: JSON lines without a Report. Replies may arrive before their requests
 * (sn0int's own documentation shows a file with the start line and all replies), so a line is read
 * only when one is owed. What a module prints goes to stderr, as in sn0int. */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "runtime/caller/caller.h"
#include "runtime/caller/report.h"
#include "runtime/wire/caller.h"
#include "runtime/wire/text.h"
#include "schemas/setup.h"

static void pass_on(struct caller *c, const char *line, size_t n)
{
    str_add(&c->out.pending, line, n);
    str_addc(&c->out.pending, '\n');
}

static void sandbox_event(struct caller *c, const struct event *e, const char *line, size_t n)
{
    if (e->kind == EVENT_WRITE)
        text_plain(&c->err.pending, e->text, true);
    else
        pass_on(c, line, n);
}

static int sandbox_request(struct caller *c, const struct event *e, const char *line, size_t n,
                           struct str *reply)
{
    (void)reply;
    pass_on(c, line, n);
    c->owed = true;
    c->owed_kind = e->kind;
    return 0;
}

static bool sandbox_listens(const struct caller *c)
{
    return c->owed && !c->in_eof;
}

/* The next line in the buffer, or one that can be read without blocking. */
static int next_line(struct caller *c, char **line, size_t *n, struct fault *why)
{
    struct pollfd p = {.fd = c->in, .events = POLLIN};
    int got = lines_message(&c->lines, line, n);

    while (got == 0 && !c->lines.eof && poll(&p, 1, 0) > 0) {
        if (lines_fill(&c->lines, c->in) < 0 && errno != EAGAIN && errno != EINTR)
            return fault_set(why, STATUS_INVALID, errno, "caller", "reading its lines");
        got = lines_message(&c->lines, line, n);
    }
    if (got < 0)
        return fault_set(why, STATUS_INVALID, 0, "caller", "a line is longer than %llu bytes",
                         (unsigned long long)c->lines.max);
    if (got == 0 && c->lines.eof) {
        c->in_eof = true;
        return fault_set(why, STATUS_INVALID, 0, "caller",
                         "it closed the wire and still owes a reply");
    }
    return got;
}

static int sandbox_input(struct caller *c, struct str *reply, struct fault *why)
{
    char *line;
    size_t n;
    int got = c->owed ? next_line(c, &line, &n, why) : 0;

    if (got <= 0)
        return got;
    if (reply_check_sandbox(line, n, c->owed_kind, why) < 0)
        return -1;
    c->owed = false;
    str_add(reply, line, n);
    str_addc(reply, '\n');
    return 1;
}

static void sandbox_end(struct caller *c, const struct report *r)
{
    static char room[REPORT_JSON_MAX];
    struct str text = {.data = room, .cap = sizeof room, .fixed = true};

    str_adds(&text, "{\"Exit\":");
    report_exit_json(r, &text);
    str_adds(&text, "}\n");
    sink_last(&c->out, &text);
}

static const struct caller_kind kind = {sandbox_event,   NULL,       sandbox_request, sandbox_input,
                                        sandbox_listens, sandbox_end};

void caller_sandbox(struct caller *c, int in, int out, int err)
{
    *c = (struct caller){.kind = &kind, .in = in, .out = {.fd = out}, .err = {.fd = err}};
    lines_open(&c->lines, WIRE_LINE_MAX);
}
