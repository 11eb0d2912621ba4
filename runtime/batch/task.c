/* One job: from its line to its result, tried again if the host was to blame. The line is
 * checked before a box sees any of it; what is wrong with a job is its own result, never the
 * batch's end. Each attempt starts from the line, and inherits nothing from an earlier one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundles/arguments.h"
#include "runtime/batch/parts.h"
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

static int task_parse(struct task *t, const char *line, size_t n, struct fault *why)
{
    char where[40];

    snprintf(where, sizeof where, "line %llu", (unsigned long long)t->attempt.line);
    if (!line)
        return fault_set(why, STATUS_INVALID, 0, where, "is longer than %u bytes", WIRE_LINE_MAX);
    if (job_parse(line, n, where, &t->job, why) < 0)
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
    keys = t->job.start.keyring != NULL;
    if (task_skip(t)) {
        task_release(t);
    } else {
        if (b->o->keep_order)
            t->attempt.ticket = order_ticket(&b->order);
        if (line)
            str_add(&t->attempt.text, line, n);
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

/* The fleet has started it: overwrite its keys and free the rest. */
static void task_forget(struct task *t)
{
    if (t->job.start.keyring)
        json_wipe(t->job.start.keyring);
    t->job.start.keyring = NULL;
    start_free(&t->job.start);
}

/* There was room for it: without --retries, that was its only attempt. */
static void task_begun(struct fleet_run *run)
{
    struct task *t = run->owner;

    if (!t->batch->o->retries)
        str_wipe(&t->attempt.text);
}

static int task_start(struct task *t, struct fleet_bundle *bundle, const struct plan *p,
                      struct fault *why)
{
    const struct batch_options *o = t->batch->o;
    int r;

    if (arguments_texts(fleet_manifest(bundle), &t->job.start.options, o->options, o->option_count,
                        why) < 0)
        return -1;
    collect_reset(&t->collect);
    t->begun = batch_now();
    t->run = (struct fleet_run){.bundle = bundle,
                                .plan = p,
                                .start = t->job.start,
                                .caller = &t->collect.caller,
                                .done = task_done,
                                .begun = task_begun,
                                .owner = t};
    r = fleet_start(t->batch->fleet, &t->run, why);
    t->job.start = t->run.start; /* fleet_start() may have made the options */
    return r;
}

/* The first job exceeds the budget by what its bundle and the command set: so do all that set no
 * limit of their own. Refuse them now, not after an hour's work. */
static void refuse_all(struct batch *b, const struct fault *why)
{
    struct fault *all;
    size_t n;

    if (b->tally->done || b->retry.count || fleet_running(b->fleet) || !(all = malloc(sizeof *all)))
        return;
    *all = *why;
    all->status = STATUS_USAGE;
    snprintf(all->where, sizeof all->where, "%s", b->o->bundle);
    n = strlen(all->what);
    snprintf(all->what + n, sizeof all->what - n,
             ": no job that sets none itself would run (-l changes what each may have)");
    b->wrong = all;
}

/* Find the bundle that the job names, and the plan with the limits that it sets. */
static int task_find(struct task *t, struct fleet_bundle **bundle, const struct plan **p,
                     struct fault *why)
{
    struct batch *b = t->batch;
    struct findings found = {0};
    struct limits limits;
    int r = 0;

    limits_clear(&limits);
    *bundle = b->bundle;
    if (!t->job.bundle && !b->bundle)
        return fault_set(why, STATUS_INVALID, 0, "",
                         "no bundle is named, by this job's \"bundle\" or by the command");
    if (t->job.bundle)
        r = fleet_bundle(b->fleet, t->job.bundle, FLEET_JOB, bundle, &found, why);
    if (r == 0 && t->job.limits)
        r = arguments_limits(t->job.limits, &limits, &found, why);
    findings_free(&found);
    if (r < 0 || fleet_plan(*bundle, &limits, p, why) < 0)
        return -1;
    t->cost = budget_cost(*p);
    if (budget_check(&b->budget, &t->cost, why) == 0)
        return 0;
    if (!t->job.bundle && limits.value[LIMIT_MEMORY] == LIMIT_NONE &&
        limits.value[LIMIT_CPUS] == LIMIT_NONE)
        refuse_all(b, why);
    return -1;
}

void task_begin(struct task *t)
{
    struct batch *b = t->batch;
    struct fleet_bundle *bundle;
    const struct plan *p;
    struct fault why;
    int r;

    t->run.bundle = NULL;
    fleet_spare(b->fleet, b->o->kept, b->bundle);
    r = task_find(t, &bundle, &p, &why);
    if (r == 0 ? !budget_fits(&b->budget, &t->cost)
               : why.err == EBUSY && fleet_running(b->fleet) > 0)
        return;
    if (b->wrong) {
        task_release(t);
        return;
    }
    t->attempt.count++;
    if (r < 0 || task_start(t, bundle, p, &why) < 0) {
        task_fail(t, &why);
        return;
    }
    budget_take(&b->budget, &t->cost);
    for (t->lane = 0; b->lanes[t->lane];)
        t->lane++;
    b->lanes[t->lane] = true;
    b->ready = NULL;
    t->state = TASK_RUNNING;
    task_forget(t);
}
