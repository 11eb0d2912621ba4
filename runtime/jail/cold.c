/* Making a box: from a plan to a confined process that waits for its start line. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bundles/bundle.h"
#include "runtime/base/fd.h"
#include "runtime/jail/box.h"
#include "runtime/jail/diagnosis.h"
#include "runtime/jail/exe.h"
#include "runtime/jail/idmap.h"
#include "runtime/jail/template.h"
#include "runtime/plan/setup.h"
#include "schemas/setup.h"

#define SETUP_TIMEOUT_MS 10000

static int clone_box(struct box *box, struct fault *why)
{
    autoclose int exe = exe_open(exe_box(), why);
    int pid = exe < 0 ? 0
                      : jail_clone(&box->jail, box->host_network, exe,
                                   group_birthplace(&box->group), &box->pidfd);

    if (exe < 0)
        return -1;
    if (pid < 0) {
        fault_set(why, STATUS_SETUP, errno, "clone3", "making the box's namespaces");
        return diagnosis_add(why, "clone3");
    }
    box->pid = pid;
    box->in_proc = pidfd_in_proc(box->pidfd, pid);
    /* a template's boxes would inherit the mask, and not follow the host's to a larger one */
    if (!box->boxes)
        jail_spread(pid);
    return 0;
}

/* Make the groups, or give those their limits that box_prepare_groups() has made. */
static int groups_make(struct box *box, struct fault *why)
{
    int r = 1;

    if (jail_groups(box->plan, &box->limits, why) < 0)
        return -1;
    if (box->group.places)
        r = group_limit(&box->group, &box->limits, why);
    if (r == 1) {
        group_remove(&box->group, why);
        r = group_create(&box->group, box->cgroups, &box->limits, why);
    }
    box->limited = r == 0;
    return r < 0 ? diagnosis_add(why, why->where) : 0;
}

/* While the child makes its namespaces, do what only the broker may do. */
static int prepare_order(struct box *box, struct fault *why)
{
    const struct plan *p = box->plan;
    autostr struct str texts = {0};

    if (box->in_proc <= 0)
        return fault_set(why, STATUS_SETUP, 0, "/proc",
                         "it is another PID namespace's and does not show the box: mount one "
                         "(unshare --mount-proc; bwrap --proc /proc)");
    if (jail_wire(p, &box->wire, &box->theirs, why) < 0)
        return -1;
    lines_open(&box->in, WIRE_LINE_MAX);
    if (jail_prepare(&box->jail, p, box->bundle, why) < 0 ||
        (!box->texts && setup_texts(p, &texts, why) < 0) ||
        setup_write(p, box->boxes, box->bundle, box->texts ? box->texts : texts.len, &box->out,
                    why) < 0 ||
        idmap_of(p, box->in_proc, box->pidfd, &box->ids, why) < 0 ||
        idmap_write(p, box->in_proc, &box->ids, why) < 0 ||
        idmap_sources(&box->jail, p, &box->ids, why) < 0)
        return -1;
    if (!box->texts) {
        str_add(&box->out, &(struct setup_keys){0}, sizeof(struct setup_keys));
        str_add(&box->out, texts.data, texts.len);
    }
    if (box->out.failed)
        return fault_set(why, STATUS_SETUP, ENOMEM, "box", "its setup");
    if (!box->limited && groups_make(box, why) < 0)
        return -1;
    return p->network == NETWORK_LOOPBACK ? jail_loopback(&box->jail, box->pidfd, why) : 0;
}

/* From here on only the child has its end of the wire: when it dies, ours shows it. */
static int send_order(struct box *box, struct fault *why)
{
    int join[CONTROLLER__COUNT] = {0};

    for (unsigned i = 0; i < box->group.places; i++)
        join[i] = box->group.place[i].join;
    if (jail_send(&box->jail, box->plan, box->bundle, box->theirs, join, box->group.places, why) <
        0)
        return -1;
    close(steal_fd(&box->theirs));
    return 0;
}

/* Report why the child ended before it was ready. */
static int child_ended(struct box *box, struct fault *why)
{
    siginfo_t info = {0};

    waitid(P_PIDFD, (id_t)box->pidfd, &info, WEXITED | __WALL);
    box->pid = 0;
    if (jail_failure(&box->jail, why) < 0)
        return -1;
    if (info.si_code != CLD_EXITED && info.si_status == SIGKILL && box_oom_in_making(box, why) < 0)
        return -1;
    return fault_set(why, STATUS_SETUP, 0, exe_box(), "ended before it was ready (%s %d)",
                     info.si_code == CLD_EXITED ? "status" : "signal", info.si_status);
}

