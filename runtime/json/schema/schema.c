/* Validates an instance against a compiled schema. The instance comes from a box or a caller, the
 * schema from a bundle; together they may be as costly as their authors like, so steps are
 * counted. */
#include "runtime/json/schema/schema.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/fd.h"
#include "runtime/json/schema/run.h"
#include "runtime/json/schema/scratch.h"
#include "runtime/json/uri.h"

#define WAY_MAX       4096 /* bytes, roughly, of a path through references */
#define FINDING_STEPS 64   /* to word one */
#define TEXT_BYTES    8    /* of its texts, which names make long, cost one more */

const struct rule *node_rule(const struct node *node, const char *name)
{
    for (size_t i = 0; i < node->count; i++)
        if (strcmp(node->rules[i].keyword->name, name) == 0)
            return &node->rules[i];
    return NULL;
}

bool run_steps(struct run *run, uint64_t n)
{
    if (!run->spent && !meter_steps(run->meter, n))
        run->spent = spent_meter;
    return !run->spent;
}

#define LARGE_OBJECT 512 /* members */
#define LARGE_STEPS  8

bool run_lookups(struct run *run, struct json_object *object, uint64_t n)
{
    if (json_object_is_type(object, json_type_object) &&
        json_object_object_length(object) > LARGE_OBJECT)
        n *= LARGE_STEPS;
    return run_steps(run, n);
}

bool run_bytes(struct run *run, uint64_t n)
{
    if (!run->spent && !meter_bytes(run->meter, n))
        run->spent = spent_meter;
    return !run->spent;
}

const char spent_memory[] = "there is not enough memory", spent_meter[] = "";

/* Print each reference's keyword, as its path from the target of the previous one. */
static void print_way(const struct via *via, struct str *out)
{
    if (via->up)
        print_way(via->up, out);
    if (out->len > WAY_MAX)
        return;
    path_print_below(&via->rule->at, via->up ? via->up->target->at : NULL, out);
}

/* The last finding is about KEYWORD, a place in RESOURCE: record the path that led there. */
static void add_way(struct run *run, const struct path *keyword, const struct resource *resource)
{
    struct str way = {0}, absolute = {0};

    if (run->via) {
        print_way(run->via, &way);
        path_print_below(keyword, run->via->target->at, &way);
    }
    if (*resource->uri) {
        autostr struct str pointer = {0};

        path_print_below(keyword, resource->root->at, &pointer);
        str_addf(&absolute, "%s#", resource->uri);
        uri_fragment(pointer.data ? pointer.data : "", &absolute);
        run->f->no_memory |= pointer.failed;
    }
    findings_set_way(run->f, &way, &absolute);
}

/* Of what is found for an inner list most is dropped again: the bounds of what is kept do not bound it. */
static bool fail_at(struct run *run, const struct path *keyword, const struct resource *resource,
                    const struct path *at, const char *message)
{
    autostr struct str shown = {0};
    size_t before = run->f->count;

    if (resource->foreign)
        str_addf(&shown, "%s#", resource->uri);
    path_print(keyword, &shown);
    findings_add(run->f, at, shown.data, false, "%s", message);
    if (run->f->count == before)
        return false;
    add_way(run, keyword, resource);
    if (run->f->outer)
        run_steps(run, run->f->item[before].bytes / TEXT_BYTES);
    return false;
}

/* Likewise, their number has no other bound than its cost. */
bool run_tells(struct run *run)
{
    return run->f && !run->spent && !findings_full(run->f) &&
           (!run->f->outer || run_steps(run, FINDING_STEPS));
}

/* In parentheses: the macro of the same name calls run_tells() first. */
bool(run_fail)(struct run *run, const struct rule *rule, const struct path *at, const char *fmt,
               ...)
{
    autofree char *message = NULL;
    size_t before = run->f->count;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vasprintf(&message, fmt, ap);
    va_end(ap);
    if (n < 0) {
        message = NULL;
        run->f->no_memory = true;
        return false;
    }
    fail_at(run, &rule->at, rule->node->resource, at, message);
    if (run->f->count > before)
        explain_weigh(run, rule, at);
    return false;
}

