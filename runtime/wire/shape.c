/* The fixed parts of a message: braces, names, texts. What a value holds is the scanner's to judge
 * (schemas/json.c). Trusts no byte; never allocates. */
#include "runtime/wire/shape.h"

#include <string.h>

int shape_refuse(struct json_scan *s, const char *error)
{
    if (!s->error)
        s->error = error;
    return -1;
}

bool shape_at(struct json_scan *s, char c)
{
    json_space(s);
    return s->at < s->end && *s->at == c;
}

int shape_take(struct json_scan *s, char c)
{
    if (!shape_at(s, c))
        return shape_refuse(s, s->at == s->end ? "the line ends too early" : "unknown shape");
    s->at++;
    return 0;
}

int shape_text(struct json_scan *s, struct span *text)
{
    json_space(s);
    return json_string(s, &text->at, &text->len);
}

int shape_name(struct json_scan *s, struct span *name)
{
    return shape_text(s, name) < 0 || shape_take(s, ':') < 0 ? -1 : 0;
}

int shape_value(struct json_scan *s, struct span *value)
{
    json_space(s);
    value->at = s->at;
    if (json_skip(s, JSON_DEPTH_MAX) < 0)
        return -1;
    value->len = (size_t)(s->at - value->at);
    return 0;
}

int shape_null(struct json_scan *s)
{
    json_space(s);
    if (s->end - s->at < 4 || memcmp(s->at, "null", 4) != 0)
        return shape_refuse(s, "null was expected");
    s->at += 4;
    return 0;
}

int shape_end(struct json_scan *s)
{
    json_space(s);
    return s->at == s->end ? 0 : shape_refuse(s, "text after the end of the message");
}

bool span_is(struct span span, const char *text)
{
    return strlen(text) == span.len && memcmp(span.at, text, span.len) == 0;
}
