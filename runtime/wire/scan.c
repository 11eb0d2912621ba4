/* The fixed parts of a message: braces, names, texts. Values are checked by the scanner
 * (runtime/json/json.c). Trusts no byte; only scan_fault() allocates. */
#include "runtime/wire/scan.h"

#include <string.h>

#include "runtime/wire/text.h"

int scan_refuse(struct json_scan *s, const char *error)
{
    if (!s->error)
        s->error = error;
    return -1;
}

bool scan_at(struct json_scan *s, char c)
{
    json_space(s);
    return s->at < s->end && *s->at == c;
}

int scan_take(struct json_scan *s, char c)
{
    if (!scan_at(s, c))
        return scan_refuse(s, s->at == s->end ? "unexpected end of line" : "unknown shape");
    s->at++;
    return 0;
}

int scan_text(struct json_scan *s, struct span *text)
{
    json_space(s);
    return json_string(s, &text->at, &text->len);
}

int scan_name(struct json_scan *s, struct span *name)
{
    return scan_text(s, name) < 0 || scan_take(s, ':') < 0 ? -1 : 0;
}

int scan_value(struct json_scan *s, struct span *value)
{
    json_space(s);
    value->at = s->at;
    if (json_skip(s, JSON_DEPTH_MAX) < 0)
        return -1;
    value->len = (size_t)(s->at - value->at);
    return 0;
}

int scan_null(struct json_scan *s)
{
    json_space(s);
    if (s->end - s->at < 4 || memcmp(s->at, "null", 4) != 0)
        return scan_refuse(s, "expected null");
    s->at += 4;
    return 0;
}

int scan_end(struct json_scan *s)
{
    json_space(s);
    return s->at == s->end ? 0 : scan_refuse(s, "unexpected text after the message");
}

int scan_exact(struct json_scan *s)
{
    if (!s->rounded)
        return 0;
    s->at = s->rounded;
    return scan_refuse(s, SCAN_ROUNDED);
}

int scan_fault(const struct json_scan *s, const char *line, const char *where, const char *right,
               struct fault *why)
{
    autostr struct str what = {0}, visible = {0};

    json_scan_error_add(line, s, &what);
    text_line(&visible, what.data ? what.data : "", what.len);
    return fault_set(why, STATUS_INVALID, 0, where, "byte %zu: %s; expected %s",
                     (size_t)(s->at - line) + 1,
                     what.failed || visible.failed ? s->error : visible.data, right);
}

bool span_is(struct span span, const char *text)
{
    return strlen(text) == span.len && memcmp(span.at, text, span.len) == 0;
}
