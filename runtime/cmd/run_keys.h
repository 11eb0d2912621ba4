/* The keys of a run, on their way from a store or a caller to the box's start line. */
#ifndef CMD_RUN_KEYS_H
#define CMD_RUN_KEYS_H

#include "runtime/plan/plan.h"
#include "runtime/wire/caller.h"
#include "runtime/wire/lines.h"
#include "schemas/fault.h"

/* From here on no core file of this process is written, nor given to a program. Source: core(5). */
void keys_no_core(void);

/* The array of entries in file PATH ('-': stdin), to S. 0, or -1 and *WHY; SIGNALS and *SIGNO as in
 * input_whole(). */
int keys_read(const char *path, int signals, int *signo, struct start *s, struct fault *why);

/* Once the box is made: where P grants keyring namespaces, this process can no longer be looked into by
 * its user's other programs; and where S brings no keyring, its entries come from STORE (enum store;
 * -1: the one that stands where none is named). 0, or -1 and *WHY. Source: PR_SET_DUMPABLE(2const). */
int keys_load(const struct plan *p, int store, struct start *s, struct fault *why);

/* The start line is written: overwrite what S, and the lines FROM the caller, hold of keys. */
void keys_forget(struct start *s, struct lines *from);

#endif
