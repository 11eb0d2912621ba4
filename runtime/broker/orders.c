/* Orders: each has a fixed size and its turn, and is checked before anything is done for it. Here:
 * the table of orders, and those about a box that has been made. */
#include "runtime/broker/orders.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/broker/audit.h"
#include "runtime/broker/front.h"
#include "runtime/broker/orders_parts.h"
#include "runtime/broker/pool.h"
#include "runtime/caller/artifacts.h"
#include "runtime/caller/report.h"
#include "runtime/jail/diagnosis.h"
#include "runtime/jail/maker.h"
#include "runtime/json/json.h"

/* ns after the wall limit when the box is killed, whatever the monitor says: the monitor's count
 * omits the time in which it checks lines itself, some seconds at most. */
#define PATIENCE 60000000000ull

/* Send the keys before anyone else has the box's wire, but after it is made: the /proc files of a
 * child of a non-dumpable process are root's, so an ordinary user could not write its id maps. */
int orders_send_keys(const struct broker *b, struct box *box, const struct plan *p, bool wanted,
                     struct fault *why)
{
    autosecret struct str records = {.secret = true};
    int store = b->store, r = 0;
    struct json_object *entries = NULL;

    if (wanted && p->keyring.count) {
        /* Not where an ordinary user is to make further boxes. */
        if ((!b->pooled || geteuid() == 0) && prctl(PR_SET_DUMPABLE, 0) < 0)
            return fault_set(why, STATUS_SETUP, errno, "keyring",
                             "making this process non-dumpable");
        r = keyring_load(store < 0 ? store_default() : (enum store)store, &p->keyring, &entries,
                         why);
    }
    if (r == 0)
        r = keyring_records(entries, &records, why);
    json_wipe(entries);
    return r < 0 ? diagnosis_add(why, why->where) : box_send(box, records.data, records.len, why);
}

static void orders_begin(struct orders *o)
{
    uint64_t wall = o->plan->limits[LIMIT_WALL_TIME].effective, now = box_now();

    o->state = LIVE;
    o->deadline = wall < UINT64_MAX / 2 ? now + wall + PATIENCE : 0;
}

static int take_box(struct orders *o, const union order *u, struct fault *breach)
{
    struct broker *b = o->b;
    struct fault why = {0};
    int r = asks_are_sane(o, &u->box) ? asks_plan(o, &u->box, o->b->grants, &o->plan, &why) : -1;

    if (r < 0)
        return orders_breach(breach, "a box beyond what was granted");
    o->state = REMOVED;
    if (r == 0) {
        audit_about(b->audit, u->box.name, b->bundle->digest);
        r = box_create_bare(&b->box, o->plan, b->bundle, &b->site->cgroups, u->box.texts, &why);
        if (r == 0 && o->plan->keyring.count)
            r = orders_send_keys(b, b->box, o->plan, u->box.keys != 0, &why);
        if (r == 0)
            r = audit_box(b->audit, o->plan, b->box->pid, &why);
        if (r == 0)
            orders_begin(o);
    }
    r = orders_done(o, r ? -1 : 0, &why, r ? -1 : b->box->wire, breach);
    if (o->state == LIVE)
        close(steal_fd(&b->box->wire));
    return r;
}

static int take_clock(struct orders *o, const union order *u, struct fault *breach)
{
    struct answer_clock a = {.kind = ANSWER_CLOCK, .clock = o->clock};

    (void)u;
    if (o->state == LIVE)
        box_clock(o->b->box, &a.clock);
    return orders_answer(o, &a, sizeof a, -1, breach);
}

static int kill_box(struct orders *o, const char *reason, struct fault *breach)
{
    struct notice_kill_refused t = {.kind = NOTICE_KILL_REFUSED};

    if (o->state != LIVE)
        return 0;
    box_kill(o->b->box);
    o->deadline = 0;
    if (!o->killed) /* else a monitor could fill the log */
        audit_killed(o->b->audit, o->b->box->pid, reason, &o->b->unaudited);
    o->killed = true;
    if (!o->b->box->kill_failed || o->kill_notified)
        return 0;
    o->kill_notified = true;
    t.error = o->b->box->kill_errno;
    return orders_answer(o, &t, sizeof t, -1, breach);
}

static int take_kill(struct orders *o, const union order *u, struct fault *breach)
{
    (void)u;
    return kill_box(o, "the monitor ordered it", breach);
}

static int take_artifact(struct orders *o, const union order *u, struct fault *breach)
{
    const struct order_artifact *a = &u->artifact;
    struct fault why = {0};
    int fd;

    if (!o->b->artifacts || !orders_is_text(a->name, sizeof a->name) ||
        !artifacts_may_name(a->name))
        return orders_breach(breach, "an artifact that it may not make");
    fd = artifacts_begin(o->b->artifacts, a->name);
    if (fd < 0)
        why.err = errno;
    return orders_done(o, fd < 0 ? -1 : 0, &why, fd, breach);
}

