/* The command line of `runbox batch`, as data. */
#ifndef CMD_BATCH_OPTIONS_H
#define CMD_BATCH_OPTIONS_H

#include "runtime/fleet/batch.h"

/* Descriptors that a batch needs. Measured: 18 for a job and the box that waits for the next one of its bundle, 27
 * where each job has its own bundle, 240 for bundles that are kept. */
#define BATCH_FILES       240
#define BATCH_FILES_A_JOB 34

struct batch_command {
    struct batch_options batch;
    const char *input, *output, *resume, *html; /* NULL: not given */
    int verbose;                                /* -q: -1 */
};

/* 0: go on; 1: done (--help), exit 0; -1: a usage error was printed, exit 2. */
int batch_options_parse(int argc, char **argv, struct batch_command *c);
void batch_options_free(struct batch_command *c);

#endif
