/* Checks what a caller gives a bundle against what its manifest declares: the argument, the options
 * and the limits of one run. */
#ifndef BUNDLES_ARGUMENTS_H
#define BUNDLES_ARGUMENTS_H

#include <stddef.h>

#include "runtime/json/finding.h"
#include "schemas/fault.h"
#include "schemas/manifest.h"

struct json_object;

/* WORK, here and below, is the run's budget: a copy of M's meter, passed on from call to call. */

/* Add the N TEXTS of -o NAME=VALUE to *OPTIONS (an object, or NULL; may be replaced here, is freed
 * by the caller), each converted to the schema's type, apply defaults, and validate against the
 * manifest's "options". 0, or -1 and *WHY (INVALID); *F holds all schema violations. */
int arguments_options(const struct manifest *m, struct json_object **options,
                      const struct pair *texts, size_t n, struct meter *work, struct findings *f,
                      struct fault *why);

/* Validate ARG (NULL is JSON null) against the "arg" of E, which is M's. Returns as above. MISSING: ARG was
 * not given, and what to say of that; or NULL. */
int arguments_arg(const struct export *e, struct json_object *arg, const char *missing,
                  struct meter *work, struct findings *f, struct fault *why);

/* Set in *TO the limits that LIMITS, an object like a manifest's "limits", names. 0, or -1 as
 * above, with pointers below "/limits". */
int arguments_limits(struct json_object *limits, struct limits *to, struct findings *f,
                     struct fault *why);

/* Add to *OPTIONS (an object, or NULL) those of the N TEXTS of -o NAME=VALUE whose names it lacks,
 * each converted to the schema's type. 0, or -1 and *WHY (INVALID). */
int arguments_texts(const struct manifest *m, struct json_object **options,
                    const struct pair *texts, size_t n, struct fault *why);

/* Check that TEXTS can be options of M, whatever a run adds. 0, or -1 and *WHY (INVALID). */
int arguments_texts_check(const struct manifest *m, const struct pair *texts, size_t n,
                          struct fault *why);

#endif
