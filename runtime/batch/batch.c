/* The loop of a batch: reads a job when one can be begun, writes results as they arrive. Waits
 * neither for a single job nor for the input or the reader of the results; its memory does not
 * grow with the jobs. */
#include "runtime/batch/batch.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "runtime/batch/parts.h"

#define UNWRITTEN   (1u << 20)  /* bytes of queued results above which no job is begun */
#define JOBS_A_PASS 64          /* begun before the boxes are served again */
#define BEGIN_NS    20000000u   /* ns, likewise */
#define ORDER_ROOM  4096        /* results that may wait for an earlier one, at least */
#define RETRY_JOBS  4096        /* waiting for a retry: above this, or above as many bytes ... */
#define RETRY_BYTES (16u << 20) /* ... as this, no other job is begun; running ones may join */

uint64_t batch_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int open_tasks(struct batch *b, struct fault *why)
{
    b->tasks = calloc(b->o->jobs, sizeof *b->tasks);
    b->lanes = calloc(b->o->jobs, sizeof *b->lanes);
    if (!b->tasks || !b->lanes)
        return fault_set(why, STATUS_SETUP, ENOMEM, "--jobs", "%u at once", b->o->jobs);
    b->free = b->room = b->o->jobs;
    for (unsigned i = 0; i < b->o->jobs; i++)
        b->tasks[i].batch = b;
    return 0;
}

/* Check what the command line sets for every job of its bundle. */
static int check_options(const struct batch *b, struct fault *why)
{
    const struct batch_options *o = b->o;
    uint64_t memory = o->grants.override.value[LIMIT_MEMORY],
             cpus = o->grants.override.value[LIMIT_CPUS];
    struct cost cost = {memory == LIMIT_NONE ? 0 : memory, cpus == LIMIT_NONE ? 0 : cpus};

    for (size_t i = 0; i < o->grants.what.count; i++)
        if (grant_check(o->grants.what.item[i], why) < 0)
            return -1;
    if (budget_check(&b->budget, &cost, why) == 0)
        return 0;
    why->status = STATUS_USAGE;
    snprintf(why->where, sizeof why->where, "-l");
    return -1;
}

struct fleet_options batch_fleet(const struct batch_options *o)
{
    return (struct fleet_options){.slots = o->jobs,
                                  .warm = o->jobs,
                                  .sparing = true,
                                  .fresh = o->fresh,
                                  .grants = &o->grants};
}

/* What a monitor cannot do in advance, it tries again when a job wants it, whose result says so then. */
static void batch_say(const struct fault *why, const struct findings *found)
{
    (void)why;
    (void)found;
}

static int open_all(struct batch *b, struct fault *why)
{
    const struct batch_options *o = b->o;
    const struct tenants_options all = {o->jobs, o->front, b->files->signals, batch_say};
    size_t room = 4ul * o->jobs > ORDER_ROOM ? 4ul * o->jobs : ORDER_ROOM;

    if (check_options(b, why) < 0 || tenants_open(&b->tenants, &all, why) < 0 ||
        open_tasks(b, why) < 0 || (o->keep_order && order_open(&b->order, room, why) < 0))
        return -1;
    if (!o->bundle)
        return 0;
    if (tenant_find(b->tenants, o->bundle, 0, &b->bundle, why) < 0)
        return -1;
    tenant_pin(b->bundle, true);
    return tenant_await(b->bundle, NULL, why);
}

static void close_all(struct batch *b)
{
    tenants_close(b->tenants);
    for (unsigned i = 0; b->tasks && i < b->o->jobs; i++) {
        attempt_free(&b->tasks[i].attempt);
        envelope_free(&b->tasks[i].job);
        collect_free(&b->tasks[i].collect);
    }
    free(b->wrong);
    free(b->tasks);
    free(b->lanes);
    retry_close(&b->retry);
    feed_close(&b->feed);
    order_close(&b->order);
    str_free(&b->scratch);
}

/* Whether a signal is pending: beginning jobs may have taken long. */
static bool is_signalled(const struct batch *b)
{
    struct pollfd p = {b->files->signals, POLLIN, 0};

    return poll(&p, 1, 0) > 0;
}

static bool has_room(const struct batch *b)
{
    return b->pause <= b->looked && tenants_taken(b->tenants) < b->room;
}

static bool may_begin(const struct batch *b)
{
    return b->free && has_room(b) && sink_waiting(&b->files->output->sink) < UNWRITTEN;
}

static bool may_read(const struct batch *b)
{
    return b->retry.count < RETRY_JOBS && b->retry.bytes < RETRY_BYTES &&
           (!b->o->keep_order || order_has_room(&b->order));
}

/* Begin the next job: one due for a retry, else a new one. False: there is none yet. */
static bool begin_next(struct batch *b)
{
    char *line = NULL;
    size_t n = 0;
    enum feed_got got;

    if (retry_due(&b->retry) <= b->looked) {
        task_retake(b);
        return true;
    }
    if (!may_read(b))
        return false;
    got = feed_next(&b->feed, &line, &n);
    b->hungry = got == FEED_NONE;
    if (got == FEED_NONE || got == FEED_END)
        return false;
    task_take(b, got == FEED_LINE ? line : NULL, n);
    return true;
}

