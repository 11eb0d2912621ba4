/* A box that the broker holds, made and controlled by orders. The broker is given only numbers and
 * names; it makes the plan itself. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "runtime/monitor/remote_parts.h"
#include "runtime/plan/setup.h"
#include "schemas/setup.h"

static void remote_box_hear(struct box *box)
{
    remote_hear(box->remote);
}

static void remote_kill(struct box *box)
{
    const struct order_plain o = {ORDER_KILL};

    if (box_is_gone(box) || send(box->remote->socket, &o, sizeof o, MSG_NOSIGNAL) >= 0)
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

    *c = (struct box_clock){0};
    if (remote_order(r, &o, sizeof o, ANSWER_CLOCK, &a, &fd, &why) == 0)
        *c = a.clock.clock;
}

static int remote_remove(struct box *box, struct fault *why)
{
    struct remote *r = box->remote;

    box->pidfd = -1; /* the socket, which does not belong to the box */
    r->box = NULL;
    /* The broker has removed a box that it reported as ended; not one that could not be killed
     * (box_stays()). */
    return box_is_gone(box) || r->lost ? 0 : remote_order_plain(r, ORDER_REMOVE, why);
}

static const struct box_holder holder = {
    .hear = remote_box_hear, .kill = remote_kill, .clock = remote_clock, .remove = remote_remove};

static int ask_names(struct remote *r, enum order_ask_what what, const struct names *names,
                     struct fault *why)
{
    struct order_ask o = {.kind = ORDER_ASK, .what = what};

    for (size_t i = 0; i < names->count; i++) {
        snprintf(o.name, sizeof o.name, "%s", names->item[i]);
        if (remote_send(r, &o, sizeof o, why) < 0)
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
        if (remote_send(r, &o, sizeof o, why) < 0)
            return -1;
    }
    return 0;
}

int remote_ask(struct remote *r, const struct manifest *m, const struct plan *p, uint64_t texts,
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
    if (setup_texts(p, &texts, why) < 0 || remote_ask(r, m, p, texts.len, keys, &o, why) < 0 ||
        remote_order_done(r, &o, sizeof o, &a, &wire, why) < 0) {
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
    if (!p->keyring.count) /* else the broker has sent it keys, or that there are none */
        str_add(&(*box)->out, &(struct setup_keys){0}, sizeof(struct setup_keys));
    str_add(&(*box)->out, texts.data, texts.len);
    return 0;
}
