/* What a batch has come to so far: counts by status, histograms, the slowest runs, the newest ones. Its size does
 * not grow with the jobs. */
#ifndef BATCH_TALLY_H
#define BATCH_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "schemas/fault.h"
#include "schemas/report.h"

#define TALLY_SLOWEST 20
#define TALLY_RECENT  5000 /* runs in the page's timeline */
#define TALLY_BUCKETS 48
#define TALLY_ID      48 /* bytes of an id that are kept, a NUL included */

struct tally_run {
    uint64_t begun, ended; /* ns since the batch began */
    unsigned lane;         /* which of the boxes that run at once */
    enum status status;
    char id[TALLY_ID]; /* plain text, perhaps cut; untrusted */
};

/* Bucket I counts values from 2^I up to 2^(I+1), the first one 0 too. */
struct histogram {
    uint64_t count[TALLY_BUCKETS];
    uint64_t total, max;
};

struct tally {
    uint64_t status[STATUS__COUNT];     /* results by status */
    uint64_t done;                      /* results in all */
    uint64_t skipped;                   /* jobs that --resume knew */
    uint64_t absent;                    /* jobs that --retry-failed did not know */
    uint64_t retried;                   /* attempts beyond a job's first */
    int lack;                           /* errno: of what there was too little; 0: of nothing */
    unsigned room;                      /* runs at once that there was room for then, at least */
    uint64_t dropped;                   /* runs that were ended, and have no result */
    struct histogram memory, cpu, wall; /* bytes, microseconds, microseconds */
    struct tally_run slowest[TALLY_SLOWEST]; /* longest first */
    unsigned slow;                           /* of them */
    struct tally_run *recent;                /* a ring; NULL: not kept */
    uint64_t runs;                           /* that went into it, from the first on */
};

/* RECENT: keep the newest runs, for a page. 0, or -1 and *WHY (SETUP: no memory). */
int tally_open(struct tally *t, bool recent, struct fault *why);
void tally_close(struct tally *t);

/* A result was written: R is its report, ID its id as JSON text (NULL: none). AT says when and where it ran; NULL: it
 * never did. */
void tally_add(struct tally *t, const struct report *r, const char *id, const struct tally_run *at);

uint64_t tally_failed(const struct tally *t); /* results whose status is not ok */

/* The Ith of the newest runs, the oldest of them first; how many there are. */
const struct tally_run *tally_recent(const struct tally *t, uint64_t i);
uint64_t tally_recent_count(const struct tally *t);

#endif
