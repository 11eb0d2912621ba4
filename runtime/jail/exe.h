/* Find runbox's own programs (runbox-lua, runbox-sn0int, runbox-loopback, runbox-cgroups) on disk. */
#ifndef JAIL_EXE_H
#define JAIL_EXE_H

#include <stddef.h>

#include "schemas/fault.h"

/* Open program NAME (O_PATH): next to the running runbox, as in a build tree, else in libexecdir. A
 * descriptor, or -1 and *WHY naming both places. */
int exe_open(const char *name, struct fault *why);

/* Store the path of the same program in PATH. 0, or -1 and *WHY. */
int exe_path(const char *name, char *path, size_t size, struct fault *why);

/* The program of the boxes that this process makes, and its children: runbox-lua, unless a verb has
 * chosen another before it makes any. NAME must stay. */
const char *exe_box(void);
void exe_choose(const char *name);

#endif
