/* Finding handles: see handles.h. One flat pass over text from either side that a scanner has
 * accepted; names and ids are compared unescaped, as a JSON reader sees them. */
#include "runtime/wire/handles.h"

#include <string.h>

#include "runtime/json/json.h"
#include "runtime/wire/event_host.h"
#include "runtime/wire/scan.h"

#define ESCAPED_MAX 6 /* bytes of one escaped character: \u0024 */

bool handle_is_id(struct span id)
{
    return event_name_is_plain(id, ":") && *id.at != ':';
}

static bool may_hold(const char *at, const char *end)
{
    size_t n = (size_t)(end - at);

    return memchr(at, '$', n) || memmem(at, n, "u0024", 5);
}

/* Unescape RAW into OUT, of MOST bytes. False if it is longer. */
static bool unescape(struct span raw, char *out, size_t most, struct span *text)
{
    char all[HANDLE_ID_MAX * ESCAPED_MAX];

    *text = raw;
    if (raw.len > sizeof all || !memchr(raw.at, '\\', raw.len))
        return raw.len <= most;
    text->len = json_unescape(raw.at, raw.len, all);
    if (text->len > most)
        return false;
    memcpy(out, all, text->len);
    text->at = out;
    return true;
}

static int judge_fn(struct span number, struct handle *h)
{
    h->fn = 0;
    if (number.len > 16)
        return -1;
    for (size_t i = 0; i < number.len; i++) {
        if (number.at[i] < '0' || number.at[i] > '9')
            return -1;
        h->fn = h->fn * 10 + (uint64_t)(number.at[i] - '0');
    }
    return h->fn >= 1 && h->fn <= HANDLE_FN_MAX ? 1 : -1;
}

static int judge_ref(struct span text, struct handle *h)
{
    struct span raw = {text.at + 1, text.len - 2};

    h->fn = 0;
    return unescape(raw, h->text, sizeof h->text, &h->id) && handle_is_id(h->id);
}

/* S is just past an object's '{'. As handle_next(); S moves past the object if it may be one. */
static int handles_take(struct json_scan *s, struct handle *h)
{
    struct json_scan at = *s;
    struct span raw, name, value;
    char text[4];

    if (!scan_at(&at, '"') || scan_name(&at, &raw) < 0 ||
        !unescape(raw, text, sizeof text, &name) ||
        (!span_is(name, "$ref") && !span_is(name, "$fn")) || scan_at(&at, '{') || scan_at(&at, '['))
        return 0;
    if (scan_value(&at, &value) < 0 || !scan_at(&at, '}'))
        return 0;
    at.at++;
    *s = at;
    if (span_is(name, "$ref"))
        return *value.at == '"' ? judge_ref(value, h) : 0;
    return *value.at == '-' || (*value.at >= '0' && *value.at <= '9') ? judge_fn(value, h) : 0;
}

int handle_next(const char **at, const char *end, struct handle *h)
{
    struct json_scan s = {.at = *at, .end = end};
    struct span skipped;
    int is = 0;

    if (!may_hold(s.at, end)) {
        *at = end;
        return 0;
    }
    while (s.at < s.end && !is) {
        if (*s.at == '"') {
            if (scan_text(&s, &skipped) < 0)
                break;
        } else if (*s.at++ == '{') {
            is = handles_take(&s, h);
        }
    }
    *at = s.at;
    return is;
}
