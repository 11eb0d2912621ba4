/* Database events, checked against the records of schemas/database.def: every field exactly once,
 * of its type, and no other. Trusts no byte of the line; never builds a value. */
#include <stdlib.h>
#include <string.h>

#include "runtime/wire/event_host.h"
#include "schemas/database.h"

static const struct record records[] = {
#include "schemas/database.def"
};

#define RECORDS  (sizeof records / sizeof records[0])
#define ACTIVITY (&records[RECORDS - 1])
#define ID_BIT   (1u << 31) /* an update identifies its row */

static int take_bytes(struct json_scan *s)
{
    int64_t byte;

    if (scan_take(s, '[') < 0)
        return -1;
    if (scan_at(s, ']'))
        return scan_take(s, ']');
    do {
        if (event_integer(s, 0, 255, &byte) < 0)
            return -1;
    } while (scan_at(s, ',') && scan_take(s, ',') == 0);
    return scan_take(s, ']');
}

static int take_typed(struct json_scan *s, enum field_type type)
{
    struct span span;
    int64_t number;

    switch (type) {
    case FIELD_INT:
        return event_integer(s, INT32_MIN, INT32_MAX, &number);
    case FIELD_LONG:
        return event_integer(s, INT64_MIN, INT64_MAX, &number);
    case FIELD_REAL:
        if (scan_value(s, &span) < 0)
            return -1;
        return strchr("-0123456789", span.at[0]) ? 0 : scan_refuse(s, "expected a number");
    case FIELD_BOOL:
        if (scan_value(s, &span) < 0)
            return -1;
        return span_is(span, "true") || span_is(span, "false")
                   ? 0
                   : scan_refuse(s, "expected true or false");
    case FIELD_BYTES:
        return take_bytes(s);
    default:
        return scan_at(s, '"') ? scan_text(s, &span) : scan_refuse(s, "expected a string");
    }
}

static int take_field(struct json_scan *s, const struct record *r, unsigned wanted, unsigned *seen)
{
    struct span name;
    int64_t id;

    if (scan_name(s, &name) < 0)
        return -1;
    if (wanted & ~*seen & ID_BIT && span_is(name, "id")) {
        *seen |= ID_BIT;
        return event_integer(s, INT32_MIN, INT32_MAX, &id);
    }
    for (unsigned i = 0; r->fields[i].name; i++) {
        if (!(wanted & ~*seen & 1u << i) || !span_is(name, r->fields[i].name))
            continue;
        *seen |= 1u << i;
        if (r->fields[i].how == FIELD_MAY && scan_at(s, 'n'))
            return scan_null(s);
        return take_typed(s, r->fields[i].type);
    }
    return scan_refuse(s, "unexpected field");
}

static int take_record(struct json_scan *s, const struct record *r, bool update)
{
    unsigned wanted = update ? ID_BIT : 0, seen = 0;

    for (unsigned i = 0; r->fields[i].name; i++)
        if (!update || r->fields[i].how == FIELD_MAY)
            wanted |= 1u << i;
    if (update && wanted == ID_BIT)
        return scan_refuse(s, "this family has no mutable fields");
    if (scan_take(s, '{') < 0)
        return -1;
    do {
        if (take_field(s, r, wanted, &seen) < 0)
            return -1;
    } while (scan_at(s, ',') && scan_take(s, ',') == 0);
    return seen == wanted ? scan_take(s, '}') : scan_refuse(s, "missing field");
}

/* {"Domain":{...}}; ONLY, unless NULL, is the only record allowed. */
static int take_variant(struct json_scan *s, const struct record *only, bool update)
{
    struct span name;

    if (scan_take(s, '{') < 0 || scan_name(s, &name) < 0)
        return -1;
    for (const struct record *r = records; r < ACTIVITY; r++) {
        if (!span_is(name, r->insert) || (only && r != only))
            continue;
        return take_record(s, r, update) < 0 ? -1 : scan_take(s, '}');
    }
    return scan_refuse(s, "unknown database family");
}

static int insert_ttl(struct json_scan *s)
{
    int64_t ttl;

    if (scan_take(s, '[') < 0 || take_variant(s, NULL, false) < 0 || scan_take(s, ',') < 0 ||
        event_integer(s, INT32_MIN, INT32_MAX, &ttl) < 0)
        return -1;
    return scan_take(s, ']');
}

/* ["Domain","example.com"] and, for an update, its variant. */
static int selection(struct json_scan *s, bool update)
{
    const struct record *r = records;
    struct span family, value;

    if (scan_take(s, '[') < 0 || scan_text(s, &family) < 0)
        return -1;
    while (r < ACTIVITY && !span_is(family, r->select))
        r++;
    if (r == ACTIVITY)
        return scan_refuse(s, "unknown database family");
    if (scan_take(s, ',') < 0 || scan_text(s, &value) < 0)
        return -1;
    if (update && (scan_take(s, ',') < 0 || take_variant(s, r, true) < 0))
        return -1;
    return scan_take(s, ']');
}

static int take_action(struct json_scan *s, struct span name)
{
    if (span_is(name, "Insert"))
        return take_variant(s, NULL, false);
    if (span_is(name, "InsertTtl"))
        return insert_ttl(s);
    if (span_is(name, "Select"))
        return selection(s, false);
    if (span_is(name, "Update"))
        return selection(s, true);
    if (span_is(name, "Activity"))
        return take_record(s, ACTIVITY, false);
    return scan_refuse(s, "unknown database action");
}

int event_database(struct json_scan *s, struct event *e)
{
    struct span name;

    e->kind = EVENT_DATABASE;
    if (scan_take(s, '{') < 0 || scan_name(s, &name) < 0 || take_action(s, name) < 0)
        return -1;
    return scan_take(s, '}');
}
