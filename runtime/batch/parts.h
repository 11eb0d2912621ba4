/* Shared by the files of a batch, and private to them. */
#ifndef BATCH_PARTS_H
#define BATCH_PARTS_H

#include "runtime/batch/batch.h"
#include "runtime/batch/budget.h"
#include "runtime/batch/collect.h"
#include "runtime/batch/feed.h"
#include "runtime/batch/order.h"
#include "runtime/batch/progress.h"
#include "runtime/batch/retry.h"
#include "runtime/tenants/tenants.h"
#include "runtime/wire/envelope.h"

enum task_state {
    TASK_FREE,
    TASK_READY, /* waits for the budget, or for what it costs; at most one task does, and no other
                 * overtakes it */
    TASK_RUNNING
};

/* A slot for one attempt at a job. There are as many as jobs may run at once. */
struct task {
    struct batch *batch;
    enum task_state state;
    unsigned lane; /* while it runs: unique among running tasks */
    struct attempt attempt;
    struct envelope job;
    struct cost cost;
    struct tenant_run run; /* READY: .tenant, pinned, once it is known */
    struct collect collect;
    uint64_t begun; /* ns */
};

struct batch {
    const struct batch_options *o;
    const struct batch_files *files;
    struct tally *tally;
    struct batch_end *end;
    struct tenants *tenants;
    struct tenant *bundle; /* the command's, or NULL */
    struct feed feed;
    struct order order; /* with --keep-order */
    struct budget budget;
    struct progress progress;
    struct task *tasks;
    bool *lanes;         /* in use */
    unsigned free;       /* tasks in state TASK_FREE */
    struct task *ready;  /* the one in state TASK_READY, or NULL */
    struct retry retry;  /* jobs waiting to be tried again */
    struct str scratch;  /* the result line being written */
    uint64_t begun;      /* ns */
    uint64_t looked;     /* ns: when the loop last began what it could */
    uint64_t deadline;   /* ns; UINT64_MAX: none */
    unsigned room;       /* concurrent jobs that there is room for; now and then raised by one */
    uint64_t pause;      /* ns: begin no job before, unless a run ends; 0: no pause */
    unsigned crowded;    /* failures in a row for lack of room: .pause doubles with each */
    unsigned eased;      /* runs that got a box since .room last changed */
    struct fault *wrong; /* what is wrong with all jobs, found before the first began; or NULL */
    bool stopping;       /* begin nothing new */
    char stopped[80];    /* why */
    bool full;           /* .ready cannot begin before a run has ended */
    bool hungry;         /* the loop waits for input */
    bool more;           /* work is left for the next pass */
};

/* CLOCK_MONOTONIC, ns. */
uint64_t batch_now(void);

/* task.c: take the job in LINE, which is number feed.line; NULL: it is too long. On return it
 * has begun, is skipped, waits as .ready or for a retry, or has its result written. */
void task_take(struct batch *b, const char *line, size_t n);

/* The same for the job due first for another try. */
void task_retake(struct batch *b);

/* Begin T, which is .ready, if the budget has room for it now. */
void task_begin(struct task *t);

/* task_end.c. task_fail(): T failed before it was passed on. task_done(): its run is over.
 * task_release(): free T's slot. */
void task_fail(struct task *t, const struct fault *why);
void task_done(struct tenant_run *run);
void task_release(struct task *t);

/* task_end.c: drop all waiting jobs, which get no result. */
void task_drop_all(struct batch *b);

#endif
