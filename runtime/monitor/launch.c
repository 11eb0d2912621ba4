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
#include "runtime/jail/idmap.h"
#include "runtime/monitor/box.h"
#include "runtime/monitor/exe.h"
#include "runtime/monitor/template.h"
#include "runtime/wire/event.h"
#include "schemas/setup.h"

#define SETUP_TIMEOUT_MS 10000

static int clone_box(struct box *box, struct fault *why)
{
    int pid = jail_clone(&box->jail, group_birthplace(&box->group), &box->pidfd);

    if (pid < 0 && (errno == EPERM || errno == ENOSPC || errno == EUSERS))
        return fault_set(why, STATUS_SETUP, errno, "clone3",
                         "this host does not let uid %u make a user namespace (see "
                         "/proc/sys/user/max_user_namespaces, kernel.unprivileged_userns_clone and "
                         "kernel.apparmor_restrict_unprivileged_userns)",
                         geteuid());
    if (pid < 0)
        return fault_set(why, STATUS_SETUP, errno, "clone3", "making the box's namespaces");
    box->pid = pid;
    if (!box->boxes) /* a template's boxes would inherit the set, and not follow a larger one of the host's */
        jail_spread(pid);
    return 0;
}

/* What the child needs only behind the gate; it shares this descriptor table. */
static int open_ends(struct box *box, struct fault *why)
{
    if (box_pair(box, &box->theirs, why) < 0)
        return -1;
    lines_open(&box->in, WIRE_LINE_MAX);
    box->exe = exe_open("runbox-lua", why);
    return box->exe < 0 ? -1 : 0;
}

/* While the child makes its namespaces and its root: what only the monitor may do. */
static int serve_gate(struct box *box, struct fault *why)
{
    if (open_ends(box, why) < 0 ||
        jail_prepare(&box->jail, box->plan, box->bundle, box->theirs, box->exe, why) < 0 ||
        setup_write(box->plan, box->boxes, box->bundle, &box->out, why) < 0)
        return -1;
    if (idmap_write(box->plan, box->pid, why) < 0 || idmap_sources(&box->jail, box->pid, why) < 0)
        return -1;
    if (!box->group.places && groups_make(box, why) < 0)
        return -1;
    return box->plan->network == NETWORK_LOOPBACK ? network_loopback(box, why) : 0;
}

/* The child's own word for what went wrong, where it left one; else that it ended, and how. */
static int child_failed(struct box *box, struct fault *why)
{
    siginfo_t info = {0};

    waitid(P_PIDFD, (id_t)box->pidfd, &info, WEXITED | __WALL);
    box->pid = 0;
    if (jail_failure(&box->jail, why) < 0)
        return -1;
    return fault_set(why, STATUS_SETUP, 0, "runbox-lua", "ended before it was ready (%s %d)",
                     info.si_code == CLD_EXITED ? "status" : "signal", info.si_status);
}

/* Both ends of the wire are open here, so this says nothing of the child. */
static int setup_unsent(struct fault *why)
{
    return fault_set(why, STATUS_SETUP, errno, "box", "sending its setup");
}

/* Its own word for why it cannot begin, or whatever else it said. */
static int not_ready(const char *line, size_t n, struct fault *why)
{
    static const char head[] = "{\"Exit\":{\"SetupFailed\":\"", tail[] = "\"}}";
    const size_t frame = sizeof head - 1 + sizeof tail - 1;

    if (n > frame && memcmp(line, head, sizeof head - 1) == 0 &&
        memcmp(line + n - (sizeof tail - 1), tail, sizeof tail - 1) == 0)
        return fault_set(why, STATUS_SETUP, 0, "runbox-lua", "%.*s",
                         (int)(n - frame < 200 ? n - frame : 200), line + sizeof head - 1);
    return fault_set(why, STATUS_SETUP, 0, "runbox-lua", "said %.*s", (int)(n < 200 ? n : 200),
                     line);
}

int box_take_ready(struct box *box, const char *line, size_t n, struct fault *why)
{
    struct event e;
    const char *what;

    if (event_parse(line, n, &e, &what) < 0 || e.kind != EVENT_READY)
        return not_ready(line, n, why);
    if (box->forked)
        return 0;
    box->listener = (int)syscall(SYS_pidfd_getfd, box->pidfd, (int)e.fd, 0);
    if (box->listener < 0)
        return fault_set(why, STATUS_SETUP, errno, "seccomp", "taking the box's listener");
    box->where = e.address;
    return 0;
}

/* Both ends of the wire are open here until the box has said Ready (it shares this descriptor table
 * up to its own step "descriptor table"), so a box that died shows on its pidfd, not as an end of
 * file. */
