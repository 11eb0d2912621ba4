/* The command line of `runbox batch`, as data. */
#ifndef CMD_BATCH_OPTIONS_H
#define CMD_BATCH_OPTIONS_H

#include "runtime/batch/batch.h"

/* Descriptors that a batch needs. Measured, in the process that needs most, the broker of a bundle
 * that all jobs are of: some 25, plus 20 for each job, whose box has groups in cgroup v1
 * hierarchies, as has one more that waits. */
#define BATCH_FILES        40
#define BATCH_FILES_A_JOB  32
#define BATCH_BUNDLES_KEPT 8

struct batch_command {
    struct batch_options batch;
    const char *input, *output, *resume, *html, *audit; /* NULL: not given */
    bool failed;                                        /* .resume is --retry-failed's */
    int verbose;                                        /* -q: -1 */
};

/* 0: continue; 1: done (--help), exit 0; -1: a usage error was printed, exit 2; another -N: an
 * error was printed, exit N. */
int batch_options_parse(int argc, char **argv, struct batch_command *c);
void batch_options_free(struct batch_command *c);

#endif
