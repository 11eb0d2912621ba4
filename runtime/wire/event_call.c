/* Call and Return: see event_host.h. Trusts no byte of the line; never allocates. Whether the call
 * is allowed and its handles are valid is for the monitor to check. */
#include <string.h>

#include "runtime/wire/event_host.h"
#include "runtime/wire/handles.h"

#define NAME_MAX_BYTES 128

bool event_name_is_plain(struct span name, const char *extra)
{
    if (name.len < 1 || name.len > NAME_MAX_BYTES)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              (c && (strchr("._-", c) || strchr(extra, c)))))
            return false;
    }
    return true;
}

static int take_part(struct json_scan *s, struct span name, struct event *e, unsigned *seen)
{
    static const char *const names[] = {"method", "params", "ref"};
    unsigned i = 0;

    while (i < 3 && !span_is(name, names[i]))
        i++;
    if (i == 3)
        return scan_refuse(s, "unexpected member");
    if (*seen & 1u << i)
        return scan_refuse(s, "duplicate member");
    *seen |= 1u << i;
    if (i == 1)
        return scan_value(s, &e->value);
    if (scan_text(s, i ? &e->ref : &e->name) < 0)
        return -1;
    if (i == 0)
        return event_name_is_plain(e->name, ":") ? 0 : scan_refuse(s, "invalid method name");
    return handle_is_id(e->ref) ? 0 : scan_refuse(s, "invalid object id");
}

int event_call(struct json_scan *s, struct event *e)
{
    unsigned seen = 0;
    struct span name;

    e->kind = EVENT_CALL;
    if (scan_take(s, '{') < 0)
        return -1;
    do {
        if (scan_name(s, &name) < 0 || take_part(s, name, e, &seen) < 0)
            return -1;
    } while (scan_at(s, ',') && scan_take(s, ',') == 0);
    return (seen & 3) == 3 ? scan_take(s, '}') : scan_refuse(s, "missing member");
}

int event_return(struct json_scan *s, struct event *e)
{
    struct span name;
    int took = -1;

    e->kind = EVENT_RETURN;
    if (scan_take(s, '{') < 0 || scan_name(s, &name) < 0)
        return -1;
    if (span_is(name, "Ok"))
        took = scan_value(s, &e->value);
    else if (span_is(name, "Err"))
        took = scan_text(s, &e->text);
    else
        scan_refuse(s, "unexpected member");
    return took < 0 ? -1 : scan_take(s, '}');
}
