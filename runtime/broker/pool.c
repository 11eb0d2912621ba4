/* The boxes of a pool, from the order to the end: what each pass does for them, and what the monitor is
 * told. Where they come from and where they go: pool_fork.c. */
#include "runtime/broker/pool.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "runtime/base/fd.h"
#include "runtime/broker/audit.h"

#define POOL_NICE 10 /* of a long run, added to this process's own: a tenth of a share (sched(7)) */
#define SPARE_NS  1000000ull /* not polled so long: what nobody waits for, or has other news soon */
#define LOOK_NS   10000000000ull /* how often to look whether boxes that wait do that */

static uint32_t pool_number(const struct pool *p, const struct pooled *s)
{
    return (uint32_t)(s - p->box);
}

static void pool_say(struct pool *p, const void *what, size_t n, int fd)
{
    if (!p->over && orders_answer(p->orders, what, n, fd, &p->breach) < 0)
        p->over = true;
}

int pool_say_ready(struct pool *p, struct pooled *s, struct fault *why)
{
    struct notice_made t = {.kind = NOTICE_MADE,
                            .box = pool_number(p, s),
                            .templates = p->templates,
                            .pid = s->box->pid};

    if (audit_box(p->orders->b->audit, s->box->plan, s->box->pid, why) < 0)
        return -1;
    t.cpu = s->box->cpu_at_start = box_cpu(s->box);
    s->state = POOLED_READY;
    /* Where there are keys, they come first, before anyone else has the wire: with START. */
    if (s->box->plan->keyring.count) {
        pool_say(p, &t, offsetof(struct notice_made, why), -1);
        return 0;
    }
    pool_say(p, &t, offsetof(struct notice_made, why), s->box->wire);
    close(steal_fd(&s->box->wire));
    return 0;
}

void pool_audit_ended(const struct pool *p, int pid, int status)
{
    audit_ended(p->orders->b->audit, pid, status, &p->orders->b->unaudited);
}

void pool_say_lost(struct pool *p, struct pooled *s, const struct fault *why)
{
    struct notice_made t = {.kind = NOTICE_MADE,
                            .box = pool_number(p, s),
                            .failed = -1,
                            .templates = p->templates,
                            .loss = p->losses,
                            .why = *why};

    s->state = POOLED_NONE;
    pool_say(p, &t, sizeof t, -1);
}

void pool_say_failed(struct pool *p, struct pooled *s, const struct fault *why)
{
    p->losses++;
    pool_say_lost(p, s, why);
}

