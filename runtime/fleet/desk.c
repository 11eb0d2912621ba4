/* The monitor's loop: what the front says, what waits, and the fleet's runs, in passes that wait for
 * no single one of them. */
#include "runtime/fleet/desk.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundles/arguments.h"
#include "runtime/fleet/desk_parts.h"
#include "runtime/jail/box.h"
#include "runtime/json/finding.h"

#define MS         1000000ull /* ns */
#define DRAIN_MS   10000
#define NUMBERS_NS (10 * MS)   /* between two NUMBERS */
#define LOOK_NS    MS          /* between two looks, in a check, for what ends it */
#define WARM_NS    (1000 * MS) /* between two tries to make boxes in advance */

static void desk_put(struct desk *d, enum message_kind kind, const void *fixed, size_t n)
{
    channel_put(&d->front, kind, 0, fixed, n, NULL, 0);
}

static void tell_findings(struct desk *d, const struct findings *f)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct finding *one = &f->item[i];
        const struct message_finding m = {one->place.line, one->place.column,
                                          i + 1 == f->count ? (uint32_t)f->more : 0, f->no_memory};
        autostr struct str text = {0};

        str_adds(&text, one->pointer);
        str_add(&text, "", 1);
        str_adds(&text, one->message);
        if (!text.failed && text.len <= CHANNEL_TEXT_MAX)
            channel_put(&d->front, MESSAGE_FINDING, 0, &m, sizeof m, text.data, text.len);
    }
}

/* For meter_signals(), whose function has no argument: a process has one desk. */
static struct desk *heard;

static void desk_fill(struct desk *d)
{
    channel_fill(&d->front);
    d->filled = box_now();
}

static bool is_end_of_check(const void *of, const struct channel_message *m)
{
    const struct desk *d = of;

    return m->kind == MESSAGE_STOP ||
           (m->kind == MESSAGE_CANCEL && m->run == (uint32_t)(d->checked - d->members));
}

/* For a long check, of whatever, nobody else waits: what has begun meanwhile is said, with what else is
 * to be said. */
static void in_check(void)
{
    uint64_t now = box_now();

    /* most checks are over before */
    if (now - heard->filled < LOOK_NS || now - heard->looked < LOOK_NS)
        return;
    heard->looked = now;
    fleet_send(heard->fleet);
    fleet_look(heard->fleet);
    heard->lazy = 0;
    channel_flush(&heard->front);
}

/* Whether the check under way is for nothing: its run is cancelled, or the front has gone. Its messages
 * are only looked at. */
static bool ends_check(void)
{
    uint64_t now = box_now();

    if (!heard->checked)
        return false;
    if (now - heard->filled >= LOOK_NS) {
        if (!heard->front.lost)
            desk_fill(heard);
        heard->peeked = true;
    }
    return heard->front.lost || channel_find(&heard->front, is_end_of_check, heard);
}

/* Read the bundle, and say how that went. 0 or -1. */
static int desk_load(struct desk *d, int orders)
{
    const struct desk_options *o = d->o;
    struct message_loaded m = {0};
    struct findings found = {0};

    m.failed = fleet_load(d->fleet, o->path, orders, &found, &m.why);
    if (m.failed == 0 && o->jobs && o->named)
        m.failed = arguments_texts_check(fleet_manifest(d->fleet), o->texts, o->text_count, &m.why);
    if (m.failed == 0) {
        struct fault none;

        snprintf(m.name, sizeof m.name, "%s", fleet_manifest(d->fleet)->name);
        snprintf(m.digest, sizeof m.digest, "%s", fleet_digest(d->fleet));
        member_price(d, NULL, 0, &m.price, &none);
    } else {
        tell_findings(d, &found);
    }
    findings_free(&found);
    desk_put(d, MESSAGE_LOADED, &m, sizeof m);
    return m.failed;
}

/* The party of this number. NULL: no memory. */
static struct party *desk_party(struct desk *d, uint32_t user)
{
    if (user >= d->party_count) {
        size_t count = (size_t)user + 1;
        struct party **more = reallocarray(d->parties, count, sizeof *more);

        if (!more)
            return NULL;
        memset(more + d->party_count, 0, (count - d->party_count) * sizeof *more);
        d->parties = more;
        d->party_count = count;
    }
    if (!d->parties[user])
        d->parties[user] = calloc(1, sizeof **d->parties);
    return d->parties[user];
}

static void desk_start(struct desk *d, const struct channel_message *c)
{
    const struct message_start *start = c->fixed;

    if (desk_party(d, start->user))
        member_take(&d->members[c->run], start, c->text, c->size);
    else
        d->front.lost = true;
}

static void desk_price(struct desk *d, const struct channel_message *c)
{
    struct message_priced m = {.ticket = ((const struct message_ask *)c->fixed)->ticket};

    m.failed = member_price(d, c->text, c->size, &m.price, &m.why);
    desk_put(d, MESSAGE_PRICED, &m, sizeof m);
}

static bool is_of_run(uint32_t kind)
{
    return kind >= MESSAGE_REPLY && kind <= MESSAGE_CANCEL;
}