static int take_artifact_done(struct orders *o, const union order *u, struct fault *breach)
{
    struct fault why = {0};
    int r;

    (void)u;
    if (!o->b->artifacts || ++o->artifacts > o->plan->limits[LIMIT_ARTIFACTS].effective)
        return orders_breach(breach, "an artifact that it may not make");
    r = artifacts_finish(o->b->artifacts);
    if (r < 0)
        why.err = errno;
    return orders_done(o, r, &why, -1, breach);
}

/* A group that cannot be removed is not the monitor's concern. */
static void remove_box(struct broker *b)
{
    b->orders->deadline = 0;
    if (!b->box)
        return;
    box_delete(b->box, &b->left);
    b->box = NULL;
}

static int write_report(struct orders *o, struct report *r, struct fault *why)
{
    o->reported = true;
    snprintf(r->digest, sizeof r->digest, "%s", o->b->bundle ? o->b->bundle->digest : "");
    return report_write(r, o->b->report, o->b->signals, why);
}

/* Not while the box is alive: opening a FIFO or a terminal may block. */
static int take_report(struct orders *o, const union order *u, struct fault *breach)
{
    struct report r = u->report.report;
    struct fault why = {0};

    if (!o->b->report || o->reported || !report_is_sane(&r))
        return orders_breach(breach, "a report that nobody asked for");
    return orders_done(o, write_report(o, &r, &why), &why, -1, breach);
}

void orders_failed(struct orders *o, const struct fault *why)
{
    struct report r = {.status = why->status};
    struct fault unheard;

    if (!o->b->report || o->reported)
        return;
    snprintf(r.message, sizeof r.message, "%.500s: %.1000s", why->where, why->what);
    write_report(o, &r, &unheard);
}

static int take_remove(struct orders *o, const union order *u, struct fault *breach)
{
    (void)u;
    o->state = REMOVED;
    remove_box(o->b);
    return orders_done(o, 0, NULL, -1, breach);
}

static const struct {
    size_t size;
    unsigned when; /* enum orders_state */
    int (*take)(struct orders *o, const union order *u, struct fault *breach);
} table[ORDER__COUNT] = {
    [ORDER_NAME] = {sizeof(struct order_name), ASKING, asks_take_name},
    [ORDER_ASK] = {sizeof(struct order_ask), ASKING, asks_take_ask},
    [ORDER_MOUNT] = {sizeof(struct order_mount), ASKING, asks_take_mount},
    [ORDER_MODULE] = {sizeof(struct order_plain), ASKING, asks_take_module},
    [ORDER_FILE] = {sizeof(struct order_file), ASKING, asks_take_file},
    [ORDER_BOX] = {sizeof(struct order_box), ASKING, take_box},
    [ORDER_CLOCK] = {sizeof(struct order_plain), LIVE | ENDED, take_clock},
    [ORDER_KILL] = {sizeof(struct order_plain), LIVE | ENDED, take_kill},
    [ORDER_ARTIFACT] = {sizeof(struct order_artifact), LIVE | ENDED, take_artifact},
    [ORDER_ARTIFACT_DONE] = {sizeof(struct order_plain), LIVE | ENDED, take_artifact_done},
    [ORDER_REPORT] = {sizeof(struct order_report), ASKING | ENDED | REMOVED, take_report},
    [ORDER_REMOVE] = {sizeof(struct order_plain), ASKING | LIVE | ENDED | REMOVED, take_remove},
    [ORDER_GRANT] = {sizeof(struct order_name), ASKING, asks_take_grant},
    [ORDER_PLAN] = {sizeof(struct order_box), ASKING, pool_take_plan},
    [ORDER_COLD] = {sizeof(struct order_pool), POOLED, pool_take_cold},
    [ORDER_FORK] = {sizeof(struct order_pool), POOLED, pool_take_fork},
    [ORDER_START] = {sizeof(struct order_pool), POOLED, pool_take_start},
    [ORDER_EXIT] = {sizeof(struct order_pool), POOLED, pool_take_exit},
    [ORDER_END] = {sizeof(struct order_pool), POOLED, pool_take_end},
    [ORDER_BUNDLE] = {sizeof(struct order_bundle), ASKING, front_take_bundle},
    [ORDER_DISMISS] = {sizeof(struct order_dismiss), ASKING, front_take_dismiss},
    [ORDER_LISTEN] = {sizeof(struct order_plain), ASKING, front_take_listen},
    [ORDER_READY] = {sizeof(struct order_plain), ASKING, front_take_ready},
    [ORDER_PAGE] = {sizeof(struct order_plain), ASKING, front_take_page},
};

