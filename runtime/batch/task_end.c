/* How an attempt at a job ends: with a result, without one, or with another attempt if the host
 * was to blame. A fault of the job itself would only recur. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "runtime/batch/parts.h"
#include "runtime/caller/report.h"

#define RETRY_FIRST 100000000ull /* ns before the second attempt; doubled for each further one */
#define RETRY_LAST  5000000000ull
#define ROOM_NS     5000000ull /* before a job that there was no room for is tried again */
#define LACKS_MAX   1000       /* of a job, some minutes: a monitor may say what it likes */
#define RUNS_A_ROOM 8          /* runs with a box, per concurrent run, before one more is allowed */

void task_release(struct task *t)
{
    struct batch *b = t->batch;

    b->free += t->state != TASK_FREE;
    b->ready = b->ready == t ? NULL : b->ready;
    b->full = false;
    t->state = TASK_FREE;
    if (t->run.tenant)
        tenant_pin(t->run.tenant, false);
    t->run.tenant = NULL;
    attempt_free(&t->attempt);
    envelope_free(&t->job);
    collect_reset(&t->collect);
}

/* Write TEXT, the result of TICKET, when it is due; empty: it has none. */
static void task_deliver(struct batch *b, uint64_t ticket, struct str *text)
{
    struct str due;

    if (!b->o->keep_order) {
        if (text->len)
            output_line(b->files->output, text->data, text->len);
        text->len = 0;
        return;
    }
    order_put(&b->order, ticket, text);
    for (; order_take(&b->order, &due); str_free(&due))
        if (due.len)
            output_line(b->files->output, due.data, due.len);
}

static void task_drop(struct batch *b, uint64_t ticket)
{
    b->tally->dropped++;
    task_deliver(b, ticket, &(struct str){0});
}

/* AT: when it ran; NULL: never. */
static void task_conclude(struct task *t, const struct report *r, const struct tally_run *at)
{
    struct batch *b = t->batch;
    struct outcome o = {t->job.id, t->attempt.line, t->attempt.count, r};
    char number[24];

    snprintf(number, sizeof number, "%llu", (unsigned long long)t->attempt.line);
    collect_write(at ? &t->collect : NULL, &o, &b->scratch);
    if (b->scratch.failed)
        b->files->output->sink.broken = ENOMEM;
    tally_add(b->tally, r, t->job.id ? t->job.id : number, at);
    progress_result(&b->progress, t->job.id ? t->job.id : number, r);
    task_deliver(b, t->attempt.ticket, &b->scratch);
    task_release(t);
}

/* LACK: there was no room for T's process beside others of the batch. That counts as no attempt:
 * T comes first once there may be room, and concurrent jobs are limited to those that had room.
 * False: not so, or no memory. */
static bool task_waits_for_room(struct task *t, int lack)
{
    struct batch *b = t->batch;
    unsigned beside;

    if (!lack || b->stopping || !t->attempt.text.len || t->attempt.lacks >= LACKS_MAX)
        return false;
    beside = tenants_make_room(b->tenants, t->run.tenant, b->bundle);
    if (beside == 0)
        return false;
    t->attempt.count--;
    t->attempt.lacks++;
    t->attempt.due = 0; /* ahead of all others, lest they take the room made for it */
    b->pause = batch_now() + (ROOM_NS << (b->crowded < 6 ? b->crowded++ : 6));
    if (retry_put(&b->retry, &t->attempt) < 0) {
        t->attempt.count++;
        return false;
    }
    b->room = beside < b->room ? beside : b->room;
    b->eased = 0;
    if (b->tally->lack == 0 || b->room < b->tally->room) {
        b->tally->lack = lack;
        b->tally->room = b->room;
    }
    task_release(t);
    return true;
}

/* A run that had its box is over. */
static void task_ease(struct batch *b)
{
    b->pause = 0;
    b->crowded = 0;
    if (b->room < b->o->jobs && ++b->eased >= RUNS_A_ROOM * b->room) {
        b->room++;
        b->eased = 0;
    }
}

static bool task_is_worth_another(const struct task *t, const struct report *r)
{
    const struct batch *b = t->batch;

    if (b->stopping || t->attempt.count > b->o->retries || !t->attempt.text.len)
        return false;
    return r->status == STATUS_SETUP || (r->status == STATUS_SIGNAL && r->signal == SIGKILL);
}

/* If the host was to blame for R, free the slot and let the job wait. False: not so, or no
 * memory. */
static bool task_try_again(struct task *t, const struct report *r)
{
    struct batch *b = t->batch;
    unsigned doubled = t->attempt.count - 1 < 6 ? t->attempt.count - 1 : 6;
    uint64_t wait = RETRY_FIRST << doubled;

    if (!task_is_worth_another(t, r))
        return false;
    t->attempt.due = batch_now() + (wait < RETRY_LAST ? wait : RETRY_LAST);
    if (retry_put(&b->retry, &t->attempt) < 0)
        return false;
    b->tally->retried++;
    task_release(t);
    return true;
}

/* R says why T had no box. */
static void task_end_early(struct task *t, struct report *r, int lack)
{
    if (r->status == STATUS_CANCELLED) { /* a signal during the check of its options: no result */
        task_drop(t->batch, t->attempt.ticket);
        task_release(t);
    } else if (!task_waits_for_room(t, lack) && !task_try_again(t, r)) {
        task_conclude(t, r, NULL);
    }
}

void task_fail(struct task *t, const struct fault *why)
{
    struct report *r = &t->run.report;

    *r = (struct report){0};
    report_fault(r, why);
    task_end_early(t, r, fault_lack(why));
}

/* A run is not ok if there was no memory for its result or log. */
static void task_own_up(struct collect *c, struct report *r)
{
    if (r->status != STATUS_OK || (!c->result.failed && !c->log.failed))
        return;
    r->status = STATUS_SETUP;
    snprintf(r->message, sizeof r->message, "keeping its %s: not enough memory",
             c->result.failed ? "result" : "log");
    c->result.len = 0;
}

void task_done(struct tenant_run *run)
{
    struct task *t = run->owner;
    struct batch *b = t->batch;
    struct tally_run at = {t->begun - b->begun, batch_now() - b->begun, t->lane, run->report.status,
                           ""};

    budget_give(&b->budget, &t->cost);
    b->lanes[t->lane] = false;
    b->full = false;
    if (!run->ran) {
        run->report.bundle[0] = run->report.digest[0] = run->report.export[0] = '\0';
        task_end_early(t, &run->report, run->lack);
        return;
    }
    task_own_up(&t->collect, &run->report);
    at.status = run->report.status;
    if (!run->lack)
        task_ease(b);
    if (run->report.status == STATUS_CANCELLED) {
        task_drop(b, t->attempt.ticket);
        task_release(t);
    } else if (!task_waits_for_room(t, run->lack) && !task_try_again(t, &run->report)) {
        task_conclude(t, &run->report, &at);
    }
}

void task_drop_all(struct batch *b)
{
    struct attempt a;

    if (b->ready) {
        task_drop(b, b->ready->attempt.ticket);
        task_release(b->ready);
    }
    for (; retry_take(&b->retry, &a); attempt_free(&a))
        task_drop(b, a.ticket);
}
