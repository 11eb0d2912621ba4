/* What was evaluated in a value (core, 11): a stack of ranges that subschemas add to, and keywords
 * that apply to the rest. Kept only for schemas with such a keyword; its size is bounded by the
 * validation's steps. */
#include <stdlib.h>

#include "runtime/base/sort.h"
#include "runtime/json/schema/check.h"
#include "runtime/json/schema/seen.h"

#define SORT_STEPS 4 /* per range */

static bool seen_add(struct run *run, size_t from, size_t to)
{
    if (!run->tracks)
        return true;
    if (!run_steps(run, 1))
        return false;
    if (run->seen_count == run->seen_cap) {
        size_t cap = run->seen_cap ? run->seen_cap * 2 : 64;
        struct seen *more = NULL;

        if (!run_bytes(run, (cap - run->seen_cap) * sizeof *more))
            return false;
        more = reallocarray(run->seen, cap, sizeof *more);
        if (!more) {
            run->spent = spent_memory;
            return false;
        }
        run->seen = more;
        run->seen_cap = cap;
    }
    run->seen[run->seen_count++] = (struct seen){from, to};
    return true;
}

bool seen_all(struct run *run)
{
    return seen_add(run, 0, SIZE_MAX);
}

bool seen_index(struct run *run, size_t index)
{
    return seen_add(run, index, index + 1);
}

bool seen_name(struct run *run, const char *name)
{
    return seen_add(run, (size_t)name, (size_t)name + 1);
}

static int by_start(const void *x, const void *y)
{
    const struct seen *a = x, *b = y;

    return (a->from > b->from) - (a->from < b->from);
}

/* Later ranges go on top, so the order below no longer matters: sort, and merge neighbours. */
static void seen_merge(struct run *run)
{
    size_t count = run->seen_count - run->mark, kept = 0;
    struct seen *list;

    if (count < 2 || !run_steps(run, SORT_STEPS * count)) /* nothing seen: maybe no stack either */
        return;
    list = run->seen + run->mark;
    sort_items(list, count, sizeof *list, by_start);
    for (size_t i = 1; i < count; i++) {
        if (list[i].from > list[kept].to)
            list[++kept] = list[i];
        else if (list[i].to > list[kept].to)
            list[kept].to = list[i].to;
    }
    run->seen_count = run->mark + kept + 1;
}

struct seen_range seen_sort(struct run *run)
{
    seen_merge(run);
    return (struct seen_range){run->mark, run->seen_count};
}

bool seen_has(const struct run *run, struct seen_range in, size_t x)
{
    while (in.from < in.to) {
        size_t middle = in.from + (in.to - in.from) / 2;
        const struct seen *s = &run->seen[middle];

        if (x < s->from)
            in.to = middle;
        else if (x >= s->to)
            in.from = middle + 1;
        else
            return true;
    }
    return false;
}

CHECK(check_unevaluated_items)
{
    size_t n = json_object_array_length(value);
    struct seen_range seen = seen_sort(run);
    bool valid = true;

    for (size_t i = 0; i < n; i++) {
        const struct path here = {.up = at, .index = i};

        if (!run_steps(run, 1))
            return false;
        if (seen_has(run, seen, i))
            continue;
        valid =
            child_check(run, rule->nodes[0], &here, json_object_array_get_idx(value, i)) && valid;
        if (!valid && !run->f)
            return false;
    }
    return seen_all(run) && valid;
}
