/* The last part of cgroups_probe(). */
#ifndef CGROUPS_LACKS_H
#define CGROUPS_LACKS_H

#include "cgroups/cgroups.h"

/* Fill in .lacks of *C, whose directories are known. */
void lacks_find(struct cgroups *c);

#endif