static void batch_begin(struct batch *b)
{
    b->hungry = b->more = false;
    b->looked = batch_now();
    if (b->stopping)
        return;
    if (b->ready && !b->full && has_room(b))
        task_begin(b->ready);
    for (unsigned jobs = 0; !b->ready && !b->wrong && may_begin(b); jobs++) {
        b->more =
            jobs == JOBS_A_PASS || batch_now() - b->looked > BEGIN_NS || (jobs && is_signalled(b));
        if (b->more || !begin_next(b))
            return;
    }
}

static bool is_over(const struct batch *b)
{
    return b->free == b->o->jobs && !b->retry.count && (b->stopping || b->feed.ended);
}

/* Begin nothing new, drop what waits, end what runs; none of these jobs gets a result. */
static void stop(struct batch *b, int signo, const char *message)
{
    if (b->stopping)
        return;
    b->stopping = true;
    snprintf(b->stopped, sizeof b->stopped, "%s", message);
    task_drop_all(b);
    for (unsigned i = 0; i < b->o->jobs; i++)
        if (b->tasks[i].state == TASK_RUNNING)
            tenant_cancel(&b->tasks[i].run, signo, message);
}

/* A second signal does not wait for boxes to end: closing their channels ends them. */
static int take_signal(struct batch *b, struct fault *why)
{
    struct signalfd_siginfo info;
    char message[80];

    if (read(b->files->signals, &info, sizeof info) != sizeof info)
        return 0;
    snprintf(message, sizeof message, "stopped by signal %u (%s)", info.ssi_signo,
             strsignal((int)info.ssi_signo));
    if (b->end->signo)
        return fault_set(why, STATUS_CANCELLED, 0, "", "%s once more", message);
    b->end->signo = (int)info.ssi_signo;
    stop(b, b->end->signo, message);
    return 0;
}

/* The part of the input that has been taken; -1: unknown size. The file may have grown since. */
static double part_of(const struct batch *b)
{
    if (b->feed.ended || (b->feed.size && b->feed.taken > b->feed.size))
        return 1;
    return b->feed.size ? (double)b->feed.taken / (double)b->feed.size : -1;
}

static int sooner(int ms, uint64_t due, uint64_t now)
{
    uint64_t left = due > now ? (due - now) / 1000000 + 1 : 0;

    return ms < 0 || left < (uint64_t)ms ? (int)(left < 3600000 ? left : 3600000) : ms;
}

static int timeout_of(struct batch *b)
{
    uint64_t now = batch_now();
    int ms = progress_draw(&b->progress, part_of(b), tenants_running(b->tenants), now);

    if (b->deadline != UINT64_MAX && !b->stopping)
        ms = sooner(ms, b->deadline, now);
    if (b->pause > b->looked)
        ms = sooner(ms, b->pause, now);
    /* A job that was due already waits for a slot; the end of another wakes the loop. */
    if (b->retry.count && retry_due(&b->retry) > b->looked)
        ms = sooner(ms, retry_due(&b->retry), now);
    return b->more ? 0 : ms;
}

/* Wait once, and handle the events. */
static int wait_once(struct batch *b, struct fault *why)
{
    struct sink *out = &b->files->output->sink;
    struct pollfd own[3] = {{b->files->signals, POLLIN, 0},
                            {b->hungry ? b->feed.fd : -1, POLLIN, 0},
                            {sink_waiting(out) ? out->fd : -1, POLLOUT, 0}};

    if (tenants_poll(b->tenants, own, 3, timeout_of(b), why) < 0)
        return -1;
    if (own[0].revents && take_signal(b, why) < 0)
        return -1;
    if (own[1].revents && feed_fill(&b->feed, why) < 0)
        return -1;
    if (own[2].revents)
        sink_flush(out);
    if (batch_now() >= b->deadline && !b->stopping) {
        b->end->late = true;
        stop(b, 0, "the time of the batch is over (--timeout)");
    }
    return output_check(b->files->output, why);
}

static int loop(struct batch *b, struct fault *why)
{
    do {
        batch_begin(b);
        if (b->wrong) {
            *why = *b->wrong;
            return -1;
        }
        if (output_check(b->files->output, why) < 0)
            return -1;
        if (is_over(b) && sink_waiting(&b->files->output->sink) == 0)
            return 0;
    } while (wait_once(b, why) == 0);
    return -1;
}

int batch_run(const struct batch_options *o, const struct batch_files *files, struct tally *t,
              struct batch_end *end, struct fault *why)
{
    struct batch b = {.o = o, .files = files, .tally = t, .end = end};
    int r;

    *end = (struct batch_end){0};
    b.budget.all = (struct cost){o->memory, o->cpus};
    b.begun = batch_now();
    b.deadline = o->timeout == LIMIT_NONE ? UINT64_MAX : b.begun + o->timeout;
    feed_open(&b.feed, files->input, files->input_name, o->shard, o->shards);
    b.feed.size = files->input_size;
    progress_open(&b.progress, t, files->verbose < 0 ? NULL : files->said, files->verbose, b.begun);
    r = open_all(&b, why);
    if (r == 0) {
        r = loop(&b, why);
        t->dropped += tenants_running(b.tenants);
        if (!b.wrong) {
            end->took = batch_now() - b.begun;
            progress_summary(&b.progress, end->took, b.stopping ? b.stopped : NULL);
        }
    }
    close_all(&b);
    return r;
}
