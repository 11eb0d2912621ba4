/* manifest + grants + host -> plan. Trusts the host's facts and the form of a loaded manifest, but
 * nothing that it asks for. Pure: no system calls, no clock, no environment. */
#include "runtime/plan/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/str.h"
#include "runtime/plan/parts.h"

#define BOX_ID 1000 /* uid and gid inside; not 0, which programs take for all-powerful */

static const char *const layer_texts[LAYER__COUNT] = {
#define LAYER(id, text) text,
#include "runtime/plan/layers.def"
#undef LAYER
};

const char *layer_text(enum layer layer)
{
    return layer_texts[layer];
}

int plan_no_memory(struct fault *why)
{
    return fault_set(why, STATUS_SETUP, ENOMEM, "plan", "making the plan");
}

int names_add(struct names *n, const char *text)
{
    char **item = reallocarray(n->item, n->count + 1, sizeof *item);

    if (!item)
        return -1;
    n->item = item;
    item[n->count] = strdup(text);
    if (!item[n->count])
        return -1;
    n->count++;
    return 0;
}

bool names_have(const struct names *n, const char *text)
{
    for (size_t i = 0; i < n->count; i++)
        if (strcmp(n->item[i], text) == 0)
            return true;
    return false;
}

void names_free(struct names *n)
{
    for (size_t i = 0; i < n->count; i++)
        free(n->item[i]);
    free(n->item);
    *n = (struct names){0};
}

static int copy_env(struct plan *p, const struct manifest *m)
{
    if (m->env_count == 0)
        return 0;
    p->env = calloc(m->env_count, sizeof *p->env);
    if (!p->env)
        return -1;
    for (size_t i = 0; i < m->env_count; i++) {
        struct pair *pair = &p->env[p->env_count++];

        pair->name = strdup(m->env[i].name);
        pair->value = strdup(m->env[i].value);
        if (!pair->name || !pair->value)
            return -1;
    }
    return 0;
}

/* Copy what needs no grant and has no limit. */
static int copy_texts(struct plan *p, const struct manifest *m)
{
    p->name = strdup(m->name);
    p->version = strdup(m->version);
    p->main = strdup(m->main);
    p->entry = strdup(m->entry);
    p->hostname = strdup(m->hostname);
    p->entry_named = m->entry_named;
    p->profile = m->profile;
    p->scratch = m->scratch;
    if (!p->name || !p->version || !p->main || !p->entry || !p->hostname)
        return -1;
    for (size_t i = 0; i < m->calls.count; i++)
        if (names_add(&p->calls, m->calls.item[i]) < 0)
            return -1;
    return copy_env(p, m);
}

static int plan_ids(struct plan *p, const struct host *h, struct fault *why)
{
    if (!h->root && !h->user_namespaces)
        return fault_set(why, STATUS_SETUP, 0, "host",
                         "a box needs a user namespace; no user namespace may be made "
                         "(user.max_user_namespaces=0): raise it with sysctl(8) "
                         "(user_namespaces(7))");
    p->own_ids = h->root;
    p->uid_base = h->root ? h->uid_base : 0;
    p->uid_outside = h->root ? 0 : h->uid;
    p->gid_outside = h->root ? 0 : h->gid;
    p->uid_inside = p->gid_inside = BOX_ID;
    p->landlock_abi = h->landlock_abi;
    p->unnamed = h->unnamed;
    p->no_time_namespace = h->no_time_namespace;
    return 0;
}

static int make_parts(struct plan *p, const struct ask *a, struct fault *why)
{
    if (copy_texts(p, a->manifest) < 0)
        return plan_no_memory(why);
    p->changed = a->grants->policy && a->grants->policy->changed;
    p->unbound = a->grants->policy && a->grants->policy->unbound;
    p->named_elsewhere = a->grants->named_elsewhere;
    if (grants_check(a->grants, why) < 0 || plan_ids(p, a->host, why) < 0 ||
        plan_limits(p, a, why) < 0 || plan_rlimits(p, a, why) < 0 || plan_arena(p, a, why) < 0 ||
        plan_rights(p, a, why) < 0)
        return -1;
    return plan_mounts(p, a, why);
}

int plan_make(const struct manifest *m, const struct grants *g, const struct host *h,
              struct plan **plan, struct fault *why)
{
    const struct ask a = {m, g, h};
    struct plan *p = calloc(1, sizeof *p);

    if (!p)
        return plan_no_memory(why);
    if (make_parts(p, &a, why) < 0) {
        plan_free(p);
        return -1;
    }
    *plan = p;
    return 0;
}

int plan_check(const struct manifest *m, struct fault *why)
{
    struct host best = {.root = true, .cpus = UINT16_MAX, .landlock_abi = 1};
    struct grants none = {.best_effort = true};
    struct plan *p = NULL;
    int r;

    limits_clear(&none.override);
    for (int i = 0; i < CONTROLLER__COUNT; i++)
        best.controllers[i] = HIERARCHY_V2;
    for (int i = 0; i < RLIM__COUNT; i++)
        best.rlimit_hard[i] = UINT64_MAX;
    r = plan_make(m, &none, &best, &p, why);
    plan_free(p);
    return r;
}

void plan_free(struct plan *p)
{
    if (!p)
        return;
    free(p->name);
    free(p->version);
    free(p->main);
    free(p->entry);
    free(p->hostname);
    names_free(&p->allow);
    names_free(&p->keyring);
    names_free(&p->calls);
    names_free(&p->granted);
    names_free(&p->granted_by);
    names_free(&p->missing);
    names_free(&p->beyond);
    for (size_t i = 0; i < p->mount_count; i++) {
        free(p->mounts[i].source);
        free(p->mounts[i].target);
    }
    free(p->mounts);
    for (size_t i = 0; i < p->env_count; i++) {
        free(p->env[i].name);
        free(p->env[i].value);
    }
    free(p->env);
    free(p);
}