/* A box that has died takes no more: its pidfd shows that. */
static bool is_broken(int error)
{
    return error == EPIPE || error == ECONNRESET;
}

static int setup_unsent(struct fault *why)
{
    return fault_set(why, STATUS_SETUP, errno, "box", "sending its setup");
}

static int await_ready(struct box *box, uint64_t deadline, struct fault *why)
{
    bool ended = false;

    for (;;) {
        struct pollfd p[2] = {{.events = POLLIN}, {.fd = box->pidfd, .events = POLLIN}};
        uint64_t now = box_now();
        int r;

        if (!ended && box_flush(box) < 0 && !is_broken(errno))
            return setup_unsent(why);
        p[0].fd = ended ? -1 : box->wire;
        p[0].events = (short)(POLLIN | (box->out.len ? POLLOUT : 0));
        r = now >= deadline ? 0 : poll(p, 2, (int)((deadline - now) / 1000000 + 1));
        if (r == 0)
            return fault_set(why, STATUS_SETUP, 0, exe_box(), "was not ready after %d s",
                             SETUP_TIMEOUT_MS / 1000);
        if (r < 0 && errno != EINTR)
            return fault_set(why, STATUS_SETUP, errno, exe_box(), "waiting for it");
        r = ended ? 0 : box_take_ready(box, &ended, why);
        if (r)
            return r < 0 ? -1 : 0;
        if (p[1].revents)
            return child_ended(box, why);
    }
}

struct box *box_blank(struct fault *why)
{
    struct box *box = calloc(1, sizeof *box);

    if (!box) {
        fault_set(why, STATUS_SETUP, ENOMEM, "box", "making it");
        return NULL;
    }
    *box = (struct box){.group = GROUP_INIT,
                        .pidfd = -1,
                        .wire = -1,
                        .theirs = -1,
                        .listener = -1,
                        .jail = JAIL_INIT};
    return box;
}

int box_prepare(struct box **box, struct fault *why)
{
    /* On v2 a box is born in its group: box_prepare_groups() makes both. */
    if (cgroups_unified())
        return 0;
    *box = box_blank(why);
    if (*box && clone_box(*box, why) == 0)
        return 0;
    box_delete(*box, &(struct fault){0});
    *box = NULL;
    return -1;
}

/* A guess: what nearly all plans want. Where it fails, making the box says why. */
void box_prepare_groups(struct box **box, const struct cgroups *c)
{
    enum hierarchy version = cgroups_unified() ? HIERARCHY_V2 : HIERARCHY_V1;
    bool use[CONTROLLER__COUNT] = {false};
    struct fault why;

    /* On v2 the box is born in its group, which must have all that the plan wants. */
    for (int i = 0; i < CONTROLLER__COUNT; i++)
        if (version == HIERARCHY_V2 && c->version[i] == HIERARCHY_V1)
            return;
    use[CONTROLLER_MEMORY] = c->version[CONTROLLER_MEMORY] == version;
    use[CONTROLLER_PIDS] = c->version[CONTROLLER_PIDS] == version;
    if (!use[CONTROLLER_MEMORY] && !use[CONTROLLER_PIDS])
        return;
    if (!*box && version == HIERARCHY_V2)
        *box = box_blank(&why);
    if (!*box || group_begin(&(*box)->group, c, use, &why) < 0 || version == HIERARCHY_V1)
        return;
    (*box)->born_in_group = true;
    if (clone_box(*box, &why) == 0)
        return;
    box_delete(*box, &why);
    *box = NULL;
}

static bool wants_birth_in_group(const struct plan *p)
{
    for (int i = 0; i < CONTROLLER__COUNT; i++)
        if (p->group[i] && p->home[i] == HIERARCHY_V2)
            return true;
    return false;
}

static bool cold_fits(const struct box *box, const struct plan *p)
{
    return (p->network == NETWORK_HOST) == box->host_network &&
           wants_birth_in_group(p) == box->born_in_group;
}

