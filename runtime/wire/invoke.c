/* A caller's Invoke: a request to run a function that the script has lent it. Checked for its shape
 * in one pass, never built; whether the function is lent is for the monitor to check. */
#include "runtime/wire/caller.h"
#include "runtime/wire/event_host.h"
#include "runtime/wire/handles.h"
#include "runtime/wire/scan.h"

bool invoke_is_meant(const char *line, size_t n)
{
    struct json_scan s = {.at = line, .end = line + n};
    struct span name;

    return scan_take(&s, '{') == 0 && scan_name(&s, &name) == 0 && span_is(name, "Invoke");
}

static int take_params(struct json_scan *s, struct span *value)
{
    json_space(s);
    value->at = s->at;
    /* Two levels less: the whole line may nest JSON_DEPTH_MAX deep. */
    if (json_skip(s, JSON_DEPTH_MAX - 2) < 0)
        return -1;
    value->len = (size_t)(s->at - value->at);
    return 0;
}

static int take_part(struct json_scan *s, struct invoke *i, unsigned *seen)
{
    struct span name;
    int64_t fn;

    if (scan_name(s, &name) < 0)
        return -1;
    if (span_is(name, "params") && !(*seen & 1)) {
        *seen |= 1;
        return take_params(s, &i->params);
    }
    if (!span_is(name, "fn") || *seen & 2)
        return scan_refuse(s, "unknown shape");
    *seen |= 2;
    if (event_integer(s, 1, HANDLE_FN_MAX, &fn) < 0)
        return -1;
    i->fn = (uint64_t)fn;
    return 0;
}

static int invoke_take(struct json_scan *s, struct invoke *i)
{
    unsigned seen = 0;
    struct span name;

    if (scan_take(s, '{') < 0 || scan_name(s, &name) < 0 || scan_take(s, '{') < 0)
        return -1;
    do {
        if (take_part(s, i, &seen) < 0)
            return -1;
    } while (scan_at(s, ',') && scan_take(s, ',') == 0);
    if (seen != 3)
        return scan_refuse(s, "missing member");
    return scan_take(s, '}') < 0 || scan_take(s, '}') < 0 ? -1 : scan_end(s);
}

int invoke_parse(const char *line, size_t n, struct invoke *i, struct fault *why)
{
    struct json_scan s = {.at = line, .end = line + n};

    if (invoke_take(&s, i) == 0 && scan_exact(&s) == 0)
        return 0;
    return scan_fault(&s, line, "caller", "{\"Invoke\":{\"fn\":N,\"params\":VALUE}}", why);
}
