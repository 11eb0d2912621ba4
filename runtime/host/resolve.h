/* From a bundle and what the caller allows to its plan, as run, explain and a fleet need it. */
#ifndef HOST_RESOLVE_H
#define HOST_RESOLVE_H

#include "bundles/bundle.h"
#include "cgroups/cgroups.h"
#include "runtime/plan/plan.h"
#include "runtime/state/policy.h"

/* What a bundle's plan depends on besides its manifest and the command line. */
struct site {
    struct host host;
    struct cgroups cgroups;
    struct policy policy;
};

/* Read the policies and probe the host. CGROUP_PARENT: NULL means the policy's, if any. 0 and *S
 * (site_free() it), or -1 and *WHY. */
int site_open(struct site *s, const char *cgroup_parent, struct fault *why);
void site_free(struct site *s);

/* S is for bundle B alone: entries of policies with a path are resolved, and B's directory closed. */
void site_bind(struct site *s, struct bundle *b);

/* The same without policies, except for their budget: for merely looking at a bundle. */
int site_bare(struct site *s, struct fault *why);

/* Make the plan of bundle B with manifest M at S, under G. 0 and *PLAN (plan_free() it), or -1 and
 * *WHY, for manifest_place(). */
int site_plan(const struct site *s, const struct bundle *b, const struct manifest *m,
              const struct grants *g, struct plan **plan, struct fault *why);

/* The same with host and policy from elsewhere. */
int plan_at(const struct host *host, const struct policy_grants *policy, const char *digest,
            const struct manifest *m, const struct grants *g, struct plan **plan,
            struct fault *why);

#endif
