/* What the files of a batch share, and nobody else sees. */
#ifndef BATCH_PARTS_H
#define BATCH_PARTS_H

#include "runtime/batch/batch.h"
#include "runtime/batch/budget.h"
#include "runtime/batch/collect.h"
#include "runtime/batch/feed.h"
#include "runtime/batch/order.h"
#include "runtime/batch/progress.h"
#include "runtime/batch/retry.h"
#include "runtime/fleet/fleet.h"
#include "runtime/wire/job.h"

enum task_state {
    TASK_FREE,
    TASK_READY, /* waits for the budget; there is one of these at most, and none passes it by */
    TASK_RUNNING
};

/* A slot for one attempt at a job. There are as many as may run at once. */
struct task {
    struct batch *batch;
    enum task_state state;
    unsigned lane; /* while it runs: no other that runs has it */
    struct attempt attempt;
    struct job job;
    struct cost cost;
    struct fleet_run run;
    struct collect collect;
    uint64_t begun; /* ns */
};

struct batch {
    const struct batch_options *o;
    const struct batch_files *files;
    struct tally *tally;
    struct batch_end *end;
    struct fleet *fleet;
    struct fleet_bundle *bundle; /* the command's, or NULL */
    struct feed feed;
    struct order order; /* with --keep-order */
    struct budget budget;
    struct progress progress;
    struct task *tasks;
    bool *lanes;        /* in use */
    unsigned free;      /* tasks in this state */
    struct task *ready; /* the one in this state, or NULL */
    struct retry retry; /* jobs that wait to be tried again */
    struct str scratch; /* the result line that is being written */
    uint64_t begun;     /* ns */
    uint64_t looked;    /* ns: when it last began what could be begun */
    uint64_t deadline;  /* ns; UINT64_MAX: none */
    unsigned room;      /* that run at once: those that there was room for, and at times one more */
    uint64_t pause;     /* ns: none is begun before, unless one ends; 0: it is not so */
    unsigned crowded;   /* jobs in a row that there was no room for: .pause doubles for each */
    unsigned eased;     /* runs that had a box since .room last changed */
    struct fault *wrong; /* with all jobs, before the first was begun; or NULL */
    bool stopping;       /* nothing new is begun */
    char stopped[80];    /* why */
    bool hungry;         /* the input is what it waits for */
    bool more;           /* there was too much for one pass */
};

/* CLOCK_MONOTONIC, ns. */
uint64_t batch_now(void);

/* task.c: take the job in LINE, which is number feed.line; NULL: it is too long. It was begun, or waits as .ready, or
 * its result is written already. */
void task_take(struct batch *b, const char *line, size_t n);

/* The same for the job that is first to be tried again. */
void task_retake(struct batch *b);

/* Begin .ready, if the budget has room for it now. */
void task_begin(struct task *t);

/* task_end.c: T has failed before its box began; its box is gone; T has nothing any more. */
void task_fail(struct task *t, const struct fault *why);
void task_done(struct fleet_run *run);
void task_release(struct task *t);

/* task_end.c: drop what waits: it gets no result. */
void task_drop_all(struct batch *b);

#endif
