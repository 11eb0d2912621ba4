/* What the files of a batch share, and nobody else sees. */
#ifndef FLEET_BATCH_PARTS_H
#define FLEET_BATCH_PARTS_H

#include "runtime/fleet/batch.h"
#include "runtime/fleet/budget.h"
#include "runtime/fleet/collect.h"
#include "runtime/fleet/feed.h"
#include "runtime/fleet/fleet.h"
#include "runtime/fleet/order.h"
#include "runtime/fleet/progress.h"
#include "runtime/wire/job.h"

enum task_state {
    TASK_FREE,
    TASK_READY, /* a job that waits: for the budget, or to be tried again */
    TASK_RUNNING
};

/* One job on its way from line to result. There are as many as may run at once. */
struct task {
    struct batch *batch;
    enum task_state state;
    unsigned lane; /* while it runs: no other that runs has it */
    uint64_t line, ticket;
    struct job job;
    struct limits limits; /* its own; LIMIT_NONE where it has none */
    struct fleet_bundle *bundle;
    struct cost cost;
    struct fleet_run run;
    struct collect collect;
    unsigned attempts;
    uint64_t due;   /* ns: not to be begun before */
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
    bool *lanes;          /* in use */
    unsigned free, ready; /* tasks in these states */
    struct str scratch;   /* the result line that is being written */
    uint64_t begun;       /* ns */
    uint64_t deadline;    /* ns; UINT64_MAX: none */
    bool stopping;        /* nothing new is begun */
    bool hungry;          /* the input is what it waits for */
    bool more;            /* there was too much for one pass */
};

/* CLOCK_MONOTONIC, ns. */
uint64_t batch_now(void);

/* task.c: take the job in LINE, which is number feed.line; NULL: it is too long. Its task waits to be begun, or its
 * result is written already. */
void task_take(struct batch *b, const char *line, size_t n);

/* Begin T, which is ready. False: not now, the budget is used up. */
bool task_begin(struct task *t);

/* Drop T, which is ready: it gets no result. */
void task_drop(struct task *t);

#endif
