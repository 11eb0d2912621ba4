/* One job: from its line to its result, tried again where the host was to blame. The line is checked before a box
 * sees any of it; what is wrong with a job is its own result, never the batch's end. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundles/given.h"
#include "runtime/fleet/batch_parts.h"
#include "runtime/state/keyring.h"
#include "runtime/wire/result.h"
#include "runtime/wire/text.h"
#include "schemas/setup.h"

#define BUNDLES 8 /* that are kept for jobs to come: each is a template and boxes that wait */

#define RETRY_FIRST 100000000ull /* ns before the second attempt; doubled for each further one */
#define RETRY_LAST  5000000000ull

static struct task *free_task(struct batch *b)
{
    unsigned i = 0;

    while (b->tasks[i].state != TASK_FREE)
        i++;
    return &b->tasks[i];
}

static void release(struct task *t)
{
    struct batch *b = t->batch;

    b->free += t->state != TASK_FREE;
    b->ready -= t->state == TASK_READY;
    t->state = TASK_FREE;
    job_free(&t->job);
    collect_reset(&t->collect);
}

/* TEXT is the result of T's job; empty: it has none. */
static void deliver(struct task *t, struct str *text)
{
    struct batch *b = t->batch;
    struct str due;

    if (!b->o->keep_order) {
        if (text->len)
            output_line(b->files->output, text->data, text->len);
        text->len = 0;
        return;
    }
    order_put(&b->order, t->ticket, text);
    for (; order_take(&b->order, &due); str_free(&due))
        if (due.len)
            output_line(b->files->output, due.data, due.len);
}

/* AT: when it ran; NULL: it never did. */
static void conclude(struct task *t, const struct report *r, const struct tally_run *at)
{
    struct batch *b = t->batch;
    struct outcome o = {t->job.id, t->line, t->attempts, r};
    char number[24];

    snprintf(number, sizeof number, "%llu", (unsigned long long)t->line);
    collect_write(at ? &t->collect : NULL, &o, &b->scratch);
    if (b->scratch.failed)
        b->files->output->sink.broken = ENOMEM;
    tally_add(b->tally, r, t->job.id ? t->job.id : number, at);
    progress_result(&b->progress, t->job.id ? t->job.id : number, r);
    deliver(t, &b->scratch);
    release(t);
}

static bool is_worth_another(const struct task *t, const struct report *r)
{
    const struct batch *b = t->batch;

    if (b->stopping || t->attempts > b->o->retries)
        return false;
    return r->status == STATUS_SETUP || (r->status == STATUS_SIGNAL && r->signal == SIGKILL);
}

static void try_again(struct task *t)
{
    struct batch *b = t->batch;
    unsigned doubled = t->attempts - 1 < 6 ? t->attempts - 1 : 6;
    uint64_t wait = RETRY_FIRST << doubled;

    t->due = batch_now() + (wait < RETRY_LAST ? wait : RETRY_LAST);
    b->ready += t->state != TASK_READY;
    t->state = TASK_READY;
    b->tally->retried++;
}

static void fail(struct task *t, const struct fault *why)
{
    struct report *r = &t->run.report;
    autostr struct str text = {0};
    size_t n;

    str_addf(&text, "%s%s%s", why->where, *why->where ? ": " : "", why->what);
    n = text.len < sizeof r->message ? text.len : text_whole(text.data, sizeof r->message - 1);
    snprintf(r->message, sizeof r->message, "%.*s", (int)n, text.failed ? "" : text.data);
    r->status = why->status;
    if (is_worth_another(t, r))
        try_again(t);
    else
        conclude(t, r, NULL);
}

/* What the job names, and what it sets beyond the bundle's own. */
static int prepare(struct task *t, struct fault *why)
{
    struct batch *b = t->batch;
    struct findings found = {0};
    int r = 0;

    limits_clear(&t->limits);
    t->bundle = b->bundle;
    if (!t->job.bundle && !b->bundle)
        return fault_set(why, STATUS_INVALID, 0, "",
                         "no bundle is named, by this job's \"bundle\" or by the command");
    if (t->job.bundle)
        r = fleet_bundle(b->fleet, t->job.bundle, &t->bundle, &found, why);
    if (r == 0 && t->job.limits)
        r = given_limits(t->job.limits, &t->limits, &found, why);
    findings_free(&found);
    return r;
}

static enum known_as known(const struct task *t)
{
    const struct known *k = t->batch->files->known;
    autostr struct str key = {0};

    if (k->count == 0)
        return KNOWN_NOT;
    result_key(t->job.id ? t->job.id : "null", t->job.id ? strlen(t->job.id) : 4, t->line, &key);
    return known_as(k, key.data, key.len);
}

