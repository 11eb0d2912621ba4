/* Runs from start to end: the same code watches them as for `runbox run`; this file decides
 * where a box comes from. */
#include "runtime/fleet/fleet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "bundles/arguments.h"
#include "runtime/caller/report.h"
#include "runtime/fleet/parts.h"

int fleet_open(struct fleet **f, const struct fleet_options *o, struct fault *why)
{
    struct fleet *new;

    *f = new = calloc(1, sizeof *new);
    if (new)
        new->slots = calloc(o->slots, sizeof *new->slots);
    if (!new || !new->slots) {
        free(new);
        *f = NULL;
        return fault_set(why, STATUS_SETUP, ENOMEM, "fleet", "%u slots", o->slots);
    }
    new->options = *o;
    new->mark = box_now();
    return 0;
}

/* Let its box go, killing it if it is alive. */
static void slot_release(struct slot *s)
{
    struct fault why;

    box_delete(s->box, &why);
    box_delete(s->coming, &why);
    s->box = s->coming = NULL;
    str_wipe(&s->line);
}

uint64_t fleet_checked(const struct fleet *f, const struct fleet_run *r)
{
    uint64_t bundle = f->bundle.manifest->meter.steps;

    return r->work.steps > bundle ? r->work.steps - bundle : 0;
}

#define FEW_STEPS 100000u
#define STEP_NS   40u /* what a step takes, or more */
#define REST      2u  /* rest time per work time */

uint64_t fleet_rest(uint64_t steps)
{
    return steps <= FEW_STEPS ? 0 : box_now() + steps * STEP_NS * REST;
}

void fleet_finish(struct fleet *f, struct slot *s)
{
    struct fleet_run *run = s->run;
    struct fleet_bundle *b = &f->bundle;

    if (s->box)
        watch_close(&s->watch);
    else if (!s->coming)
        b->pending--;
    slot_release(s);
    fleet_plan_use(f, run->plan, -1);
    *s = (struct slot){0};
    f->used--;
    if (run->done)
        run->done(run);
}

static void fleet_report(const struct fleet *f, struct fleet_run *run, const struct fault *why)
{
    run->lack = fault_lack(why);
    run->again = fleet_is_lost(f) && why->status == STATUS_SETUP;
    report_fault(&run->report, why);
}

void fleet_fail(struct fleet *f, struct slot *s, const struct fault *why)
{
    fleet_report(f, s->run, why);
    fleet_finish(f, s);
}

void fleet_fail_later(struct fleet *f, struct slot *s, const struct fault *why)
{
    fleet_report(f, s->run, why);
    s->failed = f->failed = true;
}

void fleet_end_failed(struct fleet *f)
{
    for (unsigned i = 0; i < f->options.slots && f->failed; i++)
        if (f->slots[i].run && f->slots[i].failed)
            fleet_finish(f, &f->slots[i]);
    f->failed = false;
}

int fleet_begin(struct fleet *f, struct slot *s, struct fault *why)
{
    struct fleet_run *run = s->run;

    watch_open(&s->watch, s->box, run->caller, run->export->result_schema, &run->work,
               &run->report);
    if (watch_start(&s->watch, s->line.data, s->line.len, why) < 0) {
        watch_close(&s->watch);
        return -1;
    }
    fleet_clocks(f, s);
    f->begun = f->mark;
    if (run->caller->lines.len || run->caller->lines.eof) /* it did not wait to be asked */
        relay_caller(&s->watch);
    s->watch.work.deaf = true; /* the loop reads signals, and decides whether the run ends */
    return 0;
}

int fleet_start_in(struct fleet *f, struct slot *s, struct box *box, struct fault *why)
{
    const struct plan *p = s->run->plan;
    int r = remote_pool_start(box, p, fleet_plan_limits(f, p), s->run->keys, why);

    s->coming = r > 0 ? NULL : box;
    s->box = r > 0 ? box : NULL;
    return r > 0 ? fleet_begin(f, s, why) : r;
}

int fleet_find_box(struct fleet *f, struct slot *s, struct fault *why)
{
    struct fleet_bundle *b = &f->bundle;
    bool pools = pool_serves(f, s->run->plan);
    int r = pools && !b->pending ? fleet_begin_waiting(f, s, why) : 0;

    if (r)
        return r < 0 ? -1 : 0;
    if (!pools)
        return pool_order_cold(f, s, why);
    /* Runs that wait already come first. */
    b->pending++;
    if (b->ordered >= b->pending || pool_order(f, why) == 0)
        return 0;
    b->pending--;
    return -1;
}

