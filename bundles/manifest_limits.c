/* The members "limits" and "rlimits". Values are JSON numbers or texts with a unit; the parser of
 * limits (schemas/limits.c) decides what they mean, so that -l and the manifest agree. */
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "bundles/loader.h"
#include "runtime/json/decimal.h"
#include "schemas/limits.h"

/* A sign, 18 digits, a point, 9 decimals. */
#define NUMBER_TEXT 32

/* A JSON number as text for limit_parse(). NULL, with a finding, if it is out of range, or not
 * whole where it must be. */
static const char *number_text(struct loader *l, const struct path *at, struct json_object *value,
                               enum limit_unit unit, char *out)
{
    double d = json_object_get_double(value) + 0.0; /* -0 is 0 */
    char shown[BRIEF];

    if (json_object_is_type(value, json_type_int)) {
        int64_t n = json_object_get_int64(value);

        if (n < 0)
            snprintf(out, NUMBER_TEXT, "%" PRId64, n);
        else
            snprintf(out, NUMBER_TEXT, "%" PRIu64, json_object_get_uint64(value));
        return out;
    }
    if (fabs(d) >= 1e18) { /* above any limit's maximum, and could have 300 digits */
        wrong(l, at, "%s is out of range", brief_value(value, shown));
        return NULL;
    }
    if (unit == LIMIT_NS || unit == LIMIT_MILLI) {
        snprintf(out, NUMBER_TEXT, "%.9f", d > 0 && d < 1e-9 ? 1e-9 : d);
        return out;
    }
    if (!json_is_whole(value)) {
        wrong(l, at, "%s is not a whole number", brief_value(value, shown));
        return NULL;
    }
    snprintf(out, NUMBER_TEXT, "%.0f", d);
    return out;
}

static void load_limit(struct loader *l, const struct path *at, struct json_object *value,
                       enum limit id, uint64_t *to)
{
    enum limit_unit unit = limit_info[id].unit;
    bool has_suffix = unit == LIMIT_BYTES || unit == LIMIT_RATE || unit == LIMIT_NS;
    char number[NUMBER_TEXT];
    const char *text;
    struct fault why;

    if (!type_is(l, at, value, has_suffix ? IS_NUMBER | IS_STRING : IS_NUMBER))
        return;
    if (json_object_is_type(value, json_type_string))
        text = loader_text(l, at, value);
    else
        text = number_text(l, at, value, unit, number);
    if (text && limit_parse(id, text, to, &why) < 0)
        wrong(l, at, "%s", why.what);
}

/* As load_members() does for a table; the list of limits is in limits.def. */
static void unknown_limit(struct loader *l, const struct path *at, bool (*may)(enum limit id))
{
    struct suggestion near = suggest(at->name);
    char shown[BRIEF];

    for (int i = 0; i < LIMIT__COUNT; i++)
        if (!may || may((enum limit)i))
            suggest_try(&near, limit_info[i].text);
    findings_add(l->f, at, NULL, true, "unknown limit %s%s%s%s", brief_text(at->name, shown),
                 near.best ? ": did you mean \"" : "", near.best ? near.best : "",
                 near.best ? "\"?" : "");
}

void load_limits_of(struct loader *l, const struct path *at, struct json_object *value,
                    bool (*may)(enum limit id), struct limits *to)
{
    json_object_object_foreach(value, name, limit)
    {
        const struct path here = {.up = at, .name = name};
        int id = limit_find(name, strlen(name));

        if (id < 0)
            unknown_limit(l, &here, may);
        else if (may && !may((enum limit)id))
            findings_add(l->f, &here, NULL, true,
                         "%s is a limit of the whole bundle: see runbox-manifest(5)",
                         limit_info[id].text);
        else
            load_limit(l, &here, limit, (enum limit)id, &to->value[id]);
    }
}

void load_limits(struct loader *l, const struct path *at, struct json_object *value,
                 const struct member *row, void *base)
{
    (void)row;
    (void)base;
    load_limits_of(l, at, value, NULL, &l->m->asked);
}

/* A size that is not itself a limit (scratch): limit_parse() treats it as "output". */
void load_size(struct loader *l, const struct path *at, struct json_object *value,
               const struct member *row, void *base)
{
    load_limit(l, at, value, LIMIT_OUTPUT, (uint64_t *)(void *)((char *)base + row->offset));
}

static void load_count(struct loader *l, const struct path *at, struct json_object *value,
                       const struct member *row, void *base)
{
    char shown[BRIEF];

    if (whole_number(value, (uint64_t *)(void *)((char *)base + row->offset)) < 0)
        wrong(l, at, "%s is not a whole number from 0 to 2^63-1", brief_value(value, shown));
}

static const struct member soft_hard[] = {
    MEMBER("soft", IS_NUMBER, load_count, .offset = offsetof(struct rlimit_ask, soft),
           .required = true),
    MEMBER("hard", IS_NUMBER, load_count, .offset = offsetof(struct rlimit_ask, hard),
           .required = true),
};

/* The reader of every rlimit: a number, for both soft and hard, or an object with each. */
static void load_rlimit(struct loader *l, const struct path *at, struct json_object *value,
                        const struct member *row, void *base)
{
    struct rlimit_ask *ask = (struct rlimit_ask *)(void *)((char *)base + row->offset);

    ask->set = true;
    if (json_object_is_type(value, json_type_object)) {
        ask->soft = 0;
        ask->hard = UINT64_MAX; /* so that a missing or invalid one passes the comparison */
        load_members(l, at, value, soft_hard, MEMBER_COUNT(soft_hard), ask);
        if (ask->soft > ask->hard)
            wrong(l, at, "soft (%" PRIu64 ") exceeds hard (%" PRIu64 ")", ask->soft, ask->hard);
        return;
    }
    load_count(l, at, value, &soft_hard[0], ask);
    ask->hard = ask->soft;
}

static const struct member rlimits[] = {
#define RLIM(id, text, dflt)                         \
    MEMBER(text, IS_NUMBER | IS_OBJECT, load_rlimit, \
           .offset = offsetof(struct manifest, rlimits[RLIM_##id])),
#include "schemas/rlimits.def"
#undef RLIM
};

void load_rlimits(struct loader *l, const struct path *at, struct json_object *value,
                  const struct member *row, void *base)
{
    (void)row;
    load_members(l, at, value, rlimits, MEMBER_COUNT(rlimits), base);
}
