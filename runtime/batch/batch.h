/* Many jobs from one input to one output: runbox-batch(1). */
#ifndef BATCH_BATCH_H
#define BATCH_BATCH_H

#include "runtime/batch/output.h"
#include "runtime/batch/tally.h"
#include "runtime/plan/plan.h"

struct batch_options {
    const char *bundle; /* NULL: each job names its own */
    unsigned jobs;      /* at once */
    unsigned retries;   /* of one job */
    unsigned
        kept; /* bundles that no job runs of and another may want: templates, boxes that wait */
    uint64_t memory;  /* bytes, of the limits of all that run at once; LIMIT_NONE */
    uint64_t cpus;    /* thousandths, the same */
    uint64_t timeout; /* ns for the whole batch; LIMIT_NONE */
    uint64_t shard, shards;
    bool keep_order, fresh;
    int store;            /* enum store, or -1 */
    struct pair *options; /* -o: for jobs that do not say */
    size_t option_count;
    struct grants grants; /* -g and -l */
    const char *cgroup_parent;
};

struct batch_files {
    int input, signals;
    const char *input_name;
    struct output *output;
    struct finished *finished; /* jobs that have a result already */
    bool failed;               /* run those whose result there is not ok, and no others */
    struct sink *said;         /* for people: progress, failures, the summary */
    int verbose;               /* -1: nothing; 1: a line for each job that fails */
};

/* How it went; *T has the counts. */
struct batch_end {
    uint64_t took;       /* ns; 0: it did not begin, or its first job was refused for all */
    int signo;           /* it was told to stop */
    bool late;           /* --timeout passed */
    bool skipped_failed; /* a job that was done already had failed */
};

/* Run them all. 0, or -1 and *WHY: the command's own bundle cannot be used, or reading, writing or the host failed
 * on the way. *T is the caller's to open and close. */
int batch_run(const struct batch_options *o, const struct batch_files *files, struct tally *t,
              struct batch_end *end, struct fault *why);

#endif
