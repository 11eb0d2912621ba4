/* A person at a terminal, or a shell script: text on stdout, log lines on stderr, stdin for the
 * script. Box output for a terminal is made visible first. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/caller/artifacts.h"
#include "runtime/caller/caller.h"
#include "runtime/caller/report.h"
#include "runtime/caller/terminal.h"
#include "runtime/wire/text.h"

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

/* Where log lines go. If stdout is the same file, they wait behind what the script printed before. */
static struct sink *log_of(struct caller *c)
{
    return caller_whole(c, struct person)->one ? &c->out : &c->err;
}

static void show_log(struct caller *c, const struct event *e)
{
    const struct person *person = caller_whole(c, struct person);
    struct str *err = &log_of(c)->pending;

    if (!shows(c, e->level))
        return;
    str_addf(err, "%s%s%s", person->colour ? levels[e->level].colour : "", levels[e->level].mark,
             person->colour ? "\033[0m" : "");
    add_plain(err, e->text);
    str_addc(err, '\n');
}

/* What is not a character's beginning after all. */
static void show_part(struct person *person)
{
    if (person->part.len)
        text_visible(&person->caller.out.pending, person->part.data, person->part.len);
    person->part.len = 0;
}

/* For a terminal: whole characters, made visible. */
static void show_visible(struct person *person, const char *bytes, size_t n)
{
    struct str *part = &person->part;
    size_t whole;

    str_add(part, bytes, n);
    whole = part->failed ? 0 : text_whole(part->data, part->len);
    text_visible(&person->caller.out.pending, part->data, whole);
    str_consume(part, whole);
    person->caller.out.lost |= part->failed;
    part->failed = false;
}

static void person_bytes(struct caller *c, const char *bytes, size_t n)
{
    struct person *person = caller_whole(c, struct person);

    if (c->out_tty)
        show_visible(person, bytes, n);
    else
        str_add(&c->out.pending, bytes, n);
    person->at_line_start = bytes[n - 1] == '\n';
}

/* As on stdout, for a terminal shows it sooner or later. The file takes what a line may hold without
 * waiting (cmd/run.c). */
static void keep_result(struct caller *c, int fd, struct span value)
{
    autostr struct str line = {0};

    text_json_visible(&line, value);
    str_addc(&line, '\n');
    if (line.failed || write(fd, line.data, line.len) != (ssize_t)line.len)
        c->out.lost = true;
}

static void show_result(struct caller *c, struct span value)
{
    struct person *person = caller_whole(c, struct person);
    struct str *out = &c->out.pending;

    if (person->result >= 0)
        keep_result(c, person->result, value);
    if (person->result >= 0 || c->verbose < 0)
        return;
    if (!person->at_line_start)
        str_addc(out, '\n');
    text_json_visible(out, value);
    str_addc(out, '\n');
    person->at_line_start = true;
}

static void person_event(struct caller *c, const struct event *e, const char *line, size_t n)
{
    (void)line;
    (void)n;
    show_part(caller_whole(c, struct person));
    if (e->kind == EVENT_LOG)
        show_log(c, e);
    if (e->kind == EVENT_RESULT)
        show_result(c, e->value);
}

/* Of one length, so that what is read can go behind it at once. */
#define PIECE_HEAD "{\"Ok\":%7zu}\n"

/* Reply with what is there of stdin, up to what the script asked for: its length, '\n', and its bytes. */
static int person_input(struct caller *c, struct str *reply, struct fault *why)
{
    char head[32];
    size_t heads = (size_t)snprintf(head, sizeof head, PIECE_HEAD, (size_t)c->owed_count);
    long n;

    if (str_reserve(reply, heads + c->owed_count) < 0)
        return fault_set(why, STATUS_SETUP, ENOMEM, "stdin", "reading");
    n = lines_read(&c->lines, c->in, reply->data + reply->len + heads, c->owed_count);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR
                   ? 0
                   : fault_set(why, STATUS_INVALID, errno, "stdin", "reading");
    c->owed = false;
    c->in_eof = n == 0;
    if (c->in_eof) {
        str_adds(reply, "{\"Ok\":null}\n");
        return 1;
    }
    snprintf(head, sizeof head, PIECE_HEAD, (size_t)n);
    memcpy(reply->data + reply->len, head, heads);
    reply->len += heads + (size_t)n;
    return 1;
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
    show_part(caller_whole(c, struct person));
    c->owed_kind = e->kind;
    c->owed_count = e->count;
    if (c->in_eof)
        str_adds(reply, "{\"Ok\":null}\n");
    c->owed = !c->in_eof;
    return c->in_eof;
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

/* As any filter before `head`: the exit status says it, and the report. */
static bool has_enough(const struct caller *c, const struct report *r)
{
    return r->status == STATUS_CANCELLED && c->out.broken == EPIPE && c->verbose <= 0;
}

/* What is missing is, as often as not, what Lua has and a box does not. */
static bool lacks_function(const struct report *r)
{
    static const char nil[] = "attempt to call a nil value (";
    const char *at = r->status == STATUS_ERROR ? strstr(r->message, nil) : NULL;

    if (!at)
        return false;
    at += sizeof nil - 1;
    return strncmp(at, "field '", 7) == 0 || strncmp(at, "global '", 8) == 0;
}

static void person_end(struct caller *c, const struct report *r)
{
    static char room[REPORT_JSON_MAX], visible[REPORT_JSON_MAX];
    struct str last = {.data = room, .cap = sizeof room, .fixed = true};
    struct str text = {.data = visible, .cap = sizeof visible, .fixed = true};

    if (r->status != STATUS_OK && !c->told && !has_enough(c, r)) {
        text_visible(&text, r->bundle, strlen(r->bundle));
        str_adds(&text, r->bundle[0] ? ": " : "");
        text_visible(&text, r->message, strlen(r->message));
        str_adds(&text, lacks_function(r) ? "; runbox check names what a box does not have" : "");
        str_adds(&last, "runbox: ");
        add_indented(&last, text.data, text.len);
        str_addc(&last, '\n');
    }
    if (c->verbose > 0)
        add_used(&last, r);
    show_part(caller_whole(c, struct person));
    if (last.len)
        sink_last(log_of(c), &last);
}

static const struct caller_kind kind = {person_event, person_bytes,   person_request,
                                        person_input, person_listens, person_end};

static bool is_one_file(int a, int b)
{
    struct stat of_a, of_b;

    return fstat(a, &of_a) == 0 && fstat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
           of_a.st_ino == of_b.st_ino && of_a.st_rdev == of_b.st_rdev;
}

void caller_person(struct person *p, int in, int out, int err, int verbose, bool colour)
{
    *p = (struct person){.caller = {.kind = &kind,
                                    .in = in,
                                    .out = {.fd = out},
                                    .err = {.fd = err},
                                    .reads = true,
                                    .verbose = verbose,
                                    .out_tty = isatty(out)},
                         .result = -1,
                         .colour = colour && terminal_colours(err),
                         .one = is_one_file(out, err),
                         .at_line_start = true};
}
