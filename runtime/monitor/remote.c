/* Orders out, answers in. The broker is trusted: it created this process, and answers immediately.
 * A notice may arrive at any point, is taken there, and kept in struct remote or its box. */
#include "runtime/monitor/remote.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bundles/sealed.h"
#include "runtime/base/fd.h"
#include "runtime/base/meter.h"
#include "runtime/base/pass.h"
#include "runtime/caller/artifacts.h"
#include "runtime/monitor/remote_parts.h"

#define DEATH_S \
    2 /* in which the kernel delivers the signal that the broker's death sends (PR_SET_PDEATHSIG) */

/* The broker has exited; this process and its box follow shortly. The closed socket shows before
 * the signal for it arrives (prctl(2), PR_SET_PDEATHSIG): wait, so that this process writes no last
 * line about a broker that was killed, which the sender of that signal knows. */
static void lose(struct remote *r)
{
    if (!r->lost && !r->failure.kind && !r->outlives)
        ppoll(NULL, 0, &(struct timespec){.tv_sec = DEATH_S}, NULL);
    r->lost = true;
    if (r->box)
        remote_orphan(r->box);
}

void remote_orphan(struct box *box)
{
    if (box_is_gone(box))
        return;
    box->ending = BOX_ORPHANED;
    box->wait_status = BOX_LOST;
}

static void add_grant(struct remote *r, const struct notice_grant *g)
{
    struct names *to = g->host ? &r->policy.host : &r->policy.user;
    char **item = reallocarray(to->item, to->count + 1, sizeof *item);
    char *text = strdup(g->text);

    if (item)
        to->item = item;
    if (item && text)
        item[to->count++] = text;
    else
        free(text);
    r->no_memory |= !item || !text;
}

void remote_heard_box(struct box *box, const union answer *a)
{
    switch (a->kind) {
    case NOTICE_VIOLATION:
        box->violated = true;
        box->call = a->violation.call;
        memcpy(box->noted, a->violation.noted, sizeof box->noted);
        break;
    case NOTICE_ENDED:
        box->end = a->ended.end;
        box_set_gone(box, a->ended.status);
        box->used = a->ended.used;
        break;
    case NOTICE_KILL_REFUSED:
        box->kill_errno = a->refused.error;
        box->kill_failed = box_now();
        if (box->wire >= 0)
            shutdown(box->wire, SHUT_RDWR);
        break;
    default:
        break;
    }
}

void remote_heard(struct remote *r, const union answer *a)
{
    if (a->kind == NOTICE_GRANT)
        add_grant(r, &a->grant);
    if (a->kind == NOTICE_SITE)
        r->site = a->site;
    if (a->kind == NOTICE_FAILED)
        r->failure = a->failure;
    r->reload = r->reload || a->kind == NOTICE_RELOAD;
    if (r->box)
        remote_heard_box(r->box, a);
}

int remote_receive(struct remote *r, int flags, union answer *a, int *fd)
{
    size_t count;
    ssize_t n;

    do {
        *fd = -1;
        count = 1;
        n = pass_receive(r->socket, a, sizeof *a, fd, &count, flags);
    } while (n < 0 && errno == EINTR);
    if (n >= 0 && n < (ssize_t)sizeof a->kind)
        errno = EPIPE;
    return n < (ssize_t)sizeof a->kind ? -1 : 0;
}

int remote_take(struct remote *r, int flags, union answer *a, int *fd)
{
    if (remote_receive(r, flags, a, fd) == 0)
        return 0;
    if (errno != EAGAIN)
        lose(r);
    return -1;
}

static int hear_next(struct remote *r, union answer *a, int *fd, struct fault *why)
{
    if (remote_take(r, 0, a, fd) < 0) {
        fault_set(why, STATUS_SETUP, 0, "broker", "it has ended");
        if (r->failure.kind)
            *why = r->failure.why;
        return -1;
    }
    remote_heard(r, a);
    return 0;
}

static int await(struct remote *r, enum answer_kind want, union answer *a, int *fd,
                 struct fault *why)
{
    do
        if (hear_next(r, a, fd, why) < 0)
            return -1;
    while (a->kind != want);
    return 0;
}

/* The notice may have come while another answer was awaited. */
int remote_await_site(struct remote *r, struct fault *why)
{
    union answer a;
    int fd;

    while (!r->site.kind)
        if (hear_next(r, &a, &fd, why) < 0)
            return -1;
    meter_policy(NULL); /* the policies' budget is known from here on */
    meter_allow(r->site.steps, r->site.bytes);
    return 0;
}

/* For ask_budget(), which has no argument: a process has one broker. */
static struct remote *asked;

static void ask_budget(void)
{
    struct fault unheard;

    remote_await_site(asked, &unheard);
}

/* A broker that takes no more has said why, if it could. Only its death is waited for (lose()). */
static int hear_last(struct remote *r, int error, struct fault *why)
{
    union answer a;
    int fd;

    while (remote_take(r, MSG_DONTWAIT, &a, &fd) == 0) {
        remote_heard(r, &a);
        if (fd >= 0)
            close(fd);
    }
    if (!r->failure.kind)
        return fault_set(why, STATUS_SETUP, error, "broker", "ordering");
    *why = r->failure.why;
    return -1;
}

