/* Orders out, answers in. The broker is trusted: it made this process, and answers at once. What it tells unasked is taken where it
 * is met, and kept in the box. */
#include "runtime/monitor/remote.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bundles/sealed.h"
#include "runtime/base/fd.h"
#include "runtime/base/meter.h"
#include "runtime/broker/order.h"
#include "runtime/caller/artifacts.h"

struct remote {
    int socket;
    bool lost; /* it gives no answers any more */
    struct box *box;
    struct told_ended ended; /* once .box->gone */
    struct told_site site;   /* once .kind is set */
    struct policy_grants policy;
    bool no_memory; /* for a grant */
};

/* The broker has ended: so does this process, in a moment, and its box. */
static void lose(struct remote *r)
{
    r->lost = true;
    if (!r->box || r->box->gone)
        return;
    r->box->gone = true;
    r->box->wait_status = BOX_LOST;
}

static void add_grant(struct remote *r, const struct told_grant *g)
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

static void hear(struct remote *r, const union answer *a)
{
    struct box *box = r->box;

    if (a->kind == TOLD_GRANT)
        add_grant(r, &a->grant);
    if (a->kind == TOLD_SITE)
        r->site = a->site;
    if (!box)
        return;
    switch ((enum answer_kind)a->kind) {
    case TOLD_VIOLATION:
        box->violated = true;
        box->call = a->violation.call;
        memcpy(box->noted, a->violation.noted, sizeof box->noted);
        break;
    case TOLD_ENDED:
        r->ended = a->ended;
        box->gone = true;
        box->wait_status = a->ended.status;
        box->used = a->ended.used;
        break;
    case TOLD_KILL_REFUSED:
        box->kill_errno = a->refused.error;
        box->kill_failed = box_now();
        shutdown(box->wire, SHUT_RDWR);
        break;
    case ANSWER_DONE:
    case ANSWER_CLOCK:
    case ANSWER_POLICY:
    case TOLD_GRANT:
    case TOLD_BUNDLE:
    case TOLD_SITE:
        break;
    }
}

/* One message, with a descriptor in *FD where one comes with it. 0, or -1: there is none (FLAGS: MSG_DONTWAIT), or nobody. */
static int take(struct remote *r, int flags, union answer *a, int *fd)
{
    struct iovec iov = {a, sizeof *a};
    union {
        char bytes[CMSG_SPACE(sizeof *fd)];
        struct cmsghdr aligned;
    } rights;
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = rights.bytes,
                         .msg_controllen = sizeof rights.bytes};
    ssize_t n;

    do
        n = recvmsg(r->socket, &msg, flags | MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n == 0 || (n < 0 && errno != EAGAIN))
        lose(r);
    if (n < (ssize_t)sizeof a->kind)
        return -1;
    *fd = -1;
    if (msg.msg_controllen >= CMSG_LEN(sizeof *fd))
        memcpy(fd, CMSG_DATA(&rights.aligned), sizeof *fd);
    return 0;
}

