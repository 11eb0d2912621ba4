/* Ratelimit, Sleep, Blob: see event_host.h. Trusts no byte of the line; never allocates. */
#include "runtime/wire/event_host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/json/base64.h"

int event_integer(struct json_scan *s, int64_t min, int64_t max, int64_t *value)
{
    char digits[24], *stop;
    struct span text;

    if (scan_value(s, &text) < 0)
        return -1;
    if (text.len >= sizeof digits)
        return scan_refuse(s, "expected a 64-bit integer");
    memcpy(digits, text.at, text.len);
    digits[text.len] = '\0';
    errno = 0;
    *value = strtoll(digits, &stop, 10);
    if (*stop || stop == digits || errno || *value < min || *value > max)
        return scan_refuse(s, "not an integer in the expected range");
    return 0;
}

/* Integer members, each from 0 to MAX; exactly these, in any order. */
struct count {
    const char *name;
    int64_t max, value;
};

static int event_host_take_count(struct json_scan *s, struct span name, struct count *row,
                                 size_t count, unsigned *seen)
{
    for (size_t i = 0; i < count; i++) {
        if (!span_is(name, row[i].name) || *seen & 1u << i)
            continue;
        *seen |= 1u << i;
        return event_integer(s, 0, row[i].max, &row[i].value);
    }
    return scan_refuse(s, "unexpected member");
}

int event_ratelimit(struct json_scan *s, struct event *e)
{
    struct count rows[] = {{"passes", UINT32_MAX, 0}, {"time", UINT32_MAX, 0}};
    unsigned seen = 0, all = 7;
    struct span name;

    e->kind = EVENT_RATELIMIT;
    if (scan_take(s, '{') < 0)
        return -1;
    do {
        if (scan_name(s, &name) < 0)
            return -1;
        if (span_is(name, "key") && !(seen & 4)) {
            seen |= 4;
            if (scan_text(s, &e->text) < 0)
                return -1;
        } else if (event_host_take_count(s, name, rows, 2, &seen) < 0) {
            return -1;
        }
    } while (scan_at(s, ',') && scan_take(s, ',') == 0);
    return seen == all ? scan_take(s, '}') : scan_refuse(s, "missing member");
}

int event_sleep(struct json_scan *s, struct event *e)
{
    struct count rows[] = {{"secs", UINT32_MAX, 0}, {"nanos", 999999999, 0}};
    unsigned seen = 0;
    struct span name;

    e->kind = EVENT_SLEEP;
    if (scan_take(s, '{') < 0)
        return -1;
    do {
        if (scan_name(s, &name) < 0 || event_host_take_count(s, name, rows, 2, &seen) < 0)
            return -1;
    } while (scan_at(s, ',') && scan_take(s, ',') == 0);
    e->wait = (uint64_t)rows[0].value * 1000000000u + (uint64_t)rows[1].value;
    return seen == 3 ? scan_take(s, '}') : scan_refuse(s, "missing member");
}

int event_blob(struct json_scan *s, struct event *e)
{
    e->kind = EVENT_BLOB;
    if (scan_text(s, &e->text) < 0)
        return -1;
    return base64_check(e->text.at, e->text.len) ? 0 : scan_refuse(s, "blob is not base64");
}