/* The front is trusted: this program, and it knows no more of a bundle than its name. */
static void desk_take(struct desk *d, const struct channel_message *c)
{
    struct member *m = &d->members[c->run];
    const struct message_cancel *cancel = c->fixed;

    if (is_of_run(c->kind) && m->state == MEMBER_FREE)
        return; /* it has ended meanwhile */
    switch (c->kind) {
    case MESSAGE_START:
        desk_start(d, c);
        break;
    case MESSAGE_REPLY:
        member_reply(m, c->text, c->size);
        break;
    case MESSAGE_STRAY:
        member_stray(m, ((const struct message_stray *)c->fixed)->size);
        break;
    case MESSAGE_EOF:
        member_eof(m);
        break;
    case MESSAGE_HOLD:
    case MESSAGE_RESUME:
        member_hold(m, c->kind == MESSAGE_HOLD);
        break;
    case MESSAGE_CANCEL:
        member_cancel(m, cancel->signal, c->text, c->size);
        break;
    case MESSAGE_PRICE:
        desk_price(d, c);
        break;
    case MESSAGE_SHED:
        fleet_shed(d->fleet);
        break;
    case MESSAGE_STOP:
        member_stop_all(d, c->text, c->size);
        break;
    default:
        d->front.lost = true;
        break;
    }
}

/* Tell the front what has changed, but not often. */
static void desk_numbers(struct desk *d, uint64_t now, uint64_t *due)
{
    const struct message_numbers n = {fleet_waiting(d->fleet), fleet_templates(d->fleet),
                                      fleet_boxes_lost(d->fleet)};

    if (memcmp(&n, &d->numbers, sizeof n) == 0)
        return;
    if (now < d->numbers_after && n.templates == d->numbers.templates &&
        n.lost == d->numbers.lost) {
        *due = d->numbers_after < *due ? d->numbers_after : *due;
        return;
    }
    d->numbers = n;
    d->numbers_after = now + NUMBERS_NS;
    desk_put(d, MESSAGE_NUMBERS, &n, sizeof n);
}

static void keep_warm(struct desk *d, uint64_t now, uint64_t *due)
{
    struct fault why;

    if (!d->o->warms || fleet_running(d->fleet) || fleet_is_warm(d->fleet) ||
        fleet_is_lost(d->fleet))
        return;
    if (now < d->warm_after) {
        *due = d->warm_after < *due ? d->warm_after : *due;
        return;
    }
    d->warm_after = now + WARM_NS;
    if (fleet_warm(d->fleet, &why) < 0)
        desk_put(d, MESSAGE_FAULT, &why, sizeof why);
}

/* Not for what can wait: with what follows it is one message, for which the front wakes up once. */
static void desk_flush(struct desk *d, uint64_t now, uint64_t *due)
{
    if (d->lazy && d->lazy == channel_waiting(&d->front) && d->lazy < LAZY_MAX &&
        now < d->lazy_until) {
        *due = d->lazy_until < *due ? d->lazy_until : *due;
        return;
    }
    d->lazy = 0;
    channel_flush(&d->front);
}

static int milliseconds(uint64_t due)
{
    uint64_t now = box_now(), ms;

    if (due == UINT64_MAX)
        return -1;
    if (due <= now)
        return 0;
    ms = (due - now + MS - 1) / MS;
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

/* False: it is over. */
static bool desk_pass(struct desk *d)
{
    struct pollfd front = {.fd = d->front.fd, .events = POLLIN};
    uint64_t due = UINT64_MAX, now = box_now();
    struct fault why;

    member_begin_all(d, &due);
    keep_warm(d, now, &due);
    desk_numbers(d, now, &due);
    desk_flush(d, now, &due);
    if (d->front.lost)
        return false;
    if (d->peeked ||
        d->front.deaf) /* messages may have been received that poll(2) does not tell of any more */
        due = now;
    d->peeked = false;
    front.events = (short)(front.events | (channel_waiting(&d->front) > d->lazy ? POLLOUT : 0));
    if (fleet_is_lost(d->fleet) && !fleet_running(d->fleet) && !d->waiting)
        return false;
    if (fleet_poll(d->fleet, &front, 1, milliseconds(due), &why) < 0) {
        desk_put(d, MESSAGE_FAULT, &why, sizeof why);
        return false;
    }
    if (front.revents || d->front.deaf)
        desk_fill(d);
    return true;
}

static void desk_loop(struct desk *d)
{
    struct channel_message c;

    do
        while (channel_next(&d->front, &c))
            desk_take(d, &c);
    while (desk_pass(d) && !d->front.lost);
}

/* Send what is left to say, to a front that may take a while to read it. */
static void desk_drain(struct channel *front)
{
    struct pollfd p = {.fd = front->fd, .events = POLLOUT};

    do
        channel_flush(front);
    while (channel_waiting(front) && !front->lost && poll(&p, 1, DRAIN_MS) > 0);
}

static int desk_open(struct desk *d, struct fault *why)
{
    d->members = calloc(d->o->fleet.slots, sizeof *d->members);
    if (!d->members)
        return fault_set(why, STATUS_SETUP, 0, "monitor", "not enough memory");
    for (unsigned i = 0; i < d->o->fleet.slots; i++)
        d->members[i].desk = d;
    return fleet_open(&d->fleet, &d->o->fleet, why);
}

/* Runs under way, and what they hold, end with the process. */
int desk_run(const struct desk_options *o, int orders, int channel)
{
    struct desk d = {.o = o, .numbers_after = 0};
    struct fault why;
    int r;

    channel_open(&d.front, channel);
    heard = &d;
    meter_signals(ends_check);
    meter_meanwhile(in_check);
    r = desk_open(&d, &why);
    if (r == 0)
        r = desk_load(&d, orders);
    if (r == 0)
        desk_loop(&d);
    desk_drain(&d.front);
    fleet_close(d.fleet);
    return r < 0 ? 1 : 0;
}

int desk_fail(int channel, const struct fault *why)
{
    const struct message_loaded m = {.failed = -1, .why = *why};
    struct channel front;

    channel_open(&front, channel);
    channel_put(&front, MESSAGE_LOADED, 0, &m, sizeof m, NULL, 0);
    desk_drain(&front);
    return 1;
}