int remote_send(struct remote *r, const void *what, size_t n, struct fault *why)
{
    if (send(r->socket, what, n, MSG_NOSIGNAL) == (ssize_t)n)
        return 0;
    return hear_last(r, errno, why);
}

int remote_order(struct remote *r, const void *what, size_t n, enum answer_kind want,
                 union answer *a, int *fd, struct fault *why)
{
    return remote_send(r, what, n, why) < 0 ? -1 : await(r, want, a, fd, why);
}

int remote_order_done(struct remote *r, const void *what, size_t n, union answer *a, int *fd,
                      struct fault *why)
{
    int none;

    if (remote_order(r, what, n, ANSWER_DONE, a, fd ? fd : &none, why) < 0)
        return -1;
    if (a->done.failed)
        *why = a->done.why;
    return a->done.failed ? -1 : 0;
}

int remote_order_plain(struct remote *r, enum order_kind kind, struct fault *why)
{
    const struct order_plain o = {kind};
    union answer a;

    return remote_order_done(r, &o, sizeof o, &a, NULL, why);
}

int remote_open(int socket, struct remote **r, struct fault *why)
{
    *r = calloc(1, sizeof **r);
    if (!*r)
        return fault_set(why, STATUS_SETUP, ENOMEM, "broker", "its socket");
    (*r)->socket = socket;
    asked = *r;
    meter_policy(ask_budget);
    return 0;
}

int remote_bundle(struct remote *r, const char *path, struct bundle **b, struct fault *why)
{
    union answer a;
    int fd = -1, failed;

    if (await(r, NOTICE_BUNDLE, &a, &fd, why) < 0)
        return -1;
    if (a.bundle.failed) {
        *why = a.bundle.why;
        return -1;
    }
    failed = bundle_unseal(fd, a.bundle.size, path, b, why);
    close(fd);
    return failed;
}

int remote_module(struct remote *r, int room, const char *code, size_t n, struct fault *why)
{
    if (fd_write_all(room, code, n) < 0)
        return fault_set(why, STATUS_SETUP, errno, "module", "passing it to the broker");
    return remote_order_plain(r, ORDER_MODULE, why);
}

int remote_file(struct remote *r, unsigned index, struct fault *why)
{
    const struct order_file o = {ORDER_FILE, index};
    union answer a;
    int fd = -1;

    if (remote_order(r, &o, sizeof o, ANSWER_DONE, &a, &fd, why) < 0 ||
        (!a.done.failed && fd < 0 &&
         fault_set(why, STATUS_SETUP, EMFILE, "broker", "receiving a file that it opened"))) {
        errno = 0;
        return -1;
    }
    errno = a.done.why.err;
    return fd;
}

int remote_site(struct remote *r, const char *name, struct host *host, struct policy_grants *g,
                struct fault *why)
{
    struct order_name o = {.kind = ORDER_NAME};
    union answer a;
    int fd;

    limits_clear(&r->policy.host_ceilings);
    limits_clear(&r->policy.user_ceilings);
    if (remote_await_site(r, why) < 0)
        return -1;
    *host = r->site.host;
    if (r->site.failed) {
        *why = r->site.why;
        return -1;
    }
    if (r->site.policies) {
        snprintf(o.name, sizeof o.name, "%s", name);
        if (remote_order(r, &o, sizeof o, ANSWER_POLICY, &a, &fd, why) < 0)
            return -1;
        if (r->no_memory)
            return fault_set(why, STATUS_SETUP, ENOMEM, "policy", "reading it");
        r->policy.changed = a.policy.changed != 0;
        r->policy.unbound = a.policy.unbound != 0;
        r->policy.host_ceilings = a.policy.host_ceilings;
        r->policy.user_ceilings = a.policy.user_ceilings;
    }
    *g = r->policy;
    return 0;
}

int remote_grant(struct remote *r, const char *name, struct fault *why)
{
    struct order_name o = {.kind = ORDER_GRANT};
    union answer a;

    snprintf(o.name, sizeof o.name, "%s", name);
    return remote_order_done(r, &o, sizeof o, &a, NULL, why);
}

static int files_begin(void *owner, const char *name)
{
    struct order_artifact o = {.kind = ORDER_ARTIFACT};
    struct fault why = {0};
    union answer a;
    int fd = -1;

    snprintf(o.name, sizeof o.name, "%s", name);
    if (remote_order_done(owner, &o, sizeof o, &a, &fd, &why) == 0)
        return fd;
    errno = why.err;
    return -1;
}

static int files_finish(void *owner)
{
    struct fault why = {0};

    if (remote_order_plain(owner, ORDER_ARTIFACT_DONE, &why) == 0)
        return 0;
    errno = why.err;
    return -1;
}

int remote_artifacts(struct remote *r, struct artifacts **a, struct fault *why)
{
    static const struct artifact_files files = {files_begin, files_finish};

    return artifacts_by(&files, r, a, why);
}

int remote_report(struct remote *r, const struct report *report, struct fault *why)
{
    struct order_report o = {.kind = ORDER_REPORT, .report = *report};
    union answer a;

    if (r->lost) /* which was reported, and ended the run */
        return 0;
    return remote_order_done(r, &o, sizeof o, &a, NULL, why);
}
