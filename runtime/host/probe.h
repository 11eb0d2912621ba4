/* Ask this host what it offers. */
#ifndef HOST_PROBE_H
#define HOST_PROBE_H

#include "cgroups/cgroups.h"
#include "runtime/plan/host.h"
#include "schemas/fault.h"

/* Fill *H, and *C with where controllers are; PARENT: see cgroups_probe(). 0, or -1 and *WHY. */
int host_probe(struct host *h, struct cgroups *c, const char *parent, struct fault *why);

#endif
