/* What is wrong with a text that json_check() refused, in words: a member is named, a second one
 * with the place of the first. Names come from the text, and are quoted. */
#include <stdlib.h>

#include "runtime/base/fd.h"
#include "runtime/json/brief.h"
#include "runtime/json/text.h"

static void add_name(const char *at, const char *end, struct str *out)
{
    struct json_scan s = {.at = at, .end = end};
    autofree char *name = NULL;
    char shown[BRIEF];
    const char *raw;
    size_t n;

    if (json_string(&s, &raw, &n) < 0)
        return;
    name = malloc(n + 1);
    if (!name)
        return;
    str_addc(out, ' ');
    visible_add(out, brief_bytes(name, json_unescape(raw, n, name), shown));
}

void json_scan_error_add(const char *text, const struct json_scan *s, struct str *out)
{
    size_t n = (size_t)(s->end - text);
    struct json_place first, second;

    str_adds(out, s->error);
    if (!s->name)
        return;
    str_adds(out, s->first ? "" : ":");
    add_name(s->name, s->end, out);
    if (!s->first)
        return;
    first = json_place(text, n, (size_t)(s->first - text));
    second = json_place(text, n, (size_t)(s->name - text));
    str_adds(out, " (the first is at ");
    if (first.line != second.line)
        str_addf(out, "line %u, ", first.line);
    str_addf(out, "column %u)", first.column);
}

void json_error_add(const char *text, size_t n, const struct json_error *e, struct str *out)
{
    struct json_scan s = {.at = text, .end = text + n};

    if (!e->spent && json_skip(&s, JSON_DEPTH_MAX) < 0 && s.error == e->what)
        json_scan_error_add(text, &s, out);
    else
        str_adds(out, e->what);
}
