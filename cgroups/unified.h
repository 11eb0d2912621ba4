/* The v2 part of cgroups_probe(). */
#ifndef CGROUPS_UNIFIED_H
#define CGROUPS_UNIFIED_H

#include <stddef.h>

#include "cgroups/cgroups.h"

/* POINT: where v2 is mounted; PATH (N bytes): this process's group in it, or the one given. Fill what
 * is still absent in *C. */
void unified_resolve(struct cgroups *c, const char *point, const char *path, size_t n, bool given);

#endif