static int confine(struct box *box, struct fault *why)
{
    uint64_t deadline = box_now() + SETUP_TIMEOUT_MS * 1000000ull;

    if (prepare_order(box, why) < 0 || send_order(box, why) < 0) {
        /* a child that failed first explains why the rest could not be done */
        jail_failure(&box->jail, why);
        return -1;
    }
    if (box_flush(box) < 0 && !is_broken(errno))
        return setup_unsent(why);
    if (receipts_prepare(box, why) < 0)
        return -1;
    /* Meanwhile the child confines itself and execs. A difference found early is found again once
     * it is ready. */
    group_sweep(box->cgroups, &box->group);
    switch (jail_await_exec(&box->jail, why)) {
    case -1:
        return -1;
    case 1:
        receipts_jail(box, &(struct fault){0});
    }
    return await_ready(box, deadline, why) < 0 ? -1 : receipts_read(box, why);
}

int box_create(struct box **box, const struct plan *p, const struct bundle *b,
               const struct cgroups *c, struct fault *why)
{
    return box_create_bare(box, p, b, c, 0, why);
}

static int cold_create(struct box **box, const struct plan *p, const struct bundle *b,
                       const struct cgroups *c, uint64_t texts, struct fault *why)
{
    if (*box && (*box)->pid && !cold_fits(*box, p)) {
        box_delete(*box, &(struct fault){0});
        *box = NULL;
    }
    if (!*box)
        *box = box_blank(why);
    if (!*box)
        return -1;
    (*box)->texts = texts;
    (*box)->plan = p;
    (*box)->bundle = b;
    (*box)->cgroups = c;
    if (!(*box)->pid) {
        (*box)->host_network = p->network == NETWORK_HOST;
        (*box)->born_in_group = wants_birth_in_group(p);
        if (((*box)->born_in_group && groups_make(*box, why) < 0) || clone_box(*box, why) < 0)
            return -1;
    }
    return confine(*box, why);
}

int box_create_bare(struct box **box, const struct plan *p, const struct bundle *b,
                    const struct cgroups *c, uint64_t texts, struct fault *why)
{
    const struct plan *boxes = *box ? (*box)->boxes : NULL;
    int r = cold_create(box, p, b, c, texts, why);

    if (r == 0 || !*box || !(*box)->jail.again)
        return r;
    box_delete(*box, &(struct fault){0});
    *box = box_blank(why);
    if (!*box)
        return -1;
    (*box)->boxes = boxes;
    return cold_create(box, p, b, c, texts, why);
}

int box_send(struct box *box, const void *bytes, size_t n, struct fault *why)
{
    uint64_t deadline = box_now() + SETUP_TIMEOUT_MS * 1000000ull;
    int r = 0;

    str_add(&box->out, bytes, n);
    box->out.secret = true;
    while (!box->out.failed && (r = box_flush(box)) == 0 && box->out.len && box_now() < deadline) {
        struct pollfd p = {.fd = box->wire, .events = POLLOUT};

        poll(&p, 1, 1000);
    }
    if (box->out.failed || r < 0)
        return fault_set(why, STATUS_SETUP, errno, "box", "sending its keys");
    return box->out.len ? fault_set(why, STATUS_SETUP, 0, "box", "did not read its keys in time")
                        : 0;
}

int box_start(struct box *box, const char *line, size_t n, struct fault *why)
{
    str_add(&box->out, line, n);
    box->started = box_now();
    if (box->out.failed || box_flush(box) < 0)
        return fault_set(why, STATUS_SETUP, errno, "box", "sending the start line");
    return 0;
}

static void box_free(struct box *box)
{
    lines_close(&box->in);
    if (box->out.secret)
        str_wipe(&box->out);
    else
        str_free(&box->out);
    for (const int *fd = (int[]){box->pidfd, box->wire, box->theirs, box->listener, -2}; *fd != -2;
         fd++)
        if (*fd >= 0)
            close(*fd);
    free(box);
}

void box_abandon(struct box *box)
{
    jail_release(&box->jail);
    box_free(box);
}

int box_delete(struct box *box, struct fault *why)
{
    int r;

    if (!box)
        return 0;
    if (box->holder) {
        r = box->holder->remove(box, why);
        box_free(box);
        return r;
    }
    if (box->maker == MAKER_WARM) {
        template_forget(box);
    } else if (box->pid) {
        siginfo_t info;

        box_kill(box);
        if (box_await(box) == 0)
            waitid(P_PIDFD, (id_t)box->pidfd, &info, WEXITED | __WALL);
    }
    r = group_remove(&box->group, why);
    jail_release(&box->jail);
    box_free(box);
    return r;
}