static int await_ready(struct box *box, uint64_t deadline, struct fault *why)
{
    for (;;) {
        struct pollfd p[2] = {{.fd = box->wire, .events = POLLIN},
                              {.fd = box->pidfd, .events = POLLIN}};
        uint64_t now = box_now();
        char *line;
        size_t n;
        int ready;

        if (box_flush(box) < 0)
            return setup_unsent(why);
        p[0].events = (short)(POLLIN | (box->out.len ? POLLOUT : 0));
        ready = now >= deadline ? 0 : poll(p, 2, (int)((deadline - now) / 1000000 + 1));
        if (ready == 0)
            return fault_set(why, STATUS_SETUP, 0, "runbox-lua", "was not ready after %d s",
                             SETUP_TIMEOUT_MS / 1000);
        if (ready < 0 && errno != EINTR)
            return fault_set(why, STATUS_SETUP, errno, "runbox-lua", "waiting for it");
        if (p[0].revents & POLLIN && lines_fill(&box->in, box->wire) > 0 &&
            lines_next(&box->in, &line, &n) > 0)
            return box_take_ready(box, line, n, why);
        if (p[1].revents)
            return child_failed(box, why);
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
                        .exe = -1,
                        .self = -1};
    return box;
}

struct box *box_new(struct jail_shape shape, struct fault *why)
{
    struct box *box = box_blank(why);

    if (!box)
        return NULL;
    box->jail.shape = shape;
    for (int i = 0; i < JAIL_JOINS; i++)
        box->jail.join[i] = -1;
    box->self = box->jail.monitor = (int)syscall(SYS_pidfd_open, getpid(), 0);
    if (box->self >= 0)
        return box;
    fault_set(why, STATUS_SETUP, errno, "box", "pidfd_open");
    box_delete(box, &(struct fault){0});
    return NULL;
}

int box_prepare(struct box **box, struct fault *why)
{
    /* On v2 a box is born in its group, which is made by its plan. */
    if (cgroups_unified())
        return 0;
    *box = box_new((struct jail_shape){0}, why);
    if (*box && clone_box(*box, why) == 0)
        return 0;
    box_delete(*box, &(struct fault){0});
    *box = NULL;
    return -1;
}

static bool born_in_group(const struct plan *p)
{
    for (int i = 0; i < CONTROLLER__COUNT; i++)
        if (p->group[i] && p->home[i] == HOME_V2)
            return true;
    return false;
}

static bool fits(const struct box *box, const struct plan *p)
{
    struct jail_shape want = jail_shape_of(p);

    return want.files == box->jail.shape.files &&
           want.host_network == box->jail.shape.host_network && !born_in_group(p);
}

static int confine(struct box *box, struct fault *why)
{
    uint64_t deadline;

    if (serve_gate(box, why) < 0) {
        jail_open_gate(&box->jail, JAIL_ABORT);
        jail_failure(&box->jail,
                     why); /* a child that failed first is why the monitor could not serve it */
        return -1;
    }
    jail_open_gate(&box->jail, JAIL_GO);
    if (box_flush(box) < 0)
        return setup_unsent(why);
    if (receipts_prepare(box, why) < 0)
        return -1;
    /* While the child confines itself and execs. What is wrong is found again once it is ready. */
    group_sweep(box->cgroups);
    deadline = box_now() + SETUP_TIMEOUT_MS * 1000000ull;
    if (jail_await_exec(&box->jail))
        receipts_jail(box, &(struct fault){0});
    if (await_ready(box, deadline, why) < 0)
        return -1;
    close(steal_fd(&box->theirs));
    return receipts_read(box, why);
}

int box_create(struct box **box, const struct plan *p, const struct bundle *b,
               const struct cgroups *c, struct fault *why)
{
    if (*box && (*box)->pid && !fits(*box, p)) {
        box_delete(*box, &(struct fault){0});
        *box = NULL;
    }
    if (!*box)
        *box = box_new(jail_shape_of(p), why);
    if (!*box)
        return -1;
    (*box)->plan = p;
    (*box)->bundle = b;
    (*box)->cgroups = c;
    if (!(*box)->pid &&
        ((born_in_group(p) && groups_make(*box, why) < 0) || clone_box(*box, why) < 0))
        return -1;
    return confine(*box, why);
}

int box_start(struct box *box, const char *line, size_t n, struct fault *why)
{
    struct setup_job job = {box->plan->arena, box->plan->limits[LIMIT_INSTRUCTIONS].effective};

    if (turns_start(&box->turns, line, n, why) < 0)
        return -1;
    if (box->forked)
        str_add(&box->out, &job, sizeof job);
    str_add(&box->out, line, n);
    box->started = box_now();
    box->cpu_at_start = box_cpu(box);
    if (box->out.failed || box_flush(box) < 0)
        return fault_set(why, STATUS_SETUP, errno, "box", "sending the start line");
    return 0;
}

int box_delete(struct box *box, struct fault *why)
{
    int r;

    if (!box)
        return 0;
    if (box->forked) {
        template_forget(box);
    } else if (box->pid) {
        siginfo_t info;

        box_kill(box);
        waitid(P_PIDFD, (id_t)box->pidfd, &info, WEXITED | __WALL);
    }
    r = group_remove(&box->group, why);
    jail_release(&box->jail);
    lines_close(&box->in);
    str_free(&box->out);
    turns_free(&box->turns);
    for (const int *fd =
             (int[]){box->pidfd, box->wire, box->theirs, box->self, box->listener, box->exe, -2};
         *fd != -2; fd++)
        if (*fd >= 0)
            close(*fd);
    free(box);
    return r;
}
