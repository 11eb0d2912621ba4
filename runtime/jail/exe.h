/* The box program's file. */
#ifndef JAIL_EXE_H
#define JAIL_EXE_H

#include <stddef.h>

#include "schemas/fault.h"

/* Open program NAME (O_PATH): beside the running runbox where that is a build tree, else under
 * libexecdir. A descriptor, or -1 and *WHY naming both places. */
int exe_open(const char *name, struct fault *why);

/* The same place, as a path. 0, or -1 and *WHY. */
int exe_path(const char *name, char *path, size_t size, struct fault *why);

#endif
