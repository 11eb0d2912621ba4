/* One job: from its line to its run, tried again if the host was to blame. Of the line, only what says whose
 * it is is read here; its bundle's monitor has the rest. What is wrong with a job is its own result, never
 * the batch's end. Each attempt starts from the line, and inherits nothing from an earlier one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/batch/parts.h"
#include "runtime/wire/job.h"
#include "runtime/wire/result.h"
#include "schemas/setup.h"

static struct task *task_slot(struct batch *b)
{
    unsigned i = 0;

    while (b->tasks[i].state != TASK_FREE)
        i++;
    return &b->tasks[i];
}

static enum finished_as task_finished_as(const struct task *t)
{
    const struct finished *k = t->batch->files->finished;
    autostr struct str key = {0};

    if (k->count == 0)
        return FINISHED_NOT;
    result_key(t->job.id ? t->job.id : "null", t->job.id ? strlen(t->job.id) : 4, t->attempt.line,
               &key);
    return finished_as(k, key.data, key.len);
}

/* Whether to skip the job: it has a result; or, with --retry-failed, its result is not a
 * failure. */
static bool task_skip(struct task *t)
{
    struct batch *b = t->batch;
    enum finished_as as = task_finished_as(t);
    bool failed = b->files->failed;

    if (as == (failed ? FINISHED_FAILED : FINISHED_NOT))
        return false;
    if (as == FINISHED_NOT)
        b->tally->absent++;
    else
        b->tally->skipped++;
    b->end->skipped_failed |= as == FINISHED_FAILED;
    return true;
}

/* A line that does not say whose it is: it is no job, and why, the parser of jobs knows. */
static int task_unread(struct task *t, const char *line, size_t n, const char *where,
                       struct fault *why)
{
    struct job job;
    int r = job_parse(line, n, where, &job, why);

    free(t->job.id);
    t->job.id = job.id;
    job.id = NULL;
    job_free(&job);
    return r < 0 ? -1 : fault_set(why, STATUS_INVALID, 0, where, "/bundle: is too long");
}

/* A job that no bundle is named for may have it under a name that is misspelt. */
static bool task_is_wrong(const char *line, size_t n, const char *where, struct fault *why)
{
    struct job job;
    int r = job_parse(line, n, where, &job, why);

    job_free(&job);
    return r < 0;
}

static int task_parse(struct task *t, const char *line, size_t n, struct fault *why)
{
    char where[40];
    int r;

    snprintf(where, sizeof where, "line %llu", (unsigned long long)t->attempt.line);
    if (!line)
        return fault_set(why, STATUS_INVALID, 0, where, "is longer than %u bytes", WIRE_LINE_MAX);
    r = envelope_read(line, n, &t->job, why);
    if (r)
        return r < 0 ? -1 : task_unread(t, line, n, where, why);
    if (!t->job.bundle && !t->batch->bundle && task_is_wrong(line, n, where, why))
        return -1;
    if (!t->job.id && asprintf(&t->job.id, "%llu", (unsigned long long)t->attempt.line) < 0) {
        t->job.id = NULL;
        return fault_set(why, STATUS_SETUP, ENOMEM, where, "its id");
    }
    return 0;
}

/* T's line was read: begin it, or fail it if PARSED says that it is no job. */
static void task_go_on(struct task *t, int parsed, const struct fault *why)
{
    struct batch *b = t->batch;

    t->state = TASK_READY;
    b->ready = t;
    b->free--;
    if (parsed == 0) {
        task_begin(t);
        return;
    }
    t->attempt.count++;
    task_fail(t, why);
}

void task_take(struct batch *b, const char *line, size_t n)
{
    struct task *t = task_slot(b);
    struct fault why;
    bool keys;
    int parsed;

    t->attempt = (struct attempt){.line = b->feed.line, .text.secret = true};
    parsed = task_parse(t, line, n, &why);
    keys = t->job.keys;
    if (task_skip(t)) {
        task_release(t);
    } else {
        if (b->o->keep_order)
            t->attempt.ticket = order_ticket(&b->order);
        if (line)
            str_add(&t->attempt.text, line, n);
        if (parsed == 0 && t->attempt.text.failed)
            parsed = fault_set(&why, STATUS_SETUP, ENOMEM, "", "keeping its line");
        task_go_on(t, parsed, &why);
    }
    if (keys)
        lines_forget(&b->feed.lines);
}

