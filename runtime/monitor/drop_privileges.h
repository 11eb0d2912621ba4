/* Least privilege for the monitor, whose parsers read what a hostile bundle, caller or box sends.
 * Code that takes it over has no capability, and cannot open a file, execute a program, create a
 * socket or reach another process. */
#ifndef MONITOR_DROP_PRIVILEGES_H
#define MONITOR_DROP_PRIVILEGES_H

#include <stddef.h>

#include "schemas/fault.h"

struct caller;

#define DROP_KEEP       12
#define DROP_UNFILTERED (-2)

/* Drop all privileges for good, before a byte of a bundle or of the caller is read. Descriptors 0,
 * 1 and 2, CALLER's outputs, which are opened here (NULL: no caller), and the N in KEEP, DROP_KEEP at
 * most, stay open.
 * 0, or -1 and *WHY (SETUP); DROP_UNFILTERED: the filter was refused, as its broker's own may be. Source: capabilities(7), seccomp(2). */
int drop_privileges(struct caller *caller, const int *keep, size_t n, struct fault *why);

#endif
