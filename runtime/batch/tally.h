/* What a batch has done so far: counts by status, histograms, the slowest runs, the newest ones.
 * Its size does not grow with the jobs. */
#ifndef BATCH_TALLY_H
#define BATCH_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "schemas/fault.h"
#include "schemas/report.h"

#define TALLY_SLOWEST 20
#define TALLY_RECENT  5000 /* runs in the page's timeline */
#define TALLY_BUCKETS 48
#define TALLY_ID      48 /* bytes of an id that are kept, NUL included */

struct tally_run {
    uint64_t begun, ended; /* ns since the batch began */
    unsigned lane;         /* which of the concurrent boxes */
    enum status status;
    char id[TALLY_ID]; /* plain text, possibly cut; untrusted */
};

/* Bucket I counts values from 2^I to below 2^(I+1); the first also 0, the last all larger ones. */
struct histogram {
    uint64_t count[TALLY_BUCKETS];
    uint64_t total, max;
};

struct tally {
    uint64_t status[STATUS__COUNT];          /* results by status */
    uint64_t done;                           /* results in all */
    uint64_t skipped;                        /* jobs skipped as done */
    uint64_t absent;                         /* jobs without a result for --retry-failed */
    uint64_t retried;                        /* attempts beyond a job's first */
    int lack;                                /* errno: what there was too little of; 0: nothing */
    unsigned room;                           /* the fewest concurrent runs there was room for */
    uint64_t dropped;                        /* jobs ended or dropped without a result */
    struct histogram memory, cpu, wall;      /* bytes, microseconds, microseconds */
    uint64_t by_process;                     /* of .memory, those that no group counted */
    struct tally_run slowest[TALLY_SLOWEST]; /* longest first */
    unsigned slow;                           /* entries of .slowest in use */
    struct tally_run *recent;                /* a ring; NULL: not kept */
    uint64_t runs;                           /* runs added to .recent in all */
};

/* RECENT: keep the newest runs, for a page. 0, or -1 and *WHY (SETUP: no memory). */
int tally_open(struct tally *t, bool recent, struct fault *why);
void tally_close(struct tally *t);

/* Count a result: R is its report, ID its id as JSON text (NULL: none). AT: when and where it
 * ran; NULL: it never did. */
void tally_add(struct tally *t, const struct report *r, const char *id, const struct tally_run *at);

uint64_t tally_failed(const struct tally *t); /* results whose status is not ok */

/* The Ith of the newest runs, oldest first; and their number. */
const struct tally_run *tally_recent(const struct tally *t, uint64_t i);
uint64_t tally_recent_count(const struct tally *t);

#endif