bool run_fail_node(struct run *run, const struct node *node, const struct path *at,
                   const char *message)
{
    return fail_at(run, node->at, node->resource, at, message);
}

bool run_never(struct run *run, const struct node *node, const struct path *at)
{
    if (!run_tells(run))
        return false;
    return run_fail_node(run, node, at, "no value is allowed here");
}

static bool rules_check(struct run *run, const struct node *node, const struct path *at,
                        struct json_object *value)
{
    unsigned type = 1u << json_object_get_type(value);
    bool valid = true;

    if (node->never)
        return run_never(run, node, at);
    for (size_t i = 0; i < node->count; i++) {
        const struct rule *rule = &node->rules[i];

        if (!(rule->applies & type) || ((!rule->work || run_lookups(run, value, rule->work)) &&
                                        rule->keyword->check(run, rule, at, value)))
            continue;
        valid = false;
        if (!run->f || run->spent)
            break;
    }
    return valid;
}

/* References may form cycles that consume nothing: the depth limit ends them. What a failing
 * subschema evaluated does not count; if findings are wanted, the whole has failed already, and
 * forgetting would only add findings about values that were checked. */
bool node_check(struct run *run, const struct node *node, const struct path *at,
                struct json_object *value)
{
    struct scope here = {run->scope, node->resource};
    const struct node *around = run->node;
    size_t mark = run->mark;
    bool valid;

    if (run->spent)
        return false;
    run->node = node;
    if (!run_steps(run, 1))
        return false;
    if (run->depth == SCHEMA_DEPTH) {
        run->spent = "references nest too deeply";
        return false;
    }
    if (!here.up || here.up->resource != here.resource)
        run->scope = &here;
    run->depth++;
    run->mark = run->seen_count;
    valid = rules_check(run, node, at, value);
    if (!valid && !run->f)
        run->seen_count = run->mark;
    run->mark = mark;
    run->depth--;
    run->scope = here.up;
    if (!run->spent)
        run->node = around;
    return valid;
}

bool child_check(struct run *run, const struct node *node, const struct path *at,
                 struct json_object *value)
{
    size_t seen = run->seen_count;
    bool valid = node_check(run, node, at, value);

    run->seen_count = seen;
    return valid;
}

bool child_try(struct run *run, const struct node *node, struct json_object *value)
{
    size_t seen = run->seen_count;
    bool valid = node_try(run, node, value);

    run->seen_count = seen;
    return valid;
}

bool node_try(struct run *run, const struct node *node, struct json_object *value)
{
    struct findings *f = run->f;
    bool valid;

    run->f = NULL;
    valid = node_check(run, node, NULL, value);
    run->f = f;
    return valid;
}

/* Given up because of the cost, not the value. */
static void tell_spent(const struct schema *s, struct run *run, const struct path *at)
{
    autostr struct str where = {0};

    if (run->spent == spent_memory || run->meter->spent == METER_STOPPED) {
        run->f->no_memory |= run->spent == spent_memory;
        run->f->stopped |= run->spent != spent_memory;
        return;
    }
    if (!run->node->resource->foreign)
        str_adds(&where, s->origin);
    path_print(run->node->at, &where);
    findings_add(run->f, at, NULL, false, "too costly to check: %s at %s of the schema",
                 run->spent == spent_meter ? meter_why(run->meter) : run->spent,
                 where.len ? where.data : "the root");
}

int schema_validate_within(const struct schema *s, struct json_object *value, const struct path *at,
                           struct meter *m, struct findings *f)
{
    struct run run = {.f = f, .meter = m, .scratch = s->scratch, .tracks = s->tracks};
    bool valid = node_check(&run, s->root, at, value);

    scratch_reset(s->scratch);
    free(run.seen);
    meter_give(m, run.seen_cap * sizeof(size_t) * 2);
    run.f = f; /* it may have been given up in a branch that only decides */
    if (run.spent)
        tell_spent(s, &run, at);
    return valid && !run.spent ? 0 : -1;
}

int schema_validate(const struct schema *s, struct json_object *value, const struct path *at,
                    struct findings *f)
{
    struct meter whole = {0};

    return schema_validate_within(s, value, at, &whole, f);
}
