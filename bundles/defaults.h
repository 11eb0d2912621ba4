/* `default`s that do not fit the schema beside which they stand: no run is wrong without them, and many
 * are wrong with them. */
#ifndef BUNDLES_DEFAULTS_H
#define BUNDLES_DEFAULTS_H

#include "runtime/json/finding.h"
#include "schemas/manifest.h"

/* Look at the defaults of M's "arg", "options" and "result", at any depth, 256 at most, and add what is
 * wrong to F, pointers beginning in the manifest. Not looked at: a default whose schema refers to
 * another part of its document, since it is compiled alone.
 * Returns whether the budget held. */
bool defaults_check(const struct manifest *m, struct findings *f);

#endif
