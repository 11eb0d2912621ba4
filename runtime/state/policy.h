/* What the host and the user let bundles have, in two files: the host's, then the user's. The host's
 * must be root's, the user's the user's own, and nobody else may be able to write them.
 * Source: runbox-policy(5), schemas/policy.schema.json. */
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
    const char *cgroup_parent; /* NULL where neither file names one; the user's stands first */
    char parent_where[512];    /* that file and member, for messages */
};

/* Read both files. One that is not there says nothing; one that is not understood is an error, for to ignore it would be to
 * guess. 0 and *P, or -1 and *WHY: SETUP where a file is open to others, INVALID with the first thing wrong in it. policy_free()
 * in either case. */
int policy_load(struct policy *p, struct fault *why);
void policy_free(struct policy *p);

/* What P says of bundle B, which calls itself NAME: texts of P's. A name is whatever the bundle says: an entry that has neither B's
 * digest nor its directory gives no keys. 0, or -1 and *WHY; policy_drop() in either case. */
int policy_pick(const struct policy *p, const char *name, const struct bundle *b,
                struct policy_grants *g, struct fault *why);
void policy_drop(struct policy_grants *g);

/* Read them for the budget alone that they give to the reading of bundles: meter_policy() asks. */
void policy_budget(void);

/* Add GRANT for bundle NAME to the user's file: of this DIGEST alone, or, where that is NULL, in the directory PATH, which is absolute.
 * 0 (it may be there already), or -1 and *WHY. */
int policy_grant(const char *name, const char *digest, const char *path, const char *grant,
                 struct fault *why);

/* Take GRANT from every entry of bundle NAME in the user's file, whatever its digest. How many had it, or
 * -1 and *WHY. Entries that grant nothing any more go. */
int policy_revoke(const char *name, const char *grant, struct fault *why);

#endif
