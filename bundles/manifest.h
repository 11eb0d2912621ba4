/* manifest.json -> struct manifest (schemas/manifest.h): a table-driven reader whose messages
 * teach. It accepts what schemas/manifest.schema.json accepts (a test holds them to it), and checks
 * besides what a schema cannot: that files exist, that sizes fit, that members agree with each
 * other. */
#ifndef BUNDLES_MANIFEST_H
#define BUNDLES_MANIFEST_H

#include <stddef.h>

#include "bundles/bundle.h"
#include "runtime/json/finding.h"
#include "schemas/fault.h"
#include "schemas/manifest.h"

#define MANIFEST_MAX (1u << 20) /* bytes of a manifest */

/* Load B's manifest. 0 and *M (manifest_free()); or -1 with all that is wrong in *F
 * (zero-initialised, findings_free() is the caller's), sorted by place, and the first of it in
 * *WHY. Where there is no manifest at all, or no memory, *F is empty. */
int manifest_load(const struct bundle *b, struct manifest **m, struct findings *f,
                  struct fault *why);

/* The same from N bytes of TEXT, called WHERE in *WHY. B may be NULL: then nothing is said about
 * whether main and the mounts' sources exist. */
int manifest_read(const char *text, size_t n, const char *where, const struct bundle *b,
                  struct manifest **m, struct findings *f, struct fault *why);

/* As manifest_read(), for who goes on looking: *M is given also with -1 where something could be read,
 * without what is wrong in it; else NULL. Never to be run. */
int manifest_examine(const char *text, size_t n, const char *where, const struct bundle *b,
                     struct manifest **m, struct findings *f, struct fault *why);

#define MANIFEST_POINTER 128 /* bytes for a pointer to what a plan finds wrong */

/* Was *WHY found by who read on in a manifest, as "manifest.json" and "POINTER: WHAT"? Then also POINTER, and *WHAT in it. */
bool manifest_wrong(const struct fault *why, char pointer[MANIFEST_POINTER], const char **what);

/* Such a fault in B's: its .where becomes that file's name, line and column. Any other stays. */
void manifest_place(const struct bundle *b, struct fault *why);

#endif
