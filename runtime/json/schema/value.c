/* Keywords about any value, numbers and strings (JSON Schema validation, sections 6.1 to 6.3). */
#include <string.h>

#include "runtime/json/decimal.h"
#include "runtime/json/schema/check.h"
#include "runtime/json/utf8.h"
#include "runtime/json/write.h"

#define MULTIPLE_STEPS 4 /* most numbers have few digits; none exceeds JSON_NUMBER_MAX */

#define ENUM_SHOWN 400 /* bytes of an enum, roughly, in a message */

CHECK(check_nothing)
{
    (void)run;
    (void)rule;
    (void)at;
    (void)value;
    return true;
}

unsigned value_types(struct json_object *value)
{
    enum json_type type = json_object_get_type(value);

    if (type == json_type_int)
        return 1u << type | TYPE_INTEGER;
    if (type == json_type_double && json_is_whole(value))
        return 1u << type | TYPE_INTEGER; /* 1.0 is an integer */
    return 1u << type;
}

/* ["string","null"], from the schema, whose compilation accepted only the seven names. */
static const char *types_text(struct json_object *names, char out[96])
{
    struct str text = {.data = out, .cap = 96, .fixed = true};

    json_write(&text, names, false);
    return text.data;
}

/* Whether VALUE, which failed, is an empty object where an array may stand. */
static bool is_empty(const struct rule *rule, struct json_object *value)
{
    return rule->types & 1u << json_type_array && json_object_is_type(value, json_type_object) &&
           json_object_object_length(value) == 0;
}

static bool fail_type(struct run *run, const struct rule *rule, const struct path *at,
                      struct json_object *value)
{
    char shown[BRIEF], types[96];
    bool empty = is_empty(rule, value);
    size_t before;

    if (!run_tells(run))
        return false;
    before = run->f->count;
    if (empty)
        explain_empty(run);
    if (json_object_is_type(rule->value, json_type_string))
        (run_fail)(run, rule, at, "%s is not of type %s", brief_value(value, shown),
                   json_object_get_string(rule->value));
    else
        (run_fail)(run, rule, at, "%s is not of any type in %s", brief_value(value, shown),
                   types_text(rule->value, types));
    if (empty && run->f->count > before)
        run->f->item[before].is_empty = true;
    return false;
}

CHECK(check_type)
{
    unsigned types_of_value;
    char room[JSON_NUMBER_TEXT];

    if (json_object_is_type(value, json_type_double) &&
        !run_steps(run, strlen(json_number_text(value, room)) / 32))
        return false;
    types_of_value = value_types(value);
    if (types_of_value & 1u << json_type_double && rule->node->resource->dialect == DRAFT_04 &&
        strpbrk(json_number_text(value, room), ".eE"))
        types_of_value &= ~TYPE_INTEGER; /* draft-04 goes by how it is written */
    return types_of_value & rule->types || fail_type(run, rule, at, value);
}

/* Whether VALUE, a string, may be meant to be the string ONE. */
static void try_string(struct suggestion *near, struct json_object *one)
{
    if (json_object_is_type(one, json_type_string) && json_c_string(one))
        suggest_try(near, json_object_get_string(one));
}

/* Of VALUE, which failed: the nearest of the COUNT strings in LIST, or LIST itself if COUNT is 0. */
static struct suggestion nearest(struct run *run, struct json_object *list, size_t count,
                                 struct json_object *value)
{
    const char *text = json_object_is_type(value, json_type_string) ? json_c_string(value) : NULL;
    struct suggestion near = {0};

    if (!text)
        return near;
    near = suggest(text);
    if (!run_steps(run, (count ? count : 1) * suggest_cost(&near)))
        return near;
    if (!count)
        try_string(&near, list);
    for (size_t i = 0; i < count; i++)
        try_string(&near, json_object_array_get_idx(list, i));
    explain_near(run, value, &near, count);
    return near;
}

CHECK(check_enum)
{
    size_t n = json_object_array_length(rule->value), told;
    autostr struct str list = {0};
    char shown[BRIEF];
    struct suggestion near;

    for (size_t i = 0; i < n && !run->spent; i++)
        if (json_equal(run, value, json_object_array_get_idx(rule->value, i)))
            return true;
    if (!run_tells(run))
        return false;
    for (told = 0; told < n && list.len < ENUM_SHOWN; told++)
        str_addf(&list, "%s%s", told ? ", " : "",
                 brief_value(json_object_array_get_idx(rule->value, told), shown));
    if (told < n)
        str_addf(&list, " and %zu more", n - told);
    near = nearest(run, rule->value, n, value);
    return run_fail(run, rule, at, "%s is not one of %s%s%s%s", brief_value(value, shown),
                    list.data ? list.data : "no values", near.best ? ": did you mean \"" : "",
                    near.best ? near.best : "", near.best ? "\"?" : "");
}

