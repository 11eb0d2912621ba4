/* Keywords about objects (core, 10.3.2; validation, 6.5). Names come from a box: they are only
 * looked up, matched or compared. */
#include <string.h>

#include "runtime/json/schema/check.h"
#include "runtime/json/schema/seen.h"

CHECK(check_properties)
{
    struct lh_table *members = json_object_get_object(value);
    bool valid = true;

    for (size_t i = 0; i < rule->count && (valid || run->f); i++) {
        const struct path here = {.up = at, .name = rule->names[i]};
        const struct lh_entry *entry = lh_table_lookup_entry(members, rule->names[i]);

        if (!entry)
            continue;
        valid = child_check(run, rule->nodes[i], &here, (struct json_object *)lh_entry_v(entry)) &&
                valid;
        valid = seen_name(run, lh_entry_k(entry)) && valid;
    }
    return valid;
}

CHECK(check_pattern_properties)
{
    bool valid = true;

    json_object_object_foreach(value, name, member)
    {
        const struct path here = {.up = at, .name = name};
        size_t n = strlen(name);

        for (size_t i = 0; i < rule->count && (valid || run->f); i++) {
            int matches = pattern_match(run, rule->patterns[i], name, n);

            if (matches < 0)
                return false;
            if (!matches)
                continue;
            valid = child_check(run, rule->nodes[i], &here, member) && valid;
            valid = seen_name(run, name) && valid;
        }
    }
    return valid;
}

/* Whether neither properties nor patternProperties beside it match NAME. 1, 0 or -1 (given up). */
static int is_additional(struct run *run, const struct rule *rule, const char *name)
{
    const struct rule *known = rule->mate[0], *patterns = rule->mate[1];
    int matches = 0;

    if (!run_lookups(run, known ? known->value : NULL, 1 + strlen(name) / 32))
        return -1;
    if (known && json_object_object_get_ex(known->value, name, NULL))
        return 0;
    for (size_t i = 0; patterns && i < patterns->count && matches == 0; i++)
        matches = pattern_match(run, patterns->patterns[i], name, strlen(name));
    return matches < 0 ? -1 : !matches;
}

/* The finding just added is about a member's name, not its value. */
static void mark_name(struct run *run)
{
    if (run->f && run->f->count && !run->f->more && !run->spent)
        run->f->item[run->f->count - 1].of_name = true;
}

static bool fail_additional(struct run *run, const struct rule *rule, const struct path *at)
{
    const struct rule *known = rule->mate[0];
    struct suggestion near = suggest(at->name);
    char shown[BRIEF];

    if (!run_tells(run) || (known && !run_steps(run, known->count * suggest_cost(&near))))
        return false;
    for (size_t i = 0; known && i < known->count; i++)
        suggest_try(&near, known->names[i]);
    explain_near(run, at->name, &near, true);
    (run_fail)(run, rule, at, "unknown member %s%s%s%s", brief_text(at->name, shown),
               near.best ? ": did you mean \"" : "", near.best ? near.best : "",
               near.best ? "\"?" : "");
    mark_name(run);
    return false;
}

CHECK(check_additional)
{
    bool valid = true;

    json_object_object_foreach(value, name, member)
    {
        const struct path here = {.up = at, .name = name};
        int additional = is_additional(run, rule, name);

        if (additional < 0 || !run_steps(run, 1))
            return false;
        if (additional == 0)
            continue;
        if (rule->nodes[0]->never)
            valid = fail_additional(run, rule, &here);
        else
            valid = child_check(run, rule->nodes[0], &here, member) && valid;
        if (!seen_name(run, name) || (!valid && !run->f))
            return false;
    }
    return valid;
}

CHECK(check_unevaluated_properties)
{
    struct seen_range seen = seen_sort(run);
    bool valid = true;

    json_object_object_foreach(value, name, member)
    {
        const struct path here = {.up = at, .name = name};

        if (!run_steps(run, 2))
            return false;
        if (seen_has(run, seen, (size_t)name))
            continue;
        if (rule->nodes[0]->never)
            valid = fail_additional(run, rule, &here);
        else
            valid = child_check(run, rule->nodes[0], &here, member) && valid;
        if (!valid && !run->f)
            return false;
    }
    return seen_all(run) && valid;
}

