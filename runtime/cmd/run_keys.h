/* The keys that a caller brings, on their way from a file or its start line to the box's. */
#ifndef CMD_RUN_KEYS_H
#define CMD_RUN_KEYS_H

#include "runtime/cmd/input.h"
#include "runtime/wire/caller.h"
#include "runtime/wire/lines.h"
#include "schemas/fault.h"

/* From here on no core dump of this process is written or piped to a program. Source: core(5). */
void keys_no_core(void);

/* Read the array of entries in FILE into S. 0, or -1 and *WHY; SIGNALS and *SIGNO as in
 * input_whole(). */
int keys_read(const struct input_file *file, int signals, int *signo, struct start *s,
              struct fault *why);

/* Once the start line is made: overwrite the keys in S and in the lines FROM the caller. */
void keys_forget(struct start *s, struct lines *from);

#endif