CHECK(check_const)
{
    char shown[BRIEF], right[BRIEF];

    if (json_equal(run, value, rule->value))
        return true;
    if (run->f && run->explaining)
        nearest(run, rule->value, 0, value);
    return run_fail(run, rule, at, "%s is not %s", brief_value(value, shown),
                    brief_value(rule->value, right));
}

static bool bound(struct run *run, const struct rule *rule, const struct path *at,
                  struct json_object *value, bool fits, const char *what)
{
    char shown[BRIEF], right[BRIEF];

    return fits || run_fail(run, rule, at, "%s is not %s %s", brief_value(value, shown), what,
                            brief_value(rule->value, right));
}

CHECK(check_minimum)
{
    return bound(run, rule, at, value, json_compare(run, value, rule->value) >= 0, "at least");
}

CHECK(check_maximum)
{
    return bound(run, rule, at, value, json_compare(run, value, rule->value) <= 0, "at most");
}

/* Draft-04: whether the bound itself is excluded stands beside it. */
static bool is_exclusive(const struct rule *rule)
{
    return rule->mate[0] && json_object_get_boolean(rule->mate[0]->value);
}

CHECK(check_minimum_04)
{
    return is_exclusive(rule) ? check_exclusive_minimum(run, rule, at, value)
                              : check_minimum(run, rule, at, value);
}

CHECK(check_maximum_04)
{
    return is_exclusive(rule) ? check_exclusive_maximum(run, rule, at, value)
                              : check_maximum(run, rule, at, value);
}

CHECK(check_exclusive_minimum)
{
    return bound(run, rule, at, value, json_compare(run, value, rule->value) > 0, "more than");
}

CHECK(check_exclusive_maximum)
{
    return bound(run, rule, at, value, json_compare(run, value, rule->value) < 0, "less than");
}

CHECK(check_multiple)
{
    return run_steps(run, MULTIPLE_STEPS) &&
           bound(run, rule, at, value, json_multiple(run, value, rule->value), "a multiple of");
}

/* The characters in TEXT: at most its bytes, at least a quarter of them. */
static size_t length(struct run *run, struct json_object *text)
{
    size_t n = (size_t)json_object_get_string_len(text);

    return run_steps(run, n / 64) ? utf8_count(json_object_get_string(text), n) : 0;
}

CHECK(check_min_length)
{
    size_t n;
    char right[BRIEF];

    if ((long double)(json_object_get_string_len(value) / 4) >= rule->number)
        return true;
    n = length(run, value);
    return (long double)n >= rule->number ||
           run_fail(run, rule, at, "too few characters: %zu, at least %s required", n,
                    brief_value(rule->value, right));
}

CHECK(check_max_length)
{
    size_t n;
    char right[BRIEF];

    if ((long double)json_object_get_string_len(value) <= rule->number)
        return true;
    n = length(run, value);
    return (long double)n <= rule->number ||
           run_fail(run, rule, at, "too many characters: %zu, at most %s allowed", n,
                    brief_value(rule->value, right));
}

CHECK(check_pattern)
{
    char shown[BRIEF], right[BRIEF];

    return pattern_match(run, rule->patterns[0], json_object_get_string(value),
                         (size_t)json_object_get_string_len(value)) > 0 ||
           run_fail(run, rule, at, "%s does not match the pattern %s", brief_value(value, shown),
                    brief_value(rule->value, right));
}

static bool has_format(struct run *run, const struct format *format, const char *text, size_t n)
{
    size_t charged = format->most && n > format->most ? format->most : n;
    bool good;

    if (!run_steps(run, (uint64_t)charged * format->each / 8))
        return false;
    if (format->check)
        return format->check(text, n);
    good = format->counted(run->meter, text, n);
    return run_steps(run, 0) && good;
}

CHECK(check_format)
{
    char shown[BRIEF];

    return has_format(run, rule->format, json_object_get_string(value),
                      (size_t)json_object_get_string_len(value)) ||
           run_fail(run, rule, at, "%s is not a valid %s", brief_value(value, shown),
                    rule->format->name);
}
