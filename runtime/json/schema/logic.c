/* Keywords that combine schemas (core, 8.2.3 and 10.2). Branches that only decide are tried without
 * findings; those that must hold report their own. Why no alternative fits: explain.c. */
#include <string.h>

#include "runtime/json/schema/check.h"

static bool follow(struct run *run, const struct rule *rule, const struct node *target,
                   const struct path *at, struct json_object *value)
{
    struct via here = {run->via, rule, target};
    bool valid;

    run->via = &here;
    valid = node_check(run, target, at, value);
    run->via = here.up;
    return valid;
}

CHECK(check_ref)
{
    return follow(run, rule, rule->nodes[0], at, value);
}

/* Core, 8.2.3.2: the outermost resource in the dynamic scope with the anchor wins. A hostile schema
 * could make this search long: each comparison costs a step. */
CHECK(check_dynamic_ref)
{
    const struct node *target = rule->nodes[0];

    for (const struct scope *s = run->scope; rule->dynamic && s; s = s->up) {
        if (!run_steps(run, 1))
            return false;
        for (const struct anchor *a = s->resource->anchors; a; a = a->next) {
            if (!run_steps(run, 1))
                return false;
            if (a->dynamic && strcmp(a->name, rule->dynamic) == 0)
                target = a->node;
        }
    }
    return follow(run, rule, target, at, value);
}

/* 2019-09, 8.2.4.2: the outermost resource in the dynamic scope with a $recursiveAnchor wins, if the
 * own one has it too. */
CHECK(check_recursive_ref)
{
    const struct node *target = rule->nodes[0];

    for (const struct scope *s = run->scope; target->resource->recursive && s; s = s->up) {
        if (!run_steps(run, 1))
            return false;
        if (s->resource->recursive)
            target = s->resource->root;
    }
    return follow(run, rule, target, at, value);
}

CHECK(check_all)
{
    bool valid = true;

    for (size_t i = 0; i < rule->count && (valid || run->f); i++)
        valid = node_check(run, rule->nodes[i], at, value) && valid;
    return valid;
}

/* How many branches fit, up to ENOUGH, and the first two of them. Every one that fits marks what it
 * evaluated, so all are tried if that matters. */
static size_t count_fits(struct run *run, const struct rule *rule, struct json_object *value,
                         size_t enough, size_t first[2])
{
    size_t fits = 0;

    for (size_t i = 0; i < rule->count && (fits < enough || run->tracks) && !run->spent; i++) {
        if (!node_try(run, rule->nodes[i], value))
            continue;
        if (fits < 2)
            first[fits] = i;
        fits++;
    }
    return fits;
}

CHECK(check_any)
{
    size_t first[2];

    return count_fits(run, rule, value, 1, first) > 0 || explain_alternatives(run, rule, at, value);
}

CHECK(check_one)
{
    size_t first[2] = {0};
    size_t fits = count_fits(run, rule, value, 2, first);
    char shown[BRIEF];

    if (fits == 0)
        return explain_alternatives(run, rule, at, value);
    return fits == 1 ||
           run_fail(run, rule, at,
                    "%s matches more than one of the %zu alternatives: %zu and %zu at least",
                    brief_value(value, shown), rule->count, first[0] + 1, first[1] + 1);
}

CHECK(check_not)
{
    char shown[BRIEF];

    /* An excluded schema evaluates nothing: its marks are dropped, like a child's. */
    return !child_try(run, rule->nodes[0], value) ||
           run_fail(run, rule, at, "the schema excludes %s", brief_value(value, shown));
}

CHECK(check_if)
{
    bool holds = node_try(run, rule->nodes[0], value);
    const struct rule *branch = rule->mate[holds ? 0 : 1];

    return !branch || node_check(run, branch->nodes[0], at, value);
}
