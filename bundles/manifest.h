/* Reads manifest.json into struct manifest (schemas/manifest.h), driven by a table; its messages
 * say what would be right. Accepts what schemas/manifest.schema.json accepts (a test compares
 * them), and also checks what a schema cannot: that files exist, sizes fit and members agree with
 * each other. */
#ifndef BUNDLES_MANIFEST_H
#define BUNDLES_MANIFEST_H

#include <stddef.h>

#include "bundles/bundle.h"
#include "runtime/json/finding.h"
#include "schemas/fault.h"
#include "schemas/manifest.h"

#define MANIFEST_MAX      (1u << 20) /* bytes */
#define MANIFEST_HOSTNAME "box"      /* where it names none */

/* Load B's manifest. 0 and *M (manifest_free()); or -1 with all errors in *F (zero-initialised and
 * freed by the caller), sorted by place, and the first one in *WHY. *F is empty if there is no
 * manifest at all or memory ran out. */
int manifest_load(const struct bundle *b, struct manifest **m, struct findings *f,
                  struct fault *why);

/* The same from N bytes of TEXT, which *WHY calls WHERE. If B is NULL, does not check whether main
 * and the mounts' sources exist. */
int manifest_read(const char *text, size_t n, const char *where, const struct bundle *b,
                  struct manifest **m, struct findings *f, struct fault *why);

/* As manifest_read(), for callers that check further: even on -1, *M is what could be read, without
 * the invalid parts, or NULL if nothing could. Must not be run. */
int manifest_examine(const char *text, size_t n, const char *where, const struct bundle *b,
                     struct manifest **m, struct findings *f, struct fault *why);

#define MANIFEST_POINTER 128 /* bytes of a JSON pointer to what a plan rejects */

/* Whether *WHY, as from a plan, is about a place in the manifest: .where is "manifest.json" and
 * .what "POINTER: WHAT". If so, set POINTER, and point *WHAT into *WHY. */
bool manifest_wrong(const struct fault *why, char pointer[MANIFEST_POINTER], const char **what);

/* Set the .where of such a fault to B's manifest, line and column. Leave any other fault alone. */
void manifest_place(const struct bundle *b, struct fault *why);

#endif
