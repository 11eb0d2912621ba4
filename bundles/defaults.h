/* Checks `default`s against their schemas: a bad one fails runs that would be valid without it. */
#ifndef BUNDLES_DEFAULTS_H
#define BUNDLES_DEFAULTS_H

#include "runtime/json/finding.h"
#include "schemas/manifest.h"

/* Check the defaults in M's "arg", "options" and "result", and its exports', at any depth, and add what is wrong to
 * F, with pointers into the manifest. Skips a default whose schema refers to another part of its
 * document, since the schema is compiled alone. False if M's budget ran out. */
bool defaults_check(const struct manifest *m, struct findings *f);

#endif
