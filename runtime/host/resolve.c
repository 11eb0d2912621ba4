/* Brings bundle, options, policy files and host together; plan_make() decides. */
#include "runtime/host/resolve.h"

#include <stdio.h>
#include <string.h>

#include "bundles/manifest.h"
#include "runtime/host/probe.h"

/* Report a fault in the parent that a policy names as that file's: no option named it. */
static void place_parent(const struct policy *p, struct fault *why)
{
    char what[sizeof why->what];

    if (strcmp(why->where, p->cgroup_parent) != 0)
        return;
    snprintf(what, sizeof what, "%s", why->what);
    snprintf(why->what, sizeof why->what, "%.400s: %.1000s", p->cgroup_parent, what);
    snprintf(why->where, sizeof why->where, "%s", p->parent_where);
}

int site_open(struct site *s, const char *cgroup_parent, struct fault *why)
{
    if (policy_load(&s->policy, why) < 0) {
        policy_free(&s->policy);
        return -1;
    }
    if (host_probe(&s->host, &s->cgroups, cgroup_parent ? cgroup_parent : s->policy.cgroup_parent,
                   why) == 0)
        return 0;
    if (!cgroup_parent && s->policy.cgroup_parent)
        place_parent(&s->policy, why);
    policy_free(&s->policy);
    return -1;
}

int site_bare(struct site *s, struct fault *why)
{
    *s = (struct site){0};
    policy_budget();
    for (int i = 0; i < POLICY__COUNT; i++)
        limits_clear(&s->policy.file[i].ceilings);
    return host_probe(&s->host, &s->cgroups, NULL, why);
}

void site_bind(struct site *s, struct bundle *b)
{
    policy_bind(&s->policy, b);
    bundle_unpin(b);
}

void site_free(struct site *s)
{
    policy_free(&s->policy);
}

int plan_at(const struct host *host, const struct policy_grants *policy, const char *digest,
            const struct manifest *m, const struct grants *g, struct plan **plan, struct fault *why)
{
    struct grants all = *g;

    all.policy = policy;
    if (plan_make(m, &all, host, plan, why) < 0)
        return -1;
    memcpy((*plan)->digest, digest, sizeof(*plan)->digest);
    return 0;
}

int site_plan(const struct site *s, const struct bundle *b, const struct manifest *m,
              const struct grants *g, struct plan **plan, struct fault *why)
{
    struct policy_grants policy;
    int r = policy_pick(&s->policy, m->name, b, &policy, why);

    if (r == 0)
        r = plan_at(&s->host, &policy, b->digest, m, g, plan, why);
    policy_drop(&policy);
    return r;
}
