/* Least privilege of the monitor itself: what a hostile bundle, caller or box could reach of it is its readers of what they say.
 * Whoever took it over there finds no capability and no way to a file, a program, a socket or another process. */
#ifndef MONITOR_DROP_PRIVILEGES_H
#define MONITOR_DROP_PRIVILEGES_H

#include <stddef.h>

#include "schemas/fault.h"

struct caller;

/* Before it reads a byte of a bundle or of its caller, for the rest of this process's life. Of the descriptors it keeps 0, 1, 2,
 * CALLER's outputs, which are opened for it (NULL: it has none), and the N in KEEP. 0, or -1 and *WHY (SETUP). Source:
 * capabilities(7), seccomp(2). */
int drop_privileges(struct caller *caller, const int *keep, size_t n, struct fault *why);

#endif
