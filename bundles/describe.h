/* What a bundle takes and gives, from its manifest alone: for people, and in the shape that tool
 * catalogues use. Texts of the manifest are quoted as they are: who prints them makes them visible. */
#ifndef BUNDLES_DESCRIBE_H
#define BUNDLES_DESCRIBE_H

#include "runtime/base/str.h"
#include "schemas/manifest.h"

/* Append one JSON object: name, version, description, inputSchema, outputSchema, options (a schema),
 * calls, keyring_access. Every member is there; {} is the schema of anything. OUT->failed where
 * memory ran out. */
void describe_json(const struct manifest *m, struct str *out);

/* The same as lines: a row for each member of the argument and the result, and for each option. No
 * text of the manifest begins a line. */
void describe_text(const struct manifest *m, struct str *out);

#endif