/* The name TEXT of the member at AT does not fit: say why, in the words of the first failure. */
static bool fail_name(struct run *run, const struct rule *rule, const struct path *at,
                      struct json_object *text)
{
    struct explaining *around = run->explaining;
    struct findings *f = run->f, why;
    char shown[BRIEF];
    bool reason;

    if (!run_tells(run))
        return false;
    why = findings_inner(f);
    run->explaining = NULL; /* TEXT does not live as long as what that keeps */
    run->f = &why;
    child_check(run, rule->nodes[0], at, text);
    run->f = f;
    run->explaining = around;
    reason = why.count && !rule->nodes[0]->never;
    (void)run_fail(run, rule, at, "the name %s is not allowed here%s%s",
                   brief_text(at->name, shown), reason ? ": " : "",
                   reason ? why.item[0].message : "");
    f->no_memory |= why.no_memory;
    findings_free(&why);
    mark_name(run);
    return false;
}

CHECK(check_names)
{
    bool valid = true;

    json_object_object_foreach(value, name, member)
    {
        const struct path here = {.up = at, .name = name};
        struct json_object *text;

        (void)member;
        if (!run_steps(run, 4 + strlen(name) / 32))
            return false;
        text = json_object_new_string(name);
        if (!text) {
            run->spent = spent_memory;
            return false;
        }
        if (!child_try(run, rule->nodes[0], text))
            valid = fail_name(run, rule, &here, text);
        json_object_put(text);
        if (!valid && !run->f)
            return false;
    }
    return valid;
}

/* Whether VALUE has every member in NAMES. BECAUSE: the member that requires them, or NULL. */
static bool has_all(struct run *run, const struct rule *rule, const struct path *at,
                    struct json_object *value, struct json_object *names, const char *because)
{
    bool valid = true;
    char shown[BRIEF], asking[BRIEF];

    for (size_t i = 0; i < json_object_array_length(names); i++) {
        const char *name = json_object_get_string(json_object_array_get_idx(names, i));

        if (json_object_object_get_ex(value, name, NULL))
            continue;
        valid = because ? run_fail(run, rule, at, "missing member %s, required by %s",
                                   brief_text(name, shown), brief_text(because, asking))
                        : run_fail(run, rule, at, "missing member %s", brief_text(name, shown));
        if (!run->f)
            return false;
    }
    return valid;
}

CHECK(check_required)
{
    return has_all(run, rule, at, value, rule->value, NULL);
}

CHECK(check_dependent_required)
{
    bool valid = true;

    json_object_object_foreach(rule->value, name, names)
    {
        if (json_object_object_get_ex(value, name, NULL))
            valid = has_all(run, rule, at, value, names, name) && valid;
    }
    return valid;
}

CHECK(check_dependent_schemas)
{
    bool valid = true;

    for (size_t i = 0; i < rule->count && (valid || run->f); i++)
        if (json_object_object_get_ex(value, rule->names[i], NULL))
            valid = node_check(run, rule->nodes[i], at, value) && valid;
    return valid;
}

/* Draft-07's combination of the two above: a schema, or a list of names. */
CHECK(check_dependencies)
{
    bool valid = true;

    for (size_t i = 0; i < rule->count && (valid || run->f); i++) {
        struct json_object *names;

        if (!json_object_object_get_ex(value, rule->names[i], NULL))
            continue;
        if (rule->nodes[i]) {
            valid = node_check(run, rule->nodes[i], at, value) && valid;
            continue;
        }
        json_object_object_get_ex(rule->value, rule->names[i], &names);
        valid = has_all(run, rule, at, value, names, rule->names[i]) && valid;
    }
    return valid;
}

CHECK(check_min_properties)
{
    int n = json_object_object_length(value);
    char right[BRIEF];

    return (long double)n >= rule->number ||
           run_fail(run, rule, at, "too few members: %d, at least %s required", n,
                    brief_value(rule->value, right));
}

CHECK(check_max_properties)
{
    int n = json_object_object_length(value);
    char right[BRIEF];

    return (long double)n <= rule->number ||
           run_fail(run, rule, at, "too many members: %d, at most %s allowed", n,
                    brief_value(rule->value, right));
}
