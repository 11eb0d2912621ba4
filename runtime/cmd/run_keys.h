/* The keys of a run, on their way from a store or a caller to the box's start line. */
#ifndef CMD_RUN_KEYS_H
#define CMD_RUN_KEYS_H

#include "runtime/cmd/input.h"
#include "runtime/wire/caller.h"
#include "runtime/wire/lines.h"
#include "schemas/fault.h"

/* From here on no core file of this process is written, nor given to a program. Source: core(5). */
void keys_no_core(void);

/* The array of entries in FILE, to S. 0, or -1 and *WHY; SIGNALS and *SIGNO as in input_whole(). */
int keys_read(const struct input_file *file, int signals, int *signo, struct start *s,
              struct fault *why);

/* The start line is written: overwrite what S, and the lines FROM the caller, hold of keys. */
void keys_forget(struct start *s, struct lines *from);

#endif
