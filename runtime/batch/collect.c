/* Collects what a run says. The lines have been checked (wire/event.c), and keep their JSON
 * value; a box that talks without end costs twice COLLECT_LOG_MAX and one line. */
#include "runtime/batch/collect.h"

#include <string.h>

#include "runtime/caller/report.h"
#include "runtime/wire/text.h"

#define KEEP_CAP (8u << 10) /* a larger buffer is freed after its run */

/* Drop whole events, oldest first, until at most MAX bytes are left. */
static void drop_oldest(struct collect *c, size_t max)
{
    size_t drop;
    char *end;

    if (c->log.len <= max)
        return;
    drop = c->log.len - max;
    end = memchr(c->log.data + drop - 1, '\n', c->log.len - drop + 1);
    drop = end ? (size_t)(end - c->log.data) + 1 : c->log.len;
    c->log_cut += drop;
    str_consume(&c->log, drop);
}

/* Escape as for a terminal: a person will look at what a batch writes sooner or later. */
static void keep(struct collect *c, struct span line)
{
    text_json_visible(&c->log, line);
    str_addc(&c->log, '\n');
}

/* Keep only the end of a text that alone exceeds the log. */
static void add_tail(struct collect *c, const struct event *e, size_t n)
{
    autostr struct str plain = {0}, line = {0};
    size_t from, was = c->log.len;

    text_plain(&plain, e->text, false);
    if (plain.failed) {
        c->log.failed = true;
        return;
    }
    from = plain.len > COLLECT_LOG_MAX / 8 ? plain.len - COLLECT_LOG_MAX / 8 : 0;
    while (from < plain.len && ((unsigned char)plain.data[from] & 0xc0) == 0x80)
        from++;
    if (e->kind == EVENT_WRITE)
        str_adds(&line, "{\"Stdio\":{\"Write\":");
    else
        str_addf(&line, "{\"Log\":{\"%s\":", log_level_text(e->level));
    text_quote(&line, plain.data + from, plain.len - from);
    str_adds(&line, "}}");
    if (line.failed) {
        c->log.failed = true;
        return;
    }
    keep(c, (struct span){line.data, line.len});
    n++; /* its '\n' */
    c->log_cut += n > c->log.len - was ? n - (c->log.len - was) : 0;
}

static void take_event(struct caller *caller, const struct event *e, const char *line, size_t n)
{
    struct collect *c = caller_whole(caller, struct collect);

    if (e->kind == EVENT_RESULT) {
        text_json_visible(&c->result, e->value);
        return;
    }
    if (n >= COLLECT_LOG_MAX)
        add_tail(c, e, n);
    else
        keep(c, (struct span){line, n});
    if (c->log.len > 2 * COLLECT_LOG_MAX)
        drop_oldest(c, COLLECT_LOG_MAX);
}

static int take_request(struct caller *caller, const struct event *e, const char *line, size_t n,
                        struct str *reply)
{
    (void)caller;
    (void)line;
    (void)n;
    switch (e->kind) {
    case EVENT_READLINE:
    case EVENT_TOEND:
        str_adds(reply, "{\"Ok\":null}\n");
        break;
    case EVENT_ARTIFACT:
        str_adds(reply, "{\"Err\":\"no place for artifacts: a batch keeps results alone\"}\n");
        break;
    case EVENT_RATELIMIT:
        str_adds(reply, "{\"Err\":\"nobody is there to keep the limit: this is a batch\"}\n");
        break;
    default:
        str_adds(reply, "{\"Err\":\"nobody is there to call: this is a batch\"}\n");
        break;
    }
    return 1;
}

static int take_input(struct caller *caller, struct str *reply, struct fault *why)
{
    (void)caller;
    (void)reply;
    (void)why;
    return 0;
}

static bool listens(const struct caller *caller)
{
    (void)caller;
    return false;
}

/* The run's owner writes the result line: the run may be tried again. */
static void collect_end(struct caller *caller, const struct report *r)
{
    (void)caller;
    (void)r;
}

static const struct caller_kind kind = {take_event, NULL,    take_request,
                                        take_input, listens, collect_end};

static void empty(struct str *s)
{
    if (s->cap > KEEP_CAP || s->failed)
        str_free(s);
    s->len = 0;
}

void collect_reset(struct collect *c)
{
    c->caller = (struct caller){.kind = &kind, .in = -1, .out = {.fd = -1}, .err = {.fd = -1}};
    empty(&c->result);
    empty(&c->log);
    c->log_cut = 0;
}

void collect_free(struct collect *c)
{
    str_free(&c->result);
    str_free(&c->log);
}

/* Turn lines into array elements: no event contains a newline. */
static void add_log(struct collect *c, struct str *out)
{
    size_t from = out->len;

    drop_oldest(c, COLLECT_LOG_MAX);
    if (c->log.len == 0)
        return;
    str_add(out, c->log.data, c->log.len - 1);
    for (char *at = out->data + from; !out->failed && (at = strchr(at, '\n'));)
        *at = ',';
}

void collect_write(struct collect *c, const struct outcome *o, struct str *out)
{
    const struct report *r = o->report;

    str_adds(out, "{\"id\":");
    str_adds(out, o->id ? o->id : "null,\"line\":");
    if (!o->id)
        str_addn(out, o->line);
    str_adds(out, ",\"status\":\"");
    str_adds(out, status_text(r->status));
    str_adds(out, "\",\"result\":");
    if (c && c->result.len)
        str_add(out, c->result.data, c->result.len);
    else
        str_adds(out, "null");
    str_adds(out, ",\"error\":");
    if (r->status == STATUS_OK)
        str_adds(out, "null");
    else
        text_quote(out, r->message, strlen(r->message));
    if (o->attempts > 1)
        str_addf(out, ",\"attempts\":%u", o->attempts);
    str_adds(out, ",\"report\":");
    report_json(r, out);
    str_adds(out, ",\"log\":[");
    if (c)
        add_log(c, out);
    str_addc(out, ']');
    if (c && c->log_cut)
        str_addf(out, ",\"log_cut\":%llu", (unsigned long long)c->log_cut);
    str_adds(out, "}\n");
}
