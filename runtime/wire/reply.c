/* A caller's replies to the box's requests: checked for their shape in one pass, never built. A
 * valid reply reaches the box unchanged; the box treats it as data. */
#include "runtime/wire/caller.h"

#include <stdio.h>
#include <string.h>

#include "runtime/json/base64.h"
#include "runtime/wire/event_host.h"
#include "runtime/wire/scan.h"

static int text(struct json_scan *s)
{
    struct span span;

    return scan_text(s, &span);
}

static int text_or_null(struct json_scan *s)
{
    return scan_at(s, '"') ? text(s) : scan_null(s);
}

/* Some encoders write '/' as "\/". PLAIN holds what *TEXT then points to. */
static int unescaped(struct json_scan *s, struct str *plain, struct span *text)
{
    if (scan_text(s, text) < 0)
        return -1;
    if (!memchr(text->at, '\\', text->len))
        return 0;
    if (str_reserve(plain, text->len) < 0)
        return scan_refuse(s, "not enough memory");
    text->len = json_unescape(text->at, text->len, plain->data);
    text->at = plain->data;
    return 0;
}

static int base64_or_null(struct json_scan *s)
{
    autostr struct str plain = {0};
    struct span span;

    if (!scan_at(s, '"'))
        return scan_null(s);
    if (unescaped(s, &plain, &span) < 0)
        return -1;
    return base64_check(span.at, span.len) ? 0 : scan_refuse(s, "not base64");
}

/* One level less: the box reads the whole line, which may nest JSON_DEPTH_MAX deep. */
static int any(struct json_scan *s)
{
    return json_skip(s, JSON_DEPTH_MAX - 1);
}

/* "Pass" or {"Retry":{"secs":0,"nanos":5}}: how long the box must wait. */
static int pass_or_retry(struct json_scan *s)
{
    struct span word;
    struct event e;

    if (scan_at(s, '"'))
        return scan_text(s, &word) == 0 && span_is(word, "Pass") ? 0
                                                                 : scan_refuse(s, "unknown shape");
    if (scan_take(s, '{') < 0 || scan_name(s, &word) < 0)
        return -1;
    if (!span_is(word, "Retry"))
        return scan_refuse(s, "unknown shape");
    return event_sleep(s, &e) < 0 ? -1 : scan_take(s, '}');
}

/* An id, alone or with what was done; "None" and null: no id. */
static int row(struct json_scan *s)
{
    static const char *const words[] = {"Inserted", "Updated", "Found", "NoChange"};
    struct span word;
    int64_t id;

    if (scan_at(s, 'n'))
        return scan_null(s);
    if (scan_at(s, '"'))
        return scan_text(s, &word) == 0 && span_is(word, "None") ? 0
                                                                 : scan_refuse(s, "unknown shape");
    if (!scan_at(s, '{'))
        return event_integer(s, INT32_MIN, INT32_MAX, &id);
    if (scan_take(s, '{') < 0 || scan_name(s, &word) < 0)
        return -1;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (span_is(word, words[i]))
            return event_integer(s, INT32_MIN, INT32_MAX, &id) < 0 ? -1 : scan_take(s, '}');
    return scan_refuse(s, "unknown shape");
}

/* The valid answers to a request. */
struct answer {
    const char *right;
    int (*ok)(struct json_scan *s); /* steps over the value of "Ok" */
    bool err;                       /* {"Err":"text"} is valid too */
};

static const struct answer *answer_to(enum event_kind request)
{
    static const struct answer input = {"{\"Ok\":\"text\"} or {\"Ok\":null}", text_or_null, false};
    static const struct answer call = {"{\"Ok\":VALUE} or {\"Err\":\"text\"}", any, true};
    static const struct answer artifact = {"{\"Ok\":null} or {\"Err\":\"text\"}", scan_null, true};
    static const struct answer ratelimit = {
        "{\"Ok\":\"Pass\"}, {\"Ok\":{\"Retry\":{\"secs\":N,\"nanos\":N}}} or {\"Err\":\"text\"}",
        pass_or_retry, true};
    static const struct answer database = {
        "{\"Ok\":ID}, {\"Ok\":{\"Inserted\":ID}} (Updated, Found, NoChange), {\"Ok\":\"None\"} or "
        "{\"Err\":\"text\"}",
        row, true};

    switch (request) {
    case EVENT_READLINE:
    case EVENT_TOEND:
        return &input;
    case EVENT_CALL:
        return &call;
    case EVENT_ARTIFACT:
    case EVENT_BLOB:
        return &artifact;
    case EVENT_RATELIMIT:
        return &ratelimit;
    case EVENT_DATABASE:
        return &database;
    default:
        return NULL;
    }
}