static int check_arguments(const struct fleet *f, struct fleet_run *r, struct str *line,
                           struct fault *why)
{
    const struct manifest *m = f->bundle.manifest;
    struct findings found = {0};
    int ok;

    r->work = m->meter;
    ok = arguments_options(m, &r->start.options, NULL, 0, &r->work, &found, why);

    if (ok == 0)
        ok = arguments_arg(r->export, r->start.arg,
                           r->start.has_arg ? NULL : "the line has no \"arg\"", &r->work, &found,
                           why);
    findings_free(&found);
    if (ok < 0)
        return -1;
    if (!r->start.has_seed && getrandom(&r->start.seed, sizeof r->start.seed, GRND_NONBLOCK) < 0)
        return fault_set(why, STATUS_SETUP, errno, "seed", "getrandom");
    return start_line(&r->start, &r->plan->keyring, line, why);
}

static struct slot *free_slot(struct fleet *f)
{
    for (unsigned i = 0; i < f->options.slots; i++)
        if (!f->slots[i].run)
            return &f->slots[i];
    return NULL;
}

unsigned fleet_running(const struct fleet *f)
{
    return f->used;
}

int fleet_start(struct fleet *f, struct fleet_run *r, struct fault *why)
{
    struct slot *s = free_slot(f);
    struct fleet_bundle *b = &f->bundle;

    if (!s)
        return fault_set(why, STATUS_SETUP, 0, "fleet", "%u runs at once are under way",
                         f->options.slots);
    if (!r->plan)
        r->plan = b->plan;
    r->keys = r->plan->keyring.count && !r->start.keyring;
    r->report = (struct report){0};
    r->lack = 0;
    r->again = false;
    snprintf(r->report.bundle, sizeof r->report.bundle, "%s", b->manifest->name);
    snprintf(r->report.digest, sizeof r->report.digest, "%s", b->bundle->digest);
    snprintf(r->report.export, sizeof r->report.export, "%s", r->start.export);
    if (r->export->limits.value[LIMIT_INSTRUCTIONS] != LIMIT_NONE)
        r->start.instructions = r->plan->limits[LIMIT_INSTRUCTIONS].effective;
    *s = (struct slot){.run = r, .line.secret = true, .turn = ++f->turns};
    if (check_arguments(f, r, &s->line, why) < 0 || fleet_find_box(f, s, why) < 0) {
        slot_release(s);
        *s = (struct slot){0};
        return -1;
    }
    r->slot = (unsigned)(s - f->slots);
    fleet_plan_use(f, r->plan, 1);
    f->used++;
    b->peak = f->used > b->peak ? f->used : b->peak;
    return 0;
}

void fleet_hear(struct fleet *f, const struct fleet_run *r)
{
    struct slot *s = &f->slots[r->slot];

    if (s->run != r || !s->box || watch_is_decided(&s->watch))
        return;
    relay_caller(&s->watch);
    box_flush(s->box);
}

void fleet_refuse(struct fleet *f, struct fleet_run *r, const char *message)
{
    struct slot *s = &f->slots[r->slot];

    struct fault why;

    if (s->run == r && s->box) {
        watch_decide(&s->watch, STATUS_INVALID, "%s", message);
    } else if (s->run == r) {
        fault_set(&why, STATUS_INVALID, 0, "", "%s", message);
        fleet_fail(f, s, &why);
    }
}

void fleet_cancel(struct fleet *f, struct fleet_run *r, int signo, const char *message)
{
    struct fault why;

    for (unsigned i = 0; i < f->options.slots; i++) {
        struct slot *s = &f->slots[i];

        if (s->run != r)
            continue;
        r->report.signal = signo;
        if (s->box) {
            watch_decide(&s->watch, STATUS_CANCELLED, "%s", message);
            return;
        }
        fault_set(&why, STATUS_CANCELLED, 0, "", "%s", message);
        fleet_fail(f, s, &why);
        return;
    }
}

void fleet_close(struct fleet *f)
{
    if (!f)
        return;
    for (unsigned i = 0; i < f->options.slots; i++)
        if (f->slots[i].run)
            f->slots[i].run->done = NULL, fleet_finish(f, &f->slots[i]);
    fleet_bundle_close(f);
    free(f->polls);
    free(f->slots);
    free(f);
}
