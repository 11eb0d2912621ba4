/* Bundle, options, policy files and host come together here; plan_make() decides. */
#include "runtime/cmd/resolve.h"

#include <string.h>

#include "runtime/monitor/host.h"
#include "runtime/state/policy.h"

int resolve_plan(const struct bundle *b, const struct manifest *m, const struct grants *g,
                 const char *cgroup_parent, struct cgroups *cgroups, struct plan **plan,
                 struct fault *why)
{
    struct grants all = *g;
    struct policy policy;
    struct host host;
    int r = policy_load(m->name, b->digest, &policy, why);

    all.policy = &policy.grants;
    if (r == 0)
        r = host_probe(&host, cgroups, cgroup_parent ? cgroup_parent : policy.cgroup_parent, why);
    if (r == 0)
        r = plan_make(m, &all, &host, plan, why);
    if (r == 0)
        memcpy((*plan)->digest, b->digest, sizeof(*plan)->digest);
    policy_free(&policy);
    return r;
}
