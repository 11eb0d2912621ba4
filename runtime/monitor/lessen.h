/* Least privilege of the monitor itself, for the verbs whose process serves one box and ends with it. What a
 * hostile box could reach of a monitor is its reader of lines: whoever took it over there would find no
 * capability and no way to a program, a socket, another process or a file to write. */
#ifndef MONITOR_LESSEN_H
#define MONITOR_LESSEN_H

#include <stdbool.h>
#include <stddef.h>

#include "schemas/fault.h"

struct box;
struct caller;

/* Between watch_start() and watch_run(): before the first byte of what a script says is read, and while the box
 * begins, which would else have to wait for it. For the rest of this process's life, which can make no
 * other box. REPORT: a report's file will be written. CALLER's outputs
 * are opened for it. 0, or -1 and *WHY (SETUP). Source: capabilities(7), seccomp(2). */
int monitor_lessen(const struct box *box, struct caller *caller, bool report, struct fault *why);

/* The same for a monitor that has a broker, which needs no right at all, before it reads a byte of a bundle or of its caller: of the
 * descriptors it keeps 0, 1, 2, CALLER's outputs, and the N in KEEP. */
int monitor_drop(struct caller *caller, const int *keep, size_t n, struct fault *why);

#endif