static int take_answer(struct json_scan *s, const struct answer *answer)
{
    struct span name;

    if (scan_take(s, '{') < 0 || scan_name(s, &name) < 0)
        return -1;
    if (span_is(name, "Ok")) {
        if (answer->ok(s) < 0)
            return -1;
    } else if (answer->err && span_is(name, "Err")) {
        if (text(s) < 0)
            return -1;
    } else {
        return scan_refuse(s, "unknown shape");
    }
    return scan_take(s, '}') < 0 ? -1 : scan_end(s);
}

static int wire_reply_check(const char *line, size_t n, const struct answer *answer,
                            struct fault *why)
{
    struct json_scan s = {.at = line, .end = line + n};

    if (!answer)
        return fault_set(why, STATUS_INVALID, 0, "reply", "unexpected: no request is open");
    if (take_answer(&s, answer) == 0 && scan_exact(&s) == 0)
        return 0;
    return scan_fault(&s, line, "reply", answer->right, why);
}

int reply_check(const char *line, size_t n, enum event_kind to, struct fault *why)
{
    return wire_reply_check(line, n, answer_to(to), why);
}

static bool is_input(enum event_kind request)
{
    return request == EVENT_READLINE || request == EVENT_TOEND;
}

int reply_check_base64(const char *line, size_t n, enum event_kind to, struct fault *why)
{
    static const struct answer input = {"{\"Ok\":\"base64\"} or {\"Ok\":null}", base64_or_null,
                                        false};

    return wire_reply_check(line, n, is_input(to) ? &input : answer_to(to), why);
}

/* Bytes that base64_check() accepted stand for. */
static size_t base64_bytes(struct span text)
{
    size_t padded = text.len && text.at[text.len - 1] == '=';

    padded += padded && text.at[text.len - 2] == '=';
    return text.len / 4 * 3 - padded;
}

static int piece_or_null(struct json_scan *s, uint32_t most, bool base64)
{
    autostr struct str plain = {0};
    struct span span;
    size_t bytes;

    if (scan_at(s, 'n'))
        return scan_null(s);
    if (unescaped(s, &plain, &span) < 0)
        return -1;
    if (base64 && !base64_check(span.at, span.len))
        return scan_refuse(s, "not base64");
    bytes = base64 ? base64_bytes(span) : span.len;
    if (bytes == 0)
        return scan_refuse(s, "an empty text (the end is null)");
    return bytes <= most ? 0 : scan_refuse(s, "more bytes than were asked for");
}

int reply_check_read(const char *line, size_t n, uint32_t most, bool base64, struct fault *why)
{
    struct json_scan s = {.at = line, .end = line + n};
    struct span name;
    char right[64];

    if (scan_take(&s, '{') == 0 && scan_name(&s, &name) == 0 &&
        (span_is(name, "Ok") ? piece_or_null(&s, most, base64)
                             : scan_refuse(&s, "unknown shape")) == 0 &&
        scan_take(&s, '}') == 0 && scan_end(&s) == 0)
        return 0;
    snprintf(right, sizeof right, "{\"Ok\":\"%s\"} of 1 to %u bytes, or {\"Ok\":null}",
             base64 ? "base64" : "text", most);
    return scan_fault(&s, line, "reply", right, why);
}

int reply_check_sandbox(const char *line, size_t n, enum event_kind to, struct fault *why)
{
    static const struct answer input = {"{\"Ok\":\"text\"}, {\"Ok\":null} or {\"Err\":\"text\"}",
                                        text_or_null, true};

    return wire_reply_check(line, n, is_input(to) ? &input : answer_to(to), why);
}
