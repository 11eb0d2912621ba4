/* Describes a bundle's inputs and outputs from its manifest alone: for people, and in the form that
 * tool catalogues use. The caller must make the output safe for a terminal. */
#ifndef BUNDLES_DESCRIBE_H
#define BUNDLES_DESCRIBE_H

#include "runtime/base/str.h"
#include "schemas/manifest.h"

/* Append one JSON object: name, version, description, inputSchema, outputSchema, options (a
 * schema), calls, keyring_access, and exports if it names any: for each, by name, description,
 * inputSchema, outputSchema and limits. All other members are present; the schema {} accepts anything.
 * Sets OUT->failed if out of memory. */
void describe_json(const struct manifest *m, struct str *out);

/* The same as lines: a row for each member of the argument and the result, and for each option; all
 * exports. No
 * free text of the manifest can begin a line. */
void describe_text(const struct manifest *m, struct str *out);

#endif
