/* A caller's replies to the box's requests: checked for their shape in one pass, never built. What
 * passes reaches the box as it was written; the box takes it as data. */
#include "runtime/wire/caller.h"
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

/* One level less: the whole line must be JSON of JSON_DEPTH_MAX for the box to read it. */
static int any(struct json_scan *s)
{
    return json_skip(s, JSON_DEPTH_MAX - 1);
}

/* How a request may be answered. */
struct answer {
    const char *right;
    int (*ok)(struct json_scan *s); /* steps over the value of "Ok" */
    bool err;                       /* {"Err":"text"} is an answer too */
};

static const struct answer *answer_to(enum event_kind request)
{
    static const struct answer input = {"{\"Ok\":\"text\"} or {\"Ok\":null}", text_or_null, false};
    static const struct answer call = {"{\"Ok\":VALUE} or {\"Err\":\"text\"}", any, true};
    static const struct answer artifact = {"{\"Ok\":null} or {\"Err\":\"text\"}", scan_null, true};

    switch (request) {
    case EVENT_READLINE:
    case EVENT_TOEND:
        return &input;
    case EVENT_CALL:
        return &call;
    case EVENT_ARTIFACT:
        return &artifact;
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

int reply_check(const char *line, size_t n, enum event_kind to, struct fault *why)
{
    struct json_scan s = {.at = line, .end = line + n};
    const struct answer *answer = answer_to(to);

    if (!answer)
        return fault_set(why, STATUS_INVALID, 0, "reply", "nothing was asked that it could answer");
    if (take_answer(&s, answer) == 0)
        return 0;
    return fault_set(why, STATUS_INVALID, 0, "reply", "byte %zu: %s; %s was expected",
                     (size_t)(s.at - line) + 1, s.error, answer->right);
}
