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

bool run_fail(struct run *run, const struct rule *rule, const struct path *at, const char *fmt, ...)
{
    autostr struct str keyword = {0};
    autofree char *message = NULL;
    va_list ap;
    int n;

    if (!run->f || run->spent)
        return false;
    if (rule)
        path_print(&rule->at, &keyword);
    va_start(ap, fmt);
    n = vasprintf(&message, fmt, ap);
    va_end(ap);
    if (n < 0) {
        message = NULL;
        run->f->no_memory = true;
        return false;
    }
    findings_add(run->f, at, keyword.data, false, "%s", message);
    return false;
}

static bool rules_check(struct run *run, const struct node *node, const struct path *at,
                        struct json_object *value)
{
    unsigned type = 1u << json_object_get_type(value);
    bool valid = true;

    if (node->never)
        return run_fail(run, NULL, at, "no value is allowed here");
    for (size_t i = 0; i < node->count; i++) {
        const struct rule *rule = &node->rules[i];

        if (!(rule->keyword->applies & type) || rule->keyword->check(run, rule, at, value))
            continue;
        valid = false;
        if (!run->f || run->spent)
            break;
    }
    return valid;
}

/* References may lead round in circles that consume nothing: depth ends them. */
bool node_check(struct run *run, const struct node *node, const struct path *at,
                struct json_object *value)
{
    bool valid;

    if (!run_step(run))
        return false;
    if (run->depth == SCHEMA_DEPTH) {
        run->spent = "its references nest too deeply";
        return false;
    }
    run->depth++;
    valid = rules_check(run, node, at, value);
    run->depth--;
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
    struct run run = {.f = f, .steps = SCHEMA_STEPS};
    bool valid = node_check(&run, s->root, at, value);

    if (run.spent) {
        findings_add(f, at, NULL, false, "too costly to check: %s", run.spent);
        return -1;
    }
    return valid ? 0 : -1;
}
