/* What run and explain share: from a bundle and what the caller allows to its plan. */
#ifndef CMD_RESOLVE_H
#define CMD_RESOLVE_H

#include "bundles/bundle.h"
#include "cgroups/cgroups.h"
#include "runtime/plan/plan.h"

/* The plan of bundle B with manifest M on this host, under G and the policy files. CGROUP_PARENT: NULL is
 * the policy's, or none. Fills *CGROUPS too. 0 and *PLAN (plan_free() it), or -1 and *WHY. */
int resolve_plan(const struct bundle *b, const struct manifest *m, const struct grants *g,
                 const char *cgroup_parent, struct cgroups *cgroups, struct plan **plan,
                 struct fault *why);

#endif
