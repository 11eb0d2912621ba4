/* What the broker tells the monitor: each answer is a struct of fixed size, sent immediately; a
 * monitor that does not take it is killed. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bundles/sealed.h"
#include "runtime/base/fd.h"
#include "runtime/base/meter.h"
#include "runtime/base/pass.h"
#include "runtime/broker/audit.h"
#include "runtime/broker/orders_parts.h"
#include "runtime/jail/diagnosis.h"

#define ROOM_PATIENCE_MS 10000
#define POOL_PATIENCE_MS 60000 /* for a monitor that serves other runs, too */

bool orders_is_text(const char *text, size_t size)
{
    return text[0] && memchr(text, '\0', size);
}

int orders_breach(struct fault *breach, const char *what)
{
    return fault_set(breach, STATUS_SETUP, 0, "monitor", "was ended: it ordered %s", what);
}

int orders_fail(struct orders *o, struct fault *breach, const char *what)
{
    o->b->failed = true;
    return fault_set(breach, STATUS_SETUP, errno, "broker", "%s", what);
}

/* Wait until the monitor takes more. False, with EAGAIN, where it does not in time. */
static bool has_room(const struct orders *o)
{
    struct pollfd p = {.fd = o->b->socket, .events = POLLOUT | POLLRDHUP};
    int ready = poll(&p, 1, o->state == POOLED ? POOL_PATIENCE_MS : ROOM_PATIENCE_MS);

    errno = p.revents & POLLRDHUP ? EPIPE : EAGAIN; /* it reads no more */
    return ready > 0 && errno == EAGAIN;
}

int orders_answer(const struct orders *o, const void *answer, size_t n, int fd,
                  struct fault *breach)
{
    /* Retry once after a passing error, as the monitor would wait for a lost answer forever. Before
     * there is a box, it gets time to read what was sent before (there may be many grants). */
    for (int tries = o->state == POOLED; tries < 2; tries++) {
        do
            if (pass_send(o->b->socket, answer, n, &fd, fd >= 0, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
                return 0;
        while (errno == EAGAIN && o->state & (ASKING | POOLED) && has_room(o));
    }
    if (errno == EPIPE || errno == ECONNRESET)
        return -1; /* it has ended; its exit will be reported */
    return fault_set(breach, STATUS_SETUP, errno, "monitor",
                     "was ended: it does not take an answer");
}

int orders_done(const struct orders *o, int r, const struct fault *why, int fd,
                struct fault *breach)
{
    struct answer_done a = {.kind = ANSWER_DONE, .failed = r};

    if (o->state == LIVE) {
        struct box_clock clock;

        box_clock(o->b->box, &clock);
        a.pid = o->b->box->pid;
        a.cpu = clock.cpu;
    }
    if (r < 0)
        a.why = *why;
    return orders_answer(o, &a, sizeof a, fd, breach);
}

void orders_tell_failed(struct broker *b, const struct fault *why)
{
    struct notice_failed t = {.kind = NOTICE_FAILED, .why = *why};
    struct fault unheard;

    orders_answer(b->orders, &t, sizeof t, -1, &unheard);
}

/* A monitor that cannot be sent this would wait for it: broker_serve() kills it. */
static void answers_tell(struct broker *b, const void *what, size_t n, int fd)
{
    if (orders_answer(b->orders, what, n, fd, &b->unnotified) < 0 && b->unnotified.what[0])
        b->failed = true;
}

void broker_tell_bundle(struct broker *b, const struct bundle *bundle, struct fault *why)
{
    struct notice_bundle t = {.kind = NOTICE_BUNDLE, .failed = -1};
    size_t size = 0;
    autoclose int fd = bundle ? bundle_seal(bundle, &size, why) : -1;

    b->bundle = bundle;
    if (bundle)
        audit_about(b->audit, "", bundle->digest);
    t.size = size;
    if (fd >= 0) {
        t.failed = 0;
    } else {
        if (!bundle && why->status == STATUS_SETUP)
            diagnosis_add(why, "openat2");
        t.why = *why;
    }
    if (!bundle) /* a signal may have ended the reading: the monitor gets it first */
        broker_forward(b);
    answers_tell(b, &t, sizeof t, fd);
}

static bool has_policies(const struct policy *p)
{
    for (int i = 0; i < POLICY__COUNT; i++)
        if (p->file[i].root)
            return true;
    return false;
}

void broker_tell_site(struct broker *b, const struct site *site, struct fault *why)
{
    struct notice_site t = {.kind = NOTICE_SITE, .failed = -1};

    b->site = site;
    meter_allowed(&t.steps, &t.bytes);
    if (site) {
        t.failed = 0;
        t.policies = has_policies(&site->policy);
        t.named = b->by_command;
        t.host = site->host;
    } else {
        t.why = *why;
    }
    answers_tell(b, &t, sizeof t, -1);
}
