/* What a caller gives a bundle, against what its manifest declares: the argument, the options, and limits of
 * one run. */
#ifndef BUNDLES_ARGUMENTS_H
#define BUNDLES_ARGUMENTS_H

#include <stddef.h>

#include "runtime/json/finding.h"
#include "schemas/fault.h"
#include "schemas/manifest.h"

struct json_object;

/* WORK, here as below, is what the run may still cost: a copy of M's meter, then what the calls before have left. */

/* *OPTIONS (an object, or NULL; the callee's to replace, the caller's to free) with the N TEXTS of
 * -o NAME=VALUE added, each converted by the schema's type, and defaults applied, validated against
 * the manifest's "options". 0, or -1 with *WHY (INVALID); where several things are wrong they are
 * all in *F. */
int arguments_options(const struct manifest *m, struct json_object **options,
                      const struct pair *texts, size_t n, struct meter *work, struct findings *f,
                      struct fault *why);

/* ARG (NULL is JSON null) against the manifest's "arg". As above. */
int arguments_arg(const struct manifest *m, struct json_object *arg, struct meter *work,
                  struct findings *f, struct fault *why);

/* LIMITS, an object as a manifest's "limits": those it names are set in *TO. 0, or -1 as above, its places
 * below "/limits". */
int arguments_limits(struct json_object *limits, struct limits *to, struct findings *f,
                     struct fault *why);

/* The N TEXTS of -o NAME=VALUE whose name *OPTIONS (an object, or NULL) does not have, added to it, each
 * converted by the schema's type. 0, or -1 with *WHY (INVALID). */
int arguments_texts(const struct manifest *m, struct json_object **options,
                    const struct pair *texts, size_t n, struct fault *why);

/* Whether those TEXTS can be options of M at all, whatever else a run is given: 0, or -1 with *WHY (INVALID). */
int arguments_texts_check(const struct manifest *m, const struct pair *texts, size_t n,
                          struct fault *why);

#endif
