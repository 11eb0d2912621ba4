/* Validation: an instance against a compiled schema. The instance comes from a box or a caller, the
 * schema from a bundle; together they may be as costly as their authors like, so that steps are
 * counted. */
#include "schemas/schema.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/fd.h"
#include "schemas/schema_run.h"
#include "schemas/uri.h"

const struct rule *node_rule(const struct node *node, const char *name)
{
    for (size_t i = 0; i < node->count; i++)
        if (strcmp(node->rules[i].keyword->name, name) == 0)
            return &node->rules[i];
    return NULL;
}

bool run_step(struct run *run)
{
    if (run->spent)
        return false;
    if (run->steps-- > 0)
        return true;
    run->steps = 0;
    run->spent = "it takes too many steps";
    return false;
}

const char spent_memory[] = "there is not enough memory";

/* Each reference's keyword, by its way from what the one before led to. */
static void print_way(const struct via *via, struct str *out)
{
    if (via->up)
        print_way(via->up, out);
    path_print_below(&via->rule->at, via->up ? via->up->target->at : NULL, out);
}

/* The finding at the end of F is about KEYWORD, a place in RESOURCE: say which way led there. */
static void add_way(struct run *run, const struct path *keyword, const struct resource *resource)
{
    struct finding *one = &run->f->item[run->f->count - 1];
    struct str way = {0}, absolute = {0};

    if (run->via) {
        print_way(run->via, &way);
        path_print_below(keyword, run->via->target->at, &way);
        one->way = way.data;
    }
    if (*resource->uri) {
        autostr struct str pointer = {0};

        path_print_below(keyword, resource->root->at, &pointer);
        str_addf(&absolute, "%s#", resource->uri);
        uri_fragment(pointer.data ? pointer.data : "", &absolute);
        one->absolute = absolute.data;
        run->f->no_memory |= pointer.failed;
    }
    run->f->no_memory |= way.failed || absolute.failed;
}

static bool fail_at(struct run *run, const struct path *keyword, const struct resource *resource,
                    const struct path *at, const char *message)
{
    autostr struct str shown = {0};
    size_t before = run->f->count;

    if (resource->foreign)
        str_addf(&shown, "%s#", resource->uri);
    path_print(keyword, &shown);
    findings_add(run->f, at, shown.data, false, "%s", message);
    if (run->f->count > before)
        add_way(run, keyword, resource);
    return false;
}

bool run_fail(struct run *run, const struct rule *rule, const struct path *at, const char *fmt, ...)
{
    autofree char *message = NULL;
    va_list ap;
    int n;

    if (!run->f || run->spent)
        return false;
    va_start(ap, fmt);
    n = vasprintf(&message, fmt, ap);
    va_end(ap);
    if (n < 0) {
        message = NULL;
        run->f->no_memory = true;
        return false;
    }
    return fail_at(run, &rule->at, rule->node->resource, at, message);
}

bool run_never(struct run *run, const struct node *node, const struct path *at)
{
    if (!run->f || run->spent)
        return false;
    return fail_at(run, node->at, node->resource, at, "no value is allowed here");
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

        if (!(rule->applies & type) || rule->keyword->check(run, rule, at, value))
            continue;
        valid = false;
        if (!run->f || run->spent)
            break;
    }
    return valid;
}

/* References may lead round in circles that consume nothing: depth ends them. What a subschema that
 * fails has evaluated does not count; where findings are wanted the whole has failed already, and
 * forgetting would only add findings about what was looked at. */
bool node_check(struct run *run, const struct node *node, const struct path *at,
                struct json_object *value)
{
    struct scope here = {run->scope, node->resource};
    size_t mark = run->mark;
    bool valid;

    if (!run_step(run))
        return false;
    if (run->depth == SCHEMA_DEPTH) {
        run->spent = "its references nest too deeply";
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

int schema_validate(const struct schema *s, struct json_object *value, const struct path *at,
                    struct findings *f)
{
    struct run run = {.f = f, .steps = SCHEMA_STEPS, .tracks = s->tracks};
    bool valid = node_check(&run, s->root, at, value);

    free(run.seen);
    if (run.spent == spent_memory) {
        f->no_memory = true;
        return -1;
    }
    if (run.spent) {
        findings_add(f, at, NULL, false, "too costly to check: %s", run.spent);
        return -1;
    }
    return valid ? 0 : -1;
}
