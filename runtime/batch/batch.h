/* Many jobs from one input to one output: runbox-batch(1). */
#ifndef BATCH_BATCH_H
#define BATCH_BATCH_H

#include "runtime/batch/output.h"
#include "runtime/batch/tally.h"
#include "runtime/fleet/fleet.h"
#include "runtime/plan/plan.h"

struct batch_options {
    const char *bundle; /* NULL: each job names its own */
    unsigned jobs;      /* concurrent, at most */
    unsigned retries;   /* per job */
    unsigned kept;      /* idle bundles to keep, with templates and waiting boxes */
    uint64_t memory;    /* bytes: the sum of the limits of concurrent jobs; LIMIT_NONE */
    uint64_t cpus;      /* thousandths of a CPU, likewise */
    uint64_t timeout;   /* ns for the whole batch; LIMIT_NONE */
    uint64_t shard, shards;
    bool keep_order, fresh;
    int store;            /* enum store, or -1: for the broker */
    struct pair *options; /* -o: for jobs that do not set them */
    size_t option_count;
    struct grants grants;      /* -g and -l */
    const char *cgroup_parent; /* for the broker */
    struct remote *front;      /* the broker of this process */
};

struct batch_files {
    int input, signals;
    const char *input_name;
    uint64_t input_size; /* bytes, if it is a regular file; else 0 */
    struct output *output;
    struct finished *finished; /* jobs that have a result already */
    bool failed;               /* run only jobs whose result there is not ok */
    struct sink *said;         /* for people: progress, failures, the summary */
    int verbose;               /* -1: nothing; 1: a line for each failed job */
};

/* How the batch ended; struct tally has the counts. */
struct batch_end {
    uint64_t took;       /* ns; 0: it did not begin, or refused all jobs at the first */
    int signo;           /* the signal that stopped it; 0: none */
    bool late;           /* --timeout passed */
    bool skipped_failed; /* a job skipped as done had failed */
};

/* What of O the fleet of a bundle has (runtime/fleet/desk.h). */
struct fleet_options batch_fleet(const struct batch_options *o);

/* Run all jobs. 0, or -1 and *WHY: the command's own bundle cannot be used, or reading, writing
 * or the host failed on the way. The caller opens and closes *T. */
int batch_run(const struct batch_options *o, const struct batch_files *files, struct tally *t,
              struct batch_end *end, struct fault *why);

#endif