void task_retake(struct batch *b)
{
    struct task *t = task_slot(b);
    struct fault why;
    int parsed;

    if (!retry_take(&b->retry, &t->attempt))
        return;
    parsed = task_parse(t, t->attempt.text.data, t->attempt.text.len, &why);
    task_go_on(t, parsed, &why);
}

/* There was room for it: without --retries, that was its only attempt. */
static void task_begun(struct tenant_run *run)
{
    struct task *t = run->owner;

    if (!t->batch->o->retries)
        str_wipe(&t->attempt.text);
}

static int task_start(struct task *t, struct fault *why)
{
    collect_reset(&t->collect);
    t->begun = batch_now();
    t->run = (struct tenant_run){.tenant = t->run.tenant,
                                 .line = t->attempt.line,
                                 .caller = &t->collect.caller,
                                 .done = task_done,
                                 .begun = task_begun,
                                 .owner = t};
    return tenant_start(&t->run, t->attempt.text.data, t->attempt.text.len, why);
}

/* The first job exceeds the budget by what its bundle and the command set: so do all that set no
 * limit of their own. Refuse them now, not after an hour's work. */
static void refuse_all(struct batch *b, const struct fault *why)
{
    struct fault *all;
    size_t n;

    if (b->tally->done || b->retry.count || tenants_running(b->tenants) ||
        !(all = malloc(sizeof *all)))
        return;
    *all = *why;
    all->status = STATUS_USAGE;
    snprintf(all->where, sizeof all->where, "%s", b->o->bundle);
    n = strlen(all->what);
    snprintf(all->what + n, sizeof all->what - n,
             ": no job that sets none itself would run (-l changes what each may have)");
    b->wrong = all;
}

/* Find the bundle that the job names, once for each attempt. */
static int task_find(struct task *t, struct fault *why)
{
    struct batch *b = t->batch;
    struct tenant *tenant = b->bundle;

    if (t->run.tenant)
        return 0;
    if (!t->job.bundle && !tenant)
        return fault_set(why, STATUS_INVALID, 0, "",
                         "no bundle is named, by this job's \"bundle\" or by the command");
    if (t->job.bundle ? tenant_find(b->tenants, t->job.bundle, TENANT_JOB, &tenant, why) < 0
                      : tenant_revive(tenant, why) < 0)
        return -1;
    tenant_pin(tenant, true);
    t->run.tenant = tenant;
    tenants_spare(b->tenants, b->o->kept, b->bundle);
    return 0;
}

/* What it may use: 1, or -1 and *WHY; 0: it waits to know. */
static int task_cost(struct task *t, struct fault *why)
{
    struct batch *b = t->batch;
    struct message_price price;
    const struct str *text = &t->attempt.text;
    int r;

    t->cost = (struct cost){0};
    if (b->budget.all.memory == LIMIT_NONE && b->budget.all.cpus == LIMIT_NONE)
        return 1;
    r = tenant_ask_price(t->run.tenant, t->job.limits ? text->data : NULL, text->len, &price, why);
    if (r <= 0)
        return r;
    t->cost = (struct cost){price.memory, price.cpus};
    if (budget_check(&b->budget, &t->cost, why) == 0)
        return 1;
    if (!t->job.bundle && !t->job.limits)
        refuse_all(b, why);
    return -1;
}

void task_begin(struct task *t)
{
    struct batch *b = t->batch;
    struct fault why;
    int r = task_find(t, &why);

    if (r == 0)
        r = task_cost(t, &why);
    b->full = r > 0 ? !budget_fits(&b->budget, &t->cost)
                    : r < 0 && why.err == EBUSY && tenants_running(b->tenants) > 0;
    if (r == 0 || b->full)
        return;
    if (b->wrong) {
        task_release(t);
        return;
    }
    t->attempt.count++;
    if (r < 0 || task_start(t, &why) < 0) {
        task_fail(t, &why);
        return;
    }
    budget_take(&b->budget, &t->cost);
    for (t->lane = 0; b->lanes[t->lane];)
        t->lane++;
    b->lanes[t->lane] = true;
    b->ready = NULL;
    t->state = TASK_RUNNING;
}