int orders_take(struct orders *o, struct fault *breach)
{
    static union order last[2], *u = &last[1]; /* static: on the stack they would touch new pages */
    ssize_t n = recv(o->b->socket, last, sizeof *last, MSG_DONTWAIT | MSG_TRUNC);
    size_t size = 0;

    /* ECONNRESET: the monitor ended without reading all that it was sent. */
    if (n < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNRESET)
        return orders_fail(o, breach, "receiving from the monitor");
    if (n <= 0)
        return n == 0 ? -1 : 0; /* it has shut its end; nothing is there */
    if ((size_t)n >= sizeof u->kind && last->kind < ORDER__COUNT)
        size = table[last->kind].size;
    if (!size || (size_t)n > sizeof *last || (size_t)n % size ||
        ((size_t)n > size && size != sizeof u->pool))
        return orders_breach(breach, "what is no order");
    for (size_t at = 0; at < (size_t)n; at += size) {
        memcpy(u, (char *)last + at, size);
        if (u->kind >= ORDER__COUNT || table[u->kind].size != size)
            return orders_breach(breach, "what is no order");
        if (!(table[u->kind].when & o->state))
            return orders_breach(breach, "something out of its turn");
        if (table[u->kind].take(o, u, breach) < 0)
            return -1;
    }
    return (int)n;
}

static int tell_violation(struct orders *o, struct fault *breach)
{
    struct box *box = o->b->box;
    struct notice_violation t = {.kind = NOTICE_VIOLATION};

    box_violation(box);
    if (!box->violated)
        return 0;
    t.call = box->call;
    memcpy(t.noted, box->noted, sizeof t.noted);
    /* Kill first: with no listener left, the call fails with ENOSYS and the box goes on. */
    if (kill_box(o, "a system call outside its filter", breach) < 0)
        return -1;
    return orders_answer(o, &t, sizeof t, -1, breach);
}

static int tell_end(struct orders *o, struct fault *breach)
{
    struct box *box = o->b->box;
    struct notice_ended t = {.kind = NOTICE_ENDED};
    int pid = box->pid, status = 0, r;

    box_clock(box, &o->clock);
    if (box_reap(box, &status, &t.used) < 0) {
        if (errno == EINTR)
            return 0; /* retried in the next pass */
        status = BOX_LOST;
        box->pid = 0;
    }
    o->state = ENDED;
    o->deadline = 0;
    t.status = status;
    t.end.clock = o->clock;
    box_usage(box, &t.end.usage);
    if (status != BOX_LOST && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        t.end.whose = box_oom(box, &t.end.oom);
    audit_ended(o->b->audit, pid, status, &o->b->unaudited);
    r = orders_answer(o, &t, sizeof t, -1, breach);
    remove_box(o->b); /* while the monitor reports to its caller */
    return r;
}

int orders_serve(struct orders *o, short listener, short process, struct fault *breach)
{
    if (o->state != LIVE)
        return 0;
    if (listener & POLLIN && tell_violation(o, breach) < 0)
        return -1;
    if (listener & POLLHUP && o->b->box->listener >= 0) /* no task is left under the filter */
        close(steal_fd(&o->b->box->listener));
    if (process && tell_end(o, breach) < 0)
        return -1;
    return o->deadline && box_now() >= o->deadline
               ? kill_box(o, "its wall time was over, and the monitor did not end it", breach)
               : 0;
}

int orders_left(const struct orders *o)
{
    uint64_t now = box_now(), ms;

    if (!o->deadline)
        return -1;
    ms = o->deadline > now ? (o->deadline - now) / 1000000 + 1 : 0;
    return ms > 3600000 ? 3600000 : (int)ms;
}

int orders_room(const struct orders *o)
{
    return o->room;
}

const struct box *orders_box(const struct orders *o)
{
    return o->state == LIVE ? o->b->box : NULL;
}

int orders_open(struct broker *b, struct fault *why)
{
    b->orders = calloc(1, sizeof *b->orders);
    if (!b->orders)
        return fault_set(why, STATUS_SETUP, ENOMEM, "broker", "its orders");
    b->orders->b = b;
    b->orders->state = ASKING;
    b->orders->room = b->module || (b->front && b->front->page)
                          ? memfd_create("runbox", MFD_CLOEXEC | MFD_ALLOW_SEALING)
                          : -1;
    if ((b->module || (b->front && b->front->page)) && b->orders->room < 0)
        return fault_set(why, STATUS_SETUP, errno, "broker", "memory for what the monitor writes");
    return 0;
}

void orders_close(struct broker *b)
{
    struct orders *o = b->orders;

    if (b->box)
        remove_box(b);
    pool_close(o->pool);
    asks_free(o);
    free(o);
    b->orders = NULL;
}