static int parse(struct task *t, const char *line, size_t n, struct fault *why)
{
    char where[40];

    snprintf(where, sizeof where, "line %llu", (unsigned long long)t->line);
    if (!line)
        return fault_set(why, STATUS_INVALID, 0, where, "is longer than %u bytes", WIRE_LINE_MAX);
    if (job_parse(line, n, where, &t->job, why) < 0)
        return -1;
    if (!t->job.id && asprintf(&t->job.id, "%llu", (unsigned long long)t->line) < 0) {
        t->job.id = NULL;
        return fault_set(why, STATUS_SETUP, ENOMEM, where, "its id");
    }
    return 0;
}

void task_take(struct batch *b, const char *line, size_t n)
{
    struct task *t = free_task(b);
    struct fault why;
    int parsed;

    /* One that waits may stand for a bundle. */
    if (b->ready == 0)
        fleet_spare(b->fleet, BUNDLES, b->bundle);
    t->line = b->feed.line;
    t->attempts = 0;
    t->due = 0;
    t->run.report = (struct report){0};
    parsed = parse(t, line, n, &why);
    switch (known(t)) {
    case KNOWN_FAILED:
        b->end->skipped_failed = true;
        /* fallthrough */
    case KNOWN_OK:
        b->tally->skipped++;
        job_free(&t->job);
        return;
    default:
        break;
    }
    if (b->o->keep_order)
        t->ticket = order_ticket(&b->order);
    t->state = TASK_READY;
    b->free--;
    b->ready++;
    if (parsed < 0 || prepare(t, &why) < 0) {
        t->attempts = 1;
        fail(t, &why);
    }
    if (line && t->job.start.keyring)
        lines_forget(&b->feed.lines);
}

/* The fleet has started it, or never will: of what it started with, only what another attempt needs is kept. */
static void forget(struct task *t)
{
    if (t->batch->o->retries)
        return;
    if (t->job.start.keyring)
        json_wipe(t->job.start.keyring);
    t->job.start.keyring = NULL;
    start_free(&t->job.start);
}

/* The box is gone. */
static void done(struct fleet_run *run)
{
    struct task *t = run->owner;
    struct batch *b = t->batch;
    struct tally_run at = {t->begun - b->begun, batch_now() - b->begun, t->lane, run->report.status,
                           ""};

    budget_give(&b->budget, &t->cost);
    b->lanes[t->lane] = false;
    if (run->report.status == STATUS_CANCELLED) {
        b->tally->dropped++;
        deliver(t, &(struct str){0});
        release(t);
    } else if (is_worth_another(t, &run->report)) {
        try_again(t);
    } else {
        conclude(t, &run->report, &at);
    }
}

static int load_keys(struct task *t, const struct plan *p, struct fault *why)
{
    int store = t->batch->o->store;

    if (p->keyring.count == 0 || t->job.start.keyring)
        return 0;
    return keyring_load(store < 0 ? store_default() : (enum store)store, &p->keyring,
                        &t->job.start.keyring, why);
}

static int start(struct task *t, const struct plan *p, struct fault *why)
{
    const struct batch_options *o = t->batch->o;
    int r;

    if (given_texts(fleet_manifest(t->bundle), &t->job.start.options, o->options, o->option_count,
                    why) < 0 ||
        load_keys(t, p, why) < 0)
        return -1;
    collect_reset(&t->collect);
    t->begun = batch_now();
    t->run = (struct fleet_run){.bundle = t->bundle,
                                .plan = p,
                                .start = t->job.start,
                                .caller = &t->collect.caller,
                                .done = done,
                                .owner = t};
    r = fleet_start(t->batch->fleet, &t->run, why);
    t->job.start = t->run.start; /* it may have made the options */
    return r;
}

bool task_begin(struct task *t)
{
    struct batch *b = t->batch;
    const struct plan *p;
    struct fault why;
    int r = fleet_plan(t->bundle, &t->limits, &p, &why);

    if (r == 0) {
        t->cost = budget_cost(p);
        r = budget_check(&b->budget, &t->cost, &why);
    }
    if (r == 0 && !budget_fits(&b->budget, &t->cost))
        return false;
    t->attempts++;
    if (r == 0)
        r = start(t, p, &why);
    if (r < 0) {
        fail(t, &why);
        return true;
    }
    budget_take(&b->budget, &t->cost);
    for (t->lane = 0; b->lanes[t->lane];)
        t->lane++;
    b->lanes[t->lane] = true;
    b->ready--;
    t->state = TASK_RUNNING;
    forget(t);
    return true;
}

void task_drop(struct task *t)
{
    t->batch->tally->dropped++;
    deliver(t, &(struct str){0});
    release(t);
}
