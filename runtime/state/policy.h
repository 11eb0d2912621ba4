/* What the host and the user allow bundles, in two files: the host's, then the user's. Root must
 * own the host's, the user their own, and no other user may be able to write to them. Source:
 * runbox-policy(5), schemas/policy.schema.json. */
#ifndef STATE_POLICY_H
#define STATE_POLICY_H

#include <stdbool.h>

#include "bundles/bundle.h"
#include "runtime/plan/plan.h"
#include "runtime/state/policy_file.h"
#include "schemas/fault.h"

#define POLICY_FILE "policy.json"
#define POLICY_HOST "/etc/runbox/" POLICY_FILE

enum policy_whose { POLICY_OF_HOST, POLICY_OF_USER, POLICY__COUNT };

struct policy {
    struct policy_file file[POLICY__COUNT];
    const char *cgroup_parent; /* NULL where neither file names one; the user's takes precedence */
    char parent_where[512];    /* that file and member, for messages */
};

/* Read both files. A missing one counts as empty; an invalid one is an error, since ignoring it
 * would be guessing. 0 and *P, or -1 and *WHY: SETUP where a file is open to others, INVALID with
 * the first fault in it. policy_free() in either case. */
int policy_load(struct policy *p, struct fault *why);
void policy_free(struct policy *p);

/* Resolve P's entries with a path for bundle B, which is pinned; without this none of them holds. */
void policy_bind(struct policy *p, const struct bundle *b);

/* Whether PATH is the directory that B, which is pinned, was read from. */
bool policy_is_directory(const char *path, const struct bundle *b);

/* What P grants to bundle B, which calls itself NAME; P owns the texts. Any bundle may take any name:
 * an entry without B's digest or directory gives no keys. 0, or -1 and *WHY; policy_drop() in either
 * case. */
int policy_pick(const struct policy *p, const char *name, const struct bundle *b,
                struct policy_grants *g, struct fault *why);
void policy_drop(struct policy_grants *g);

/* Read both files for the budget alone that they give to reading bundles: see meter_policy(). */
void policy_budget(void);

/* Add GRANT for bundle NAME to the user's file: for this DIGEST only or, if that is NULL, for the
 * absolute directory PATH. 0 (also if it was there already), or -1 and *WHY. */
int policy_grant(const char *name, const char *digest, const char *path, const char *grant,
                 struct fault *why);

/* Remove GRANT from every entry of bundle NAME in the user's file, whatever its digest, and from those
 * with the digest or the directory of B (may be NULL), whatever their name. How many had it, or -1
 * and *WHY. Entries left without grants are removed. */
int policy_revoke(const char *name, const struct bundle *b, const char *grant, struct fault *why);

/* The one change that may be made to the user's policy: for the bundle that was read or, with .revoke,
 * for one of any name. */
struct policy_change {
    const char *grant; /* "keyring:NAMESPACE" */
    const char *path;  /* not NULL: grant to this directory, not to the digest */
    bool revoke;
};

/* Make that change for NAME; of a grant B is the bundle. 0, or -1 and *WHY: INVALID where there was nothing
 * to revoke, or another directory than B's is at .path by now. */
int policy_change(const struct policy_change *c, const char *name, const struct bundle *b,
                  struct fault *why);

/* -1 and *WHY (INVALID): the policy has no such GRANT for NAME. */
int policy_no_grant(const char *grant, const char *name, struct fault *why);

#endif