static int hear_next(struct remote *r, union answer *a, int *fd, struct fault *why)
{
    if (take(r, 0, a, fd) < 0)
        return fault_set(why, STATUS_SETUP, 0, "broker", "it has ended");
    hear(r, a);
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

/* It may have been told while another answer was waited for. */
static int await_site(struct remote *r, struct fault *why)
{
    union answer a;
    int fd;

    while (!r->site.kind)
        if (hear_next(r, &a, &fd, why) < 0)
            return -1;
    meter_policy(NULL); /* whatever the policies say is known from here on */
    meter_allow(r->site.steps, r->site.bytes);
    return 0;
}

/* meter_policy() knows one whom to ask, as a process has one broker. */
static struct remote *asked;

static void ask_budget(void)
{
    struct fault unheard;

    await_site(asked, &unheard);
}

/* Send an order and wait for its answer. 0, or -1 and *WHY. */
static int order(struct remote *r, const void *what, size_t n, enum answer_kind want,
                 union answer *a, int *fd, struct fault *why)
{
    if (send(r->socket, what, n, MSG_NOSIGNAL) != (ssize_t)n)
        return fault_set(why, STATUS_SETUP, errno, "broker", "ordering");
    return await(r, want, a, fd, why);
}

/* One that is done or not. *FD: NULL where no descriptor comes. */
static int order_done(struct remote *r, const void *what, size_t n, union answer *a, int *fd,
                      struct fault *why)
{
    int none;

    if (order(r, what, n, ANSWER_DONE, a, fd ? fd : &none, why) < 0)
        return -1;
    if (a->done.failed)
        *why = a->done.why;
    return a->done.failed ? -1 : 0;
}

static int order_plain(struct remote *r, enum order_kind kind, struct fault *why)
{
    const struct order_plain o = {kind};
    union answer a;

    return order_done(r, &o, sizeof o, &a, NULL, why);
}

static void remote_hear(struct box *box)
{
    union answer a;
    int fd;

    while (take(box->remote, MSG_DONTWAIT, &a, &fd) == 0)
        hear(box->remote, &a);
}

static void remote_kill(struct box *box)
{
    const struct order_plain o = {ORDER_KILL};

    if (box->gone || send(box->remote->socket, &o, sizeof o, MSG_NOSIGNAL) >= 0)
        return;
    box->kill_errno = errno;
    box->kill_failed = box_now();
}

static void remote_clock(const struct box *box, struct box_clock *c)
{
    const struct order_plain o = {ORDER_CLOCK};
    struct remote *r = box->remote;
    struct fault why;
    union answer a;
    int fd;

    *c = r->ended.clock;
    if (!box->gone && order(r, &o, sizeof o, ANSWER_CLOCK, &a, &fd, &why) == 0)
        *c = a.clock.clock;
}

static void remote_usage(const struct box *box, struct group_usage *u)
{
    *u = box->remote->ended.usage;
}

static enum oom_whose remote_oom(const struct box *box, struct oom *o)
{
    *o = box->remote->ended.oom;
    return (enum oom_whose)box->remote->ended.whose;
}

static int remote_remove(struct box *box, struct fault *why)
{
    struct remote *r = box->remote;

    box->pidfd = -1; /* the socket, which is not the box's to close */
    r->box = NULL;
    /* One that was told to have ended was removed unasked; one that is left as it is (box_stays()) was not. */
    return r->ended.kind || r->lost ? 0 : order_plain(r, ORDER_REMOVE, why);
}

static const struct box_holder holder = {remote_hear,  remote_kill, remote_clock,
                                         remote_usage, remote_oom,  remote_remove};

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

static void names_drop(struct names *n)
{
    for (size_t i = 0; i < n->count; i++)
        free(n->item[i]);
    free(n->item);
}

void remote_close(struct remote *r)
{
    if (!r)
        return;
    names_drop(&r->policy.host);
    names_drop(&r->policy.user);
    free(r);
}

int remote_bundle(struct remote *r, const char *path, struct bundle **b, struct fault *why)
{
    union answer a;
    int fd = -1, failed;

    if (await(r, TOLD_BUNDLE, &a, &fd, why) < 0)
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
    while (n) {
        ssize_t done = write(room, code, n);

        if (done < 0 && errno != EINTR)
            return fault_set(why, STATUS_SETUP, errno, "module", "handing it over");
        code += done > 0 ? done : 0;
        n -= done > 0 ? (size_t)done : 0;
    }
    return order_plain(r, ORDER_MODULE, why);
}

int remote_file(struct remote *r, unsigned index, struct fault *why)
{
    const struct order_file o = {ORDER_FILE, index};
    union answer a;
    int fd = -1;

    if (order(r, &o, sizeof o, ANSWER_DONE, &a, &fd, why) < 0 ||
        (!a.done.failed && fd < 0 &&
         fault_set(why, STATUS_SETUP, EMFILE, "broker", "a file that it has opened"))) {
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
    if (await_site(r, why) < 0)
        return -1;
    *host = r->site.host;
    if (r->site.failed) {
        *why = r->site.why;
        return -1;
    }
    if (r->site.policies) {
        snprintf(o.name, sizeof o.name, "%s", name);
        if (order(r, &o, sizeof o, ANSWER_POLICY, &a, &fd, why) < 0)
            return -1;
        if (r->no_memory)
            return fault_set(why, STATUS_SETUP, ENOMEM, "policy", "reading it");
        r->policy.changed = a.policy.changed != 0;
        r->policy.host_ceilings = a.policy.host_ceilings;
        r->policy.user_ceilings = a.policy.user_ceilings;
    }
    *g = r->policy;
    return 0;
}

static int send_order(struct remote *r, const void *what, size_t n, struct fault *why)
{
    if (send(r->socket, what, n, MSG_NOSIGNAL) == (ssize_t)n)
        return 0;
    return fault_set(why, STATUS_SETUP, errno, "broker", "ordering");
}

static int ask_names(struct remote *r, enum order_ask_what what, const struct names *names,
                     struct fault *why)
{
    struct order_ask o = {.kind = ORDER_ASK, .what = what};

    for (size_t i = 0; i < names->count; i++) {
        snprintf(o.name, sizeof o.name, "%s", names->item[i]);
        if (send_order(r, &o, sizeof o, why) < 0)
            return -1;
    }
    return 0;
}

static int ask_mounts(struct remote *r, const struct manifest *m, struct fault *why)
{
    static struct order_mount o = {.kind = ORDER_MOUNT};

    for (size_t i = 0; i < m->mount_count; i++) {
        o.inside = m->mounts[i].inside;
        o.rw = m->mounts[i].rw;
        snprintf(o.source, sizeof o.source, "%s", m->mounts[i].source);
        snprintf(o.target, sizeof o.target, "%s", m->mounts[i].target);
        if (send_order(r, &o, sizeof o, why) < 0)
            return -1;
    }
    return 0;
}

/* All that M asks for; *O is the last of it, to be ordered. */
static int ask_all(struct remote *r, const struct manifest *m, const struct plan *p, uint64_t texts,
                   bool keys, struct order_box *o, struct fault *why)
{
    *o = (struct order_box){
        .kind = ORDER_BOX,
        .keys = keys,
        .profile = m->profile,
        .network = m->network,
        .entry_named = m->entry_named,
        .scratch = m->scratch,
        .files = p->flags & SETUP_CHECK && p->flags & SETUP_FILES,
        .texts = texts,
        .asked = m->asked,
    };
    memcpy(o->rlimits, m->rlimits, sizeof o->rlimits);
    snprintf(o->name, sizeof o->name, "%s", m->name);
    snprintf(o->hostname, sizeof o->hostname, "%s", m->hostname);
    if (ask_names(r, ASK_KEYRING, &m->keyring_access, why) < 0 ||
        ask_names(r, ASK_SYSCALL, &m->allow, why) < 0 ||
        ask_names(r, ASK_CAPABILITY, &m->capabilities, why) < 0)
        return -1;
    return ask_mounts(r, m, why);
}

int remote_create(struct remote *r, struct box **box, const struct manifest *m,
                  const struct plan *p, const struct bundle *b, bool keys, struct fault *why)
{
    autostr struct str texts = {0};
    struct box *new = box_blank(why);
    struct order_box o;
    union answer a;
    int wire = -1;

    if (!new)
        return -1;
    if (setup_texts(p, &texts, why) < 0 || ask_all(r, m, p, texts.len, keys, &o, why) < 0 ||
        order_done(r, &o, sizeof o, &a, &wire, why) < 0) {
        box_abandon(new);
        return -1;
    }
    *box = new;
    r->box = *box;
    (*box)->holder = &holder;
    (*box)->remote = r;
    (*box)->plan = p;
    (*box)->bundle = b;
    (*box)->pid = a.done.pid;
    (*box)->cpu_at_start = a.done.cpu;
    (*box)->pidfd = r->socket;
    (*box)->wire = wire;
    lines_open(&(*box)->in, WIRE_LINE_MAX);
    str_add(&(*box)->out, texts.data, texts.len);
    return 0;
}

static int files_begin(void *owner, const char *name)
{
    struct order_artifact o = {.kind = ORDER_ARTIFACT};
    struct fault why = {0};
    union answer a;
    int fd = -1;

    snprintf(o.name, sizeof o.name, "%s", name);
    if (order_done(owner, &o, sizeof o, &a, &fd, &why) == 0)
        return fd;
    errno = why.err;
    return -1;
}

static int files_finish(void *owner)
{
    struct fault why = {0};

    if (order_plain(owner, ORDER_ARTIFACT_DONE, &why) == 0)
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

    if (r->lost) /* which was told, and ended the run */
        return 0;
    return order_done(r, &o, sizeof o, &a, NULL, why);
}
