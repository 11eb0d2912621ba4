/* A person at a terminal, or a shell script: text on stdout, log lines on stderr, stdin for the
 * script. Box output for a terminal is made visible first. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/caller/artifacts.h"
#include "runtime/caller/caller.h"
#include "runtime/caller/report.h"
#include "runtime/wire/text.h"

#define INPUT_BYTES (64 * 1024) /* one piece of stdin; six times that, escaped, fits in a line */

static const struct {
    const char *mark, *colour;
} levels[] = {
    [LOG_DEBUG] = {"debug: ", "\033[2m"},        [LOG_INFO] = {"info: ", "\033[34m"},
    [LOG_SUCCESS] = {"success: ", "\033[32m"},   [LOG_WARN] = {"warning: ", "\033[33m"},
    [LOG_WARN_ONCE] = {"warning: ", "\033[33m"}, [LOG_ERROR] = {"error: ", "\033[31m"},
    [LOG_STATUS] = {"status: ", "\033[36m"},
};

static bool shows(const struct caller *c, enum log_level level)
{
    if (level == LOG_DEBUG)
        return c->verbose > 0;
    return c->verbose >= 0 || level == LOG_ERROR;
}

/* Text of the box among runbox's own lines: lines after the first are indented, so that none can
 * pass for one of runbox's. */
static void add_indented(struct str *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        str_addc(out, text[i]);
        if (text[i] == '\n')
            str_adds(out, "    ");
    }
}

static void add_plain(struct str *out, struct span escaped)
{
    autostr struct str text = {0};

    text_plain(&text, escaped, true);
    add_indented(out, text.data, text.len);
}

static void show_log(struct caller *c, const struct event *e)
{
    const struct person *person = caller_whole(c, struct person);
    struct str *err = &c->err.pending;

    if (!shows(c, e->level))
        return;
    str_addf(err, "%s%s%s", person->colour ? levels[e->level].colour : "", levels[e->level].mark,
             person->colour ? "\033[0m" : "");
    add_plain(err, e->text);
    str_addc(err, '\n');
}

static void person_event(struct caller *c, const struct event *e, const char *line, size_t n)
{
    struct person *person = caller_whole(c, struct person);
    struct str *out = &c->out.pending;
    size_t before = out->len;

    (void)line;
    (void)n;
    if (e->kind == EVENT_LOG)
        show_log(c, e);
    if (e->kind == EVENT_WRITE) {
        text_plain(out, e->text, c->out_tty);
        if (out->len > before)
            person->at_line_start = out->data[out->len - 1] == '\n';
    }
    if (e->kind == EVENT_RESULT) {
        if (!person->at_line_start)
            str_addc(out, '\n');
        text_json_visible(out, e->value);
        str_addc(out, '\n');
        person->at_line_start = true;
    }
}

static void reply_text(struct person *person, size_t n, struct str *reply)
{
    str_adds(reply, "{\"Ok\":");
    text_quote(reply, person->input.data, n);
    str_adds(reply, "}\n");
    str_consume(&person->input, n);
    person->caller.owed = false;
}

/* Reply from the stdin read so far, if it suffices: a line or a piece of one, all of stdin (or a
 * full piece) for ToEnd, null at end of file. */
static int reply_input(struct caller *c, struct str *reply)
{
    struct person *person = caller_whole(c, struct person);
    const char *data = person->input.data;
    size_t n = person->input.len;
    const char *end = n ? memchr(data, '\n', n) : NULL;

    if (n && c->owed_kind == EVENT_READLINE && end)
        reply_text(person, (size_t)(end - data) + 1, reply);
    else if (n >= INPUT_BYTES)
        reply_text(person, text_whole(data, n), reply);
    else if (c->in_eof && n)
        reply_text(person, n, reply);
    else if (c->in_eof) {
        str_adds(reply, "{\"Ok\":null}\n");
        c->owed = false;
    }
    return !c->owed;
}

static int person_input(struct caller *c, struct str *reply, struct fault *why)
{
    struct str *input = &caller_whole(c, struct person)->input;
    ssize_t n;

    if (str_reserve(input, INPUT_BYTES) < 0)
        return fault_set(why, STATUS_SETUP, ENOMEM, "stdin", "reading");
    n = read(c->in, input->data + input->len, INPUT_BYTES - input->len);
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        return fault_set(why, STATUS_INVALID, errno, "stdin", "reading");
    if (n > 0)
        input->len += (size_t)n;
    c->in_eof = n == 0;
    return c->owed ? reply_input(c, reply) : 0;
}

static int person_request(struct caller *c, const struct event *e, const char *line, size_t n,
                          struct str *reply)
{
    (void)line;
    (void)n;
    if (e->kind == EVENT_CALL) {
        str_adds(reply,
                 "{\"Err\":\"nobody is there to call: run with --json and answer on the wire\"}\n");
        return 1;
    }
    if (e->kind == EVENT_RATELIMIT) {
        str_adds(reply,
                 "{\"Err\":\"nobody is there to keep the limit: run with --json and answer on the "
                 "wire\"}\n");
        return 1;
    }
    if (e->kind == EVENT_ARTIFACT && c->artifacts)
        return artifacts_take(c->artifacts, e, reply);
    if (e->kind == EVENT_ARTIFACT) {
        str_adds(reply, "{\"Err\":\"no directory for artifacts: run with --artifacts DIR\"}\n");
        return 1;
    }
    c->owed = true;
    c->owed_kind = e->kind;
    return reply_input(c, reply);
}

/* Read stdin only when the script asks: it may be a terminal, or a pipe meant for
 * another program. */
static bool person_listens(const struct caller *c)
{
    return c->owed && !c->in_eof;
}

static void add_used(struct str *out, const struct report *r)
{
    str_addf(out, "%s in %.1f ms: cpu %.1f ms, memory peak ", status_text(r->status),
             (double)r->wall_ns / 1e6, (double)(r->cpu_user_ns + r->cpu_system_ns) / 1e6);
    if (r->memory_peak_source == PEAK_UNKNOWN)
        str_adds(out, "unknown");
    else
        str_addf(out, "%llu KiB%s", (unsigned long long)(r->memory_peak >> 10),
                 r->memory_peak_source == PEAK_PROCESS ? " (of the process)" : "");
    str_addf(out, ", output %llu bytes\n", (unsigned long long)r->output_bytes);
}

static void person_end(struct caller *c, const struct report *r)
{
    static char room[REPORT_JSON_MAX], visible[REPORT_JSON_MAX];
    struct str last = {.data = room, .cap = sizeof room, .fixed = true};
    struct str text = {.data = visible, .cap = sizeof visible, .fixed = true};

    if (r->status != STATUS_OK && !c->told) {
        text_visible(&text, r->bundle, strlen(r->bundle));
        str_adds(&text, r->bundle[0] ? ": " : "");
        text_visible(&text, r->message, strlen(r->message));
        str_adds(&last, "runbox: ");
        add_indented(&last, text.data, text.len);
        str_addc(&last, '\n');
    }
    if (c->verbose > 0)
        add_used(&last, r);
    if (last.len)
        sink_last(&c->err, &last);
}

static const struct caller_kind kind = {person_event, person_request, person_input, person_listens,
                                        person_end};

void caller_person(struct person *p, int in, int out, int err, int verbose, bool colour)
{
    *p = (struct person){.caller = {.kind = &kind,
                                    .in = in,
                                    .out = {.fd = out},
                                    .err = {.fd = err},
                                    .verbose = verbose,
                                    .out_tty = isatty(out)},
                         .colour = isatty(err) && colour,
                         .at_line_start = true};
}
