/* Maps limits to control files: which file of which controller takes which value. */
#ifndef CGROUPS_LIMITS_H
#define CGROUPS_LIMITS_H

#include "cgroups/group.h"

/* Write every limit of L to G's files. 0, or -1 and *WHY naming the file. */
int limits_write(const struct group *g, const struct group_limits *l, struct fault *why);

#endif
