/* Why no alternative of an anyOf or oneOf fits: each is checked once more, with findings, and the
 * nearest are kept, within the finding about the keyword. Schema and instance are hostile: lists,
 * their depth and the work are bounded. */
#include <stdio.h>
#include <string.h>

#include "runtime/json/schema/check.h"

#define NEAREST       FINDINGS_INNER /* alternatives that are kept */
#define EXPLAIN_DEPTH 8              /* of alternatives within alternatives */
#define NEAR_MAX      4              /* texts for which another may be meant */

/* What a failure says about the distance: a whole of another type, or another constant, is another
 * thing; another constant within it is most likely the name of another kind. */
enum { FAR_WHOLE = 4096, FAR_CONSTANT = 64, FAR_VALUE = 2, FAR_SPELLING = 1 };

struct alternative {
    struct findings found;
    unsigned far;
    size_t number; /* from 1 */
};

struct near {
    const void *key;
    struct suggestion best;
    size_t number; /* of the alternative that has it */
    bool said;     /* by its own finding */
};

struct explaining {
    struct explaining *around;
    const struct path *at;
    unsigned depth;
    size_t number, kept;
    struct alternative nearest[NEAREST];
    struct near near[NEAR_MAX];
    bool spelling; /* the failure that is being told of is near */
};

void explain_near(struct run *run, const void *key, const struct suggestion *near, bool said)
{
    struct explaining *e = run->explaining;

    if (!e || !near->best)
        return;
    e->spelling = true;
    for (size_t i = 0; i < NEAR_MAX; i++) {
        struct near *one = &e->near[i];

        if (one->key && one->key != key)
            continue;
        if (!one->key || near->distance < one->best.distance)
            *one = (struct near){key, *near, e->number, said};
        return;
    }
}

void explain_empty(struct run *run)
{
    if (run->explaining)
        run->explaining->spelling = true;
}

static bool is_called(const struct rule *rule, const char *name)
{
    return strcmp(rule->keyword->name, name) == 0;
}

void explain_weigh(struct run *run, const struct rule *rule, const struct path *at)
{
    struct finding *one = &run->f->item[run->f->count - 1];
    struct explaining *e = run->explaining;
    bool constant;

    if (!e)
        return;
    constant = is_called(rule, "const") || is_called(rule, "enum");
    if (e->spelling)
        one->far = FAR_SPELLING;
    else if (at == e->at && (constant || is_called(rule, "type")))
        one->far = FAR_WHOLE;
    else
        one->far = constant ? FAR_CONSTANT : FAR_VALUE;
    e->spelling = false;
}

/* Keep ONE, if it is among the nearest; of equally far ones the first. */
static void explain_keep(struct explaining *e, struct alternative *one)
{
    size_t to = e->kept;

    while (to > 0 && e->nearest[to - 1].far > one->far)
        to--;
    if (to == NEAREST) {
        findings_free(&one->found);
        return;
    }
    if (e->kept == NEAREST)
        findings_free(&e->nearest[--e->kept].found);
    memmove(&e->nearest[to + 1], &e->nearest[to], (e->kept - to) * sizeof *e->nearest);
    e->nearest[to] = *one;
    e->kept++;
}

static void explain_one(struct run *run, struct explaining *e, const struct node *node,
                        struct json_object *value)
{
    struct findings *f = run->f;
    struct alternative one = {.found = findings_inner(f), .number = e->number};

    e->spelling = false;
    run->f = &one.found;
    node_check(run, node, e->at, value);
    run->f = f;
    f->no_memory |= one.found.no_memory;
    for (size_t i = 0; i < one.found.count; i++)
        one.far += one.found.item[i].far;
    if (one.found.count)
        explain_keep(e, &one);
    else
        findings_free(&one.found);
}

/* Move what was kept to LIST, the nearest first: a single failure stands for its alternative. */
static void explain_list(struct run *run, struct explaining *e, const struct rule *rule,
                         struct findings *list)
{
    struct findings *f = run->f;

    run->f = list;
    for (size_t i = 0; i < e->kept; i++) {
        struct alternative *one = &e->nearest[i];
        size_t before = list->count;

        if (one->found.count == 1 && !one->found.more)
            findings_move(list, &one->found);
        else
            run_fail_node(run, rule->nodes[one->number - 1], e->at, "");
        if (list->count > before) {
            list->item[before].alternative = one->number;
            if (one->found.count)
                findings_put_within(list, &one->found);
        }
        findings_free(&one->found);
    }
    run->f = f;
}

/* The text that another is near to, unless the nearest alternative says so itself. */
static const struct near *explain_meant(const struct explaining *e)
{
    for (size_t i = 0; i < NEAR_MAX && e->near[i].key; i++)
        if (!e->near[i].said || !e->kept || e->near[i].number != e->nearest[0].number)
            return &e->near[i];
    return NULL;
}

/* The finding about the keyword itself, of whose alternatives TOLD are told. Returns false. */
static bool explain_tell(struct run *run, const struct explaining *e, const struct rule *rule,
                         struct json_object *value, size_t told)
{
    const struct near *meant = explain_meant(e);
    char shown[BRIEF], wrong[BRIEF], right[BRIEF], none[64], some[64] = "";
    bool whole = meant && meant->key == value;

    if (told == 1 && rule->count > 1)
        snprintf(some, sizeof some, " (the nearest follows)");
    else if (told && told < rule->count)
        snprintf(some, sizeof some, " (the nearest %zu follow)", told);
    if (rule->count == 1)
        snprintf(none, sizeof none, "does not match the only alternative");
    else
        snprintf(none, sizeof none, "matches none of the %zu alternatives", rule->count);
    if (!meant)
        return run_fail(run, rule, e->at, "%s %s%s", brief_value(value, shown), none, some);
    return run_fail(run, rule, e->at, "%s %s: did you mean %s%s%s?%s", brief_value(value, shown),
                    none, brief_text(meant->best.best, right), whole ? "" : " for ",
                    whole ? "" : brief_text(meant->best.name, wrong), some);
}

/* Put the finding, with LIST within it, in its place. */
static void explain_finish(struct run *run, struct explaining *e, const struct rule *rule,
                           struct json_object *value, struct findings *list)
{
    size_t before = run->f->count;
    unsigned far = list->count ? e->nearest[0].far : FAR_VALUE;

    explain_tell(run, e, rule, value, list->count);
    if (run->f->count > before) {
        run->f->item[before].far = far;
        if (list->count)
            findings_put_within(run->f, list);
    }
    findings_free(list);
}

bool explain_alternatives(struct run *run, const struct rule *rule, const struct path *at,
                          struct json_object *value)
{
    struct explaining e = {.around = run->explaining, .at = at};
    struct findings list;
    bool tells;

    if (!run_tells(run))
        return false;
    list = findings_inner(run->f);
    e.depth = e.around ? e.around->depth + 1 : 1;
    tells = e.depth <= EXPLAIN_DEPTH && !findings_full(&list);
    run->explaining = &e;
    for (size_t i = 0; i < rule->count && tells && !run->spent; i++) {
        e.number = i + 1;
        explain_one(run, &e, rule->nodes[i], value);
    }
    explain_list(run, &e, rule, &list);
    run->explaining = e.around;
    explain_finish(run, &e, rule, value, &list);
    return false;
}
