/* The v2 part of cgroups_probe(). */
#ifndef CGROUPS_UNIFIED_H
#define CGROUPS_UNIFIED_H

#include "cgroups/cgroups.h"
#include "runtime/base/fields.h"

/* Fill in what *C still lacks. POINT: where v2 is mounted; PATH: this process's group in it, or the
 * one GIVEN. 0, or -1 and *WHY if the one given cannot be a parent. */
int unified_resolve(struct cgroups *c, const char *point, struct field path, bool given,
                    struct fault *why);

#endif
