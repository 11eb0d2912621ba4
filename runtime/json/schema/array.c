/* Keywords about arrays (JSON Schema core, 10.3.1; validation, 6.4). */
#include <stdlib.h>

#include "runtime/base/fd.h"
#include "runtime/base/sort.h"
#include "runtime/json/schema/check.h"
#include "runtime/json/schema/seen.h"

CHECK(check_prefix)
{
    size_t n = json_object_array_length(value);
    bool valid = true;

    for (size_t i = 0; i < rule->count && i < n && (valid || run->f); i++) {
        const struct path here = {.up = at, .index = i};

        valid =
            child_check(run, rule->nodes[i], &here, json_object_array_get_idx(value, i)) && valid;
        valid = seen_index(run, i) && valid;
    }
    return valid;
}

/* Check all elements from FIRST on. */
static bool check_from(struct run *run, const struct rule *rule, const struct path *at,
                       struct json_object *value, size_t first)
{
    size_t n = json_object_array_length(value);
    bool valid = true;

    for (size_t i = first; i < n && (valid || run->f) && !run->spent; i++) {
        const struct path here = {.up = at, .index = i};

        valid =
            child_check(run, rule->nodes[0], &here, json_object_array_get_idx(value, i)) && valid;
    }
    return seen_all(run) && valid;
}

CHECK(check_items)
{
    return check_from(run, rule, at, value, rule->mate[0] ? rule->mate[0]->count : 0);
}

/* Up to 2019-09: one schema for all, or a list of schemas, which "additionalItems" continues. */
CHECK(check_items_07)
{
    if (json_object_is_type(rule->value, json_type_array))
        return check_prefix(run, rule, at, value);
    return check_from(run, rule, at, value, 0);
}

CHECK(check_additional_items)
{
    const struct rule *items = rule->mate[0];

    if (!items || !json_object_is_type(items->value, json_type_array))
        return true;
    return check_from(run, rule, at, value, items->count);
}

/* minContains and maxContains act only here; without minContains one element must fit. What fits is
 * evaluated from 2020-12 on. */
CHECK(check_contains)
{
    const struct rule *min = rule->mate[0], *max = rule->mate[1];
    size_t n = json_object_array_length(value), fits = 0;
    bool evaluates = rule->node->resource->dialect == DRAFT_2020_12;
    long double least = min ? min->number : 1;
    char right[BRIEF];

    for (size_t i = 0; i < n && !run->spent; i++) {
        if (!child_try(run, rule->nodes[0], json_object_array_get_idx(value, i)))
            continue;
        fits++;
        if (evaluates && !seen_index(run, i))
            return false;
    }
    if ((long double)fits < least)
        return run_fail(run, min ? min : rule, at,
                        "too few elements match \"contains\": %zu, at least %s required", fits,
                        min ? brief_value(min->value, right) : "1");
    if (max && (long double)fits > max->number)
        return run_fail(run, max, at,
                        "too many elements match \"contains\": %zu, at most %s allowed", fits,
                        brief_value(max->value, right));
    return !run->spent;
}

#define SORT_STEPS 12 /* per element */

struct hashed {
    uint64_t hash;
    size_t index;
};

static int by_hash(const void *x, const void *y)
{
    const struct hashed *a = x, *b = y;

    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

/* Whether the N elements of VALUE are distinct. LIST has room for their hashes. */
static bool are_unique(struct run *run, const struct rule *rule, const struct path *at,
                       struct json_object *value, struct hashed *list, size_t n)
{
    for (size_t i = 0; i < n && !run->spent; i++)
        list[i] = (struct hashed){json_hash(run, json_object_array_get_idx(value, i)), i};
    if (run->spent)
        return false;
    sort_items(list, n, sizeof *list, by_hash);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n && list[j].hash == list[i].hash && !run->spent; j++)
            if (json_equal(run, json_object_array_get_idx(value, list[i].index),
                           json_object_array_get_idx(value, list[j].index)))
                return run_fail(run, rule, at, "elements %zu and %zu are equal, but must be unique",
                                list[i].index, list[j].index);
    }
    return !run->spent;
}

/* Only values of equal hash are compared; the step count bounds a hostile list of such. */
CHECK(check_unique)
{
    size_t n = json_object_array_length(value);
    struct hashed *list;
    bool unique;

    if (n < 2 || !json_object_get_boolean(rule->value))
        return true;
    if (!run_steps(run, SORT_STEPS * n) || !run_bytes(run, n * sizeof *list))
        return false;
    meter_give(run->meter, n * sizeof *list); /* freed soon */
    list = calloc(n, sizeof *list);
    if (!list) {
        run->spent = spent_memory;
        return false;
    }
    unique = are_unique(run, rule, at, value, list, n);
    free(list); /* not by attribute: clang 14's analyzer loses track of it here */
    return unique;
}

CHECK(check_min_items)
{
    size_t n = json_object_array_length(value);
    char right[BRIEF];

    return (long double)n >= rule->number ||
           run_fail(run, rule, at, "too few elements: %zu, at least %s required", n,
                    brief_value(rule->value, right));
}

CHECK(check_max_items)
{
    size_t n = json_object_array_length(value);
    char right[BRIEF];

    return (long double)n <= rule->number ||
           run_fail(run, rule, at, "too many elements: %zu, at most %s allowed", n,
                    brief_value(rule->value, right));
}