void pool_say_ended(struct pool *p, struct pooled *s, int status, const struct rusage *used,
                    bool detached)
{
    struct notice_ended t = {.kind = NOTICE_ENDED, .box = pool_number(p, s), .status = status};

    t.used = *used;
    t.end.detached = detached;
    t.end.clock = s->clock;
    box_usage(s->box, &t.end.usage);
    if (status != BOX_LOST && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        t.end.whose = box_oom(s->box, &t.end.oom);
    pool_say(p, &t, sizeof t, -1);
}

void pool_kill(struct pool *p, struct pooled *s, const char *reason)
{
    struct notice_kill_refused t = {.kind = NOTICE_KILL_REFUSED, .box = pool_number(p, s)};

    s->due = 0;
    if (!s->killed)
        audit_killed(p->orders->b->audit, s->box->pid, reason, &p->orders->b->unaudited);
    s->killed = true;
    box_kill(s->box);
    if (!s->box->kill_failed || s->refused)
        return;
    s->refused = true;
    t.error = s->box->kill_errno;
    pool_say(p, &t, sizeof t, -1);
}

static void pool_violation(struct pool *p, struct pooled *s)
{
    struct notice_violation t = {.kind = NOTICE_VIOLATION, .box = pool_number(p, s)};

    t.call = s->box->call;
    memcpy(t.noted, s->box->noted, sizeof t.noted);
    pool_kill(p, s, "a system call outside its filter");
    pool_say(p, &t, sizeof t, -1);
}

/* A box that has ended by itself leaves its group empty and reusable. */
static void pool_finish(struct pool *p, struct pooled *s, int pid, int status,
                        const struct rusage *used)
{
    bool clean = s->box->maker == MAKER_WARM && s->state != POOLED_READY && !s->plan &&
                 status != BOX_LOST && WIFEXITED(status);

    pool_audit_ended(p, pid, status);
    pool_say_ended(p, s, status, used, false);
    s->state = POOLED_NONE;
    pool_give_back(p, s->box, s->plan, clean);
}

/* When to give up a box that could not be killed, and that the monitor, which first reports that, has not
 * given up. */
static uint64_t pool_stays(const struct box *box)
{
    return box->kill_failed ? box_stays(box) + BOX_STAY : UINT64_MAX;
}

void pool_give_up(struct pool *p, struct pooled *s)
{
    const struct rusage none = {0};

    pool_finish(p, s, s->box->pid, BOX_LOST, &none);
}

/* EXITED: its process has. A template says how. */
static void pool_look(struct pool *p, struct pooled *s, bool exited)
{
    struct box *box = s->box;
    struct rusage used = {0};
    struct fault why;
    int pid = box->pid, status = BOX_LOST;

    if (exited && s->state == POOLED_READY &&
        box->maker == MAKER_WARM) { /* nobody wants to know how */
        pool_say_ended(p, s, BOX_LOST, &used, false);
        s->killed = true;
        pool_detach(p, s);
        return;
    }
    if (exited && !s->clock.ticks)
        box_clock(box, &s->clock);
    if (box->template && (exited || (box->ending == BOX_UNASKED && !p->full)))
        template_ask(box, &why); /* if that fails, it is BOX_GONE */
    if (box->maker == MAKER_WARM ? box_is_gone(box) : exited) {
        if (box_reap(box, &status, &used) < 0 && errno == EINTR)
            return; /* retried in the next pass */
        pool_finish(p, s, pid, status, &used);
    } else if (box_now() >= pool_stays(box)) {
        pool_give_up(p, s);
    }
}

/* Check a box whose wire was readable. */
static void pool_check_ready(struct pool *p, struct pooled *s, bool spoke)
{
    struct fault why;
    int ready = 0;

    s->spoke = s->spoke || spoke;
    if (!s->spoke && !box_is_gone(s->box))
        return;
    if (!box_is_born(s->box) && template_take(p->template, &why) < 0) {
        pool_lose_template(p, &why);
        return;
    }
    if (!box_is_born(s->box))
        return; /* its template will tell */
    s->spoke = false;
    ready = box_check_ready(s->box, &why);
    if (ready == 0)
        return;
    if (ready < 0 || pool_say_ready(p, s, &why) < 0) {
        pool_say_failed(p, s, &why);
        pool_give_back(p, s->box, s->plan, false);
        return;
    }
    if (s->killed) { /* END came while it was made */
        s->killed = false;
        pool_kill(p, s, "the monitor ordered it");
    }
}

static void pool_serve_template(struct pool *p)
{
    const struct pollfd *at = p->at ? p->polls + p->at - 1 : NULL;
    struct fault why;

    if (!p->template)
        return;
    if (template_hear(p->template, &why) < 0) {
        pool_lose_template(p, &why);
        return;
    }
    if (at && at[0].revents & POLLOUT)
        template_has_room(p->template);
    if (at && at[0].revents && template_take(p->template, &why) < 0)
        pool_lose_template(p, &why);
}

/* A box that waits uses no CPU: this one was given a start line, but no START, unless that has come
 * since orders were taken. */
static void pool_look_ready(struct pool *p, struct pooled *s)
{
    if (box_cpu(s->box) <= s->box->cpu_at_start + 2 * BOX_TICK)
        return;
    if (s->runs)
        pool_kill(p, s, "it runs, and the monitor did not say so");
    else
        s->runs = true, p->looks = p->now; /* in the next pass, again */
}

/* A run that takes long gives way to those that have just begun, and to monitors: what is short does not
 * wait for what is long. If it cannot be told to, it is as it was. */
static void pool_yield(struct pooled *s)
{
    const struct box *box = s->box;
    uint64_t now = box_now(), age = now - box->started;

    if (s->state != POOLED_STARTED || !s->yields || now < s->yields)
        return;
    /* One that may have been reaped has a number that may be another's. */
    if (box->pid <= 0 || box->ending >= BOX_UNASKED || s->clock.ticks) {
        s->yields = 0;
        return;
    }
    s->yields = now + (age < 4 * POOL_YIELD ? 2 * POOL_YIELD : age / 2); /* it may wait for ever */
    if (box_cpu(box) < box->cpu_at_start + POOL_YIELD)
        return;
    setpriority(PRIO_PROCESS, (id_t)box->pid, getpriority(PRIO_PROCESS, 0) + POOL_NICE);
    s->yields = 0;
}

static void pool_serve_box(struct pool *p, struct pooled *s)
{
    struct pollfd *at = s->at ? p->polls + s->at - 1 : NULL;
    struct box *box = s->box;

    if (s->state == POOLED_MAKING) {
        if (at && p->spare)
            at->events = POLLIN, poll(at, 1, 0);
        pool_check_ready(p, s, at && at[0].revents);
        return;
    }
    if (at && at[1].revents & POLLIN)
        box_violation(box);
    if (box->violated && !s->killed)
        pool_violation(p, s);
    if (at && at[1].revents & POLLHUP && box->listener >= 0) /* no task is left under the filter */
        close(steal_fd(&box->listener));
    pool_yield(s);
    if (s->due && box_now() >= s->due)
        pool_kill(p, s,
                  s->state == POOLED_EXITING
                      ? "it did not exit in time"
                      : "its wall time was over, and the monitor did not end it");
    pool_look(p, s, at && at[0].revents);
}

void pool_serve(struct pool *p)
{
    bool looks = box_now() >= p->looks;

    if (looks)
        p->looks = box_now() + LOOK_NS;
    pool_serve_template(p);
    p->full = p->template && template_is_full(p->template);
    for (uint32_t i = 0; i < p->count; i++) {
        if (looks && p->box[i].state == POOLED_READY)
            pool_look_ready(p, &p->box[i]);
        if (p->box[i].state > POOLED_WAITING)
            pool_serve_box(p, &p->box[i]);
    }
    if (p->exiting && box_now() - p->exiting->since >= BOX_EXIT_NS)
        pool_clear(p);
    pool_fork_waiting(p);
}

static void pool_sooner(uint64_t *due, uint64_t at)
{
    *due = at && at < *due ? at : *due;
}

static unsigned pool_ask_box(struct pool *p, struct pooled *s, unsigned n, uint64_t *due)
{
    const struct box *box = s->box;
    bool young = s->state == POOLED_STARTED && !s->killed && p->now < box->started + SPARE_NS;

    s->at = n + 1;
    if (s->state == POOLED_MAKING) {
        p->polls[n++] = (struct pollfd){.fd = s->spoke && !box_is_born(box) ? -1 : box->wire,
                                        .events = p->spare ? 0 : POLLIN};
        pool_sooner(due, p->spare ? p->now + SPARE_NS : 0);
        return n;
    }
    /* A short run's EXIT is on its way when its process ends: that is one message less. */
    p->polls[n++] = (struct pollfd){
        .fd = young || box->ending >= BOX_UNASKED || !box->pid ? -1 : box->pidfd, .events = POLLIN};
    pool_sooner(due, young ? box->started + SPARE_NS : 0);
    p->polls[n++] = (struct pollfd){.fd = box->listener, .events = POLLIN};
    pool_sooner(due, s->state == POOLED_READY ? p->looks : s->due);
    pool_sooner(due, s->state == POOLED_STARTED && box->pid > 0 ? s->yields : 0);
    pool_sooner(due, pool_stays(box));
    pool_sooner(due, box_is_gone(box) || (box->ending == BOX_UNASKED && !p->full) ? 1 : 0);
    return n;
}

unsigned pool_ask(struct pool *p, bool said, uint64_t *due)
{
    struct template *t = p->template;
    bool listens = t && template_answers(t), waits = false;
    unsigned n = 2;

    p->at = t ? 2 : 0;
    p->now = box_now();
    p->spare = false;
    for (uint32_t i = 0; i < p->count && said; i++)
        p->spare =
            p->spare || (p->box[i].state == POOLED_READY && p->box[i].box->maker == MAKER_WARM);
    for (uint32_t i = 0; i < p->count; i++) {
        struct pooled *s = &p->box[i];

        s->at = 0;
        waits = waits || s->state == POOLED_WAITING;
        if (s->state > POOLED_WAITING)
            n = pool_ask_box(p, s, n, due);
        listens = listens || (s->state == POOLED_MAKING && s->spoke);
    }
    for (const struct pool_exiting *one = waits ? p->exiting : NULL; one; one = one->next)
        p->polls[n++] = (struct pollfd){.fd = one->box->pidfd, .events = POLLIN};
    if (p->exiting)
        pool_sooner(due, (p->exiting->killed ? box_now() : p->exiting->since) + BOX_EXIT_NS);
    if (t && template_due(t) != UINT64_MAX)
        pool_sooner(due, template_due(t));
    p->polls[1] = (struct pollfd){
        .fd = t ? template_fd(t) : -1,
        .events = (short)((listens ? POLLIN : 0) | (t && template_stuffed(t) ? POLLOUT : 0))};
    return n;
}
