/* Internal to `runbox check`: what is said of a bundle's sources (check_sources.c). */
#ifndef CMD_CHECK_H
#define CMD_CHECK_H

#include "bundles/bundle.h"
#include "runtime/cmd/remarks.h"
#include "schemas/fault.h"
#include "schemas/manifest.h"

#define MANIFEST "manifest.json"

struct remote;

/* Remark on what WHY says of PATH. A failure of the host is no error of the bundle: its caller
 * reports that. */
void check_fault(struct remarks *r, const char *path, const struct fault *why);

/* Compile B's sources in a box, and remark on what they are and use. M may be NULL: what the bundle
 * asks for is then unknown. *WHY: as of lint_run(). */
void check_sources(struct remarks *r, struct remote *remote, const struct bundle *b,
                   const struct manifest *m, struct fault *why);

#endif
