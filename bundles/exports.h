/* The functions that a manifest names for its callers: read, checked, and found by name. */
#ifndef BUNDLES_EXPORTS_H
#define BUNDLES_EXPORTS_H

#include "schemas/fault.h"
#include "schemas/manifest.h"

struct loader;

/* Set *E to M's export called NAME; "": to its only one, where it names none. 0, or -1 and *WHY (INVALID,
 * .where "export"), which says what there is. *E lives as long as M. */
int exports_choose(const struct manifest *m, const char *name, const struct export **e,
                   struct fault *why);

/* Make *WHY, as of exports_choose(), a usage error of --export. */
void exports_usage(struct fault *why);

/* M's export called NAME, which its caller need not have checked; NULL: it names none. */
const struct export *exports_find(const struct manifest *m, const char *name);

/* Lower what M asks for to E's limits. */
void exports_lower(struct manifest *m, const struct export *e);

/* Internal to bundles/: add a finding for each limit of an export that is above the manifest's own. */
void exports_check(struct loader *l);

void exports_free(struct manifest *m); /* .own too */

#endif
