/* Messages from a box, checked in one pass: one table for each object of event.schema.json. Trusts
 * no byte of the line; never allocates itself (the scanner does, for objects with many members),
 * never builds a value. An accepted line may be passed on unchanged. */
#include "runtime/wire/event.h"

#include <string.h>

#include "runtime/json/base64.h"
#include "runtime/wire/event_host.h"
#include "runtime/wire/scan.h"
#include "schemas/setup.h"

struct member {
    const char *name;
    int (*take)(struct json_scan *s, struct event *e);
    bool optional;
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const char *const levels[] = {
    [LOG_DEBUG] = "Debug",   [LOG_INFO] = "Info",          [LOG_SUCCESS] = "Success",
    [LOG_WARN] = "Warn",     [LOG_WARN_ONCE] = "WarnOnce", [LOG_ERROR] = "Error",
    [LOG_STATUS] = "Status",
};

const char *log_level_text(enum log_level level)
{
    return levels[level];
}

static int take_text(struct json_scan *s, struct event *e)
{
    return scan_text(s, &e->text);
}

static int take_value(struct json_scan *s, struct event *e)
{
    return scan_value(s, &e->value);
}

static int take_file(struct json_scan *s, struct event *e)
{
    if (scan_text(s, &e->name) < 0)
        return -1;
    if (!event_name_is_plain(e->name, "") || e->name.at[0] == '.' || e->name.at[0] == '-')
        return scan_refuse(s, "invalid artifact name");
    return 0;
}

static int take_data(struct json_scan *s, struct event *e)
{
    if (scan_text(s, &e->text) < 0)
        return -1;
    return base64_check(e->text.at, e->text.len) ? 0
                                                 : scan_refuse(s, "artifact data is not base64");
}

/* Only true is valid: one spelling for one meaning. */
static int take_more(struct json_scan *s, struct event *e)
{
    struct span value;

    if (scan_value(s, &value) < 0)
        return -1;
    e->more = span_is(value, "true");
    return e->more ? 0 : scan_refuse(s, "\"more\" can only be true");
}

static int event_take_limit(struct json_scan *s, struct event *e)
{
    if (scan_text(s, &e->name) < 0)
        return -1;
    if (!span_is(e->name, "memory") && !span_is(e->name, "instructions"))
        return scan_refuse(s, "the limit must be memory or instructions");
    return 0;
}

static int take_member(struct json_scan *s, const struct member *row, size_t count, struct event *e,
                       unsigned *seen)
{
    struct span name;

    if (scan_name(s, &name) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (!span_is(name, row[i].name))
            continue;
        if (*seen & 1u << i)
            return scan_refuse(s, "duplicate member");
        *seen |= 1u << i;
        return row[i].take(s, e);
    }
    return scan_refuse(s, "unexpected member");
}

/* An object with exactly these members, in any order. */
static int take_all(struct json_scan *s, const struct member *row, size_t count, struct event *e)
{
    unsigned seen = 0;

    if (scan_take(s, '{') < 0)
        return -1;
    do {
        if (take_member(s, row, count, e, &seen) < 0)
            return -1;
    } while (scan_at(s, ',') && scan_take(s, ',') == 0);
    for (size_t i = 0; i < count; i++)
        if (!row[i].optional && !(seen & 1u << i))
            return scan_refuse(s, "missing member");
    return scan_take(s, '}');
}

/* An object with exactly one of these members. */
static int take_one(struct json_scan *s, const struct member *row, size_t count, struct event *e)
{
    unsigned seen = 0;

    if (scan_take(s, '{') < 0 || take_member(s, row, count, e, &seen) < 0)
        return -1;
    return scan_take(s, '}');
}

static int log_line(struct json_scan *s, struct event *e)
{
    struct span level;

    e->kind = EVENT_LOG;
    if (scan_take(s, '{') < 0 || scan_name(s, &level) < 0)
        return -1;
    for (size_t i = 0; i < COUNT(levels); i++) {
        if (!span_is(level, levels[i]))
            continue;
        e->level = (enum log_level)i;
        return scan_text(s, &e->text) < 0 || scan_take(s, '}') < 0 ? -1 : 0;
    }
    return scan_refuse(s, "unknown log level");
}

static int take_write(struct json_scan *s, struct event *e)
{
    e->kind = EVENT_WRITE;
    return take_text(s, e);
}

static int take_stdio_count(struct json_scan *s, struct event *e, enum event_kind kind,
                            int64_t least)
{
    int64_t count;

    e->kind = kind;
    if (event_integer(s, least, STDIO_MOST, &count) < 0)
        return -1;
    e->count = (uint32_t)count;
    return 0;
}

static int take_read(struct json_scan *s, struct event *e)
{
    return take_stdio_count(s, e, EVENT_READ, STDIO_READ_LEAST);
}

static int take_bytes(struct json_scan *s, struct event *e)
{
    return take_stdio_count(s, e, EVENT_BYTES, 1);
}

static int stdio(struct json_scan *s, struct event *e)
{
    static const struct member rows[] = {{.name = "Write", .take = take_write},
                                         {.name = "Bytes", .take = take_bytes},
                                         {.name = "Read", .take = take_read}};
    struct span request;

    if (scan_at(s, '{'))
        return take_one(s, rows, COUNT(rows), e);
    if (scan_text(s, &request) < 0)
        return -1;
    if (span_is(request, "Readline"))
        e->kind = EVENT_READLINE;
    else if (span_is(request, "ToEnd"))
        e->kind = EVENT_TOEND;
    else
        return scan_refuse(s, "unknown input request");
    return 0;
}

static int artifact(struct json_scan *s, struct event *e)
{
    static const struct member rows[] = {
        {.name = "name", .take = take_file},
        {.name = "data", .take = take_data},
        {.name = "more", .take = take_more, .optional = true},
    };

    e->kind = EVENT_ARTIFACT;
    return take_all(s, rows, COUNT(rows), e);
}

static int result(struct json_scan *s, struct event *e)
{
    e->kind = EVENT_RESULT;
    return take_value(s, e);
}

static int event_end(struct json_scan *s, struct event *e)
{
    static const struct member err_row[] = {{.name = "Err", .take = take_text}};
    struct span word;

    e->kind = EVENT_EXIT_ERR;
    if (scan_at(s, '{'))
        return take_one(s, err_row, COUNT(err_row), e);
    if (scan_text(s, &word) < 0)
        return -1;
    e->kind = EVENT_EXIT_OK;
    return span_is(word, "Ok") ? 0 : scan_refuse(s, "unknown exit value");
}

static int limit(struct json_scan *s, struct event *e)
{
    static const struct member rows[] = {
        {.name = "name", .take = event_take_limit},
        {.name = "text", .take = take_text},
    };

    e->kind = EVENT_LIMIT;
    return take_all(s, rows, COUNT(rows), e);
}

/* Most frequent first: the search is linear. */
static const struct member events[] = {
    {.name = "Log", .take = log_line},      {.name = "Stdio", .take = stdio},
    {.name = "Call", .take = event_call},   {.name = "Return", .take = event_return},
    {.name = "Exit", .take = event_end},    {.name = "Result", .take = result},
    {.name = "Artifact", .take = artifact}, {.name = "Limit", .take = limit},
    {.name = "Sleep", .take = event_sleep}, {.name = "Ratelimit", .take = event_ratelimit},
    {.name = "Blob", .take = event_blob},   {.name = "Database", .take = event_database},
};

int event_parse(const char *line, size_t n, struct event *e, const char **why)
{
    struct json_scan s = {.at = line, .end = line + n};

    *e = (struct event){0};
    /* JSON white space, but a line end to many readers: a box could forge lines with it. */
    if (memchr(line, '\r', n))
        scan_refuse(&s, "bare carriage return");
    else if (take_one(&s, events, COUNT(events), e) == 0 && scan_end(&s) == 0)
        return 0;
    *why = s.error;
    return -1;
}
