/* Both sides of a monitor apart: see apart.h. */
#include "runtime/cmd/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cgroups/cgroups.h"
#include "cgroups/lacks.h"
#include "runtime/broker/audit.h"
#include "runtime/cmd/cmd.h"
#include "runtime/cmd/input.h"
#include "runtime/fleet/desk.h"
#include "runtime/json/json.h"
#include "runtime/monitor/drop_privileges.h"
#include "runtime/monitor/remote.h"

#define BROKER_MS 2000 /* for it to load its own filter */

/* A broker whose filter is refused too says so itself, and ends this process: one of the two is to be heard. */
static void await_broker(int orders)
{
    struct pollfd p = {.fd = orders, .events = POLLIN};

    if (poll(&p, 1, BROKER_MS) > 0 && p.revents & POLLHUP)
        _exit(status_exit(STATUS_SETUP, 0));
}

int apart_enter(const struct broker_wire *wire, struct caller *caller, const int *keep, size_t n,
                struct remote **r, int *signals, struct fault *why)
{
    int all[DROP_KEEP] = {wire->orders, wire->signals, wire->room};
    size_t count = 3;
    int dropped;

    *signals = wire->signals;
    if (wire->error)
        return fault_set(why, STATUS_SETUP, wire->error, "monitor",
                         "tying it to the broker's lifetime");
    input_signals_from(wire->signals);
    json_seed();
    if (remote_open(wire->orders, r, why) < 0)
        return -1;
    for (size_t i = 0; i < n && count < DROP_KEEP; i++)
        all[count++] = keep[i];
    dropped = drop_privileges(caller, all, count, why);
    if (dropped == DROP_UNFILTERED)
        await_broker(wire->orders);
    return dropped ? -1 : 0;
}

int apart_member(const struct desk_options *o, int orders, int channel)
{
    const int keep[] = {orders, channel};
    struct fault why;

    json_seed();
    if (drop_privileges(NULL, keep, 2, &why) < 0)
        return desk_fail(channel, &why);
    return desk_run(o, orders, channel);
}

/* Give stdout its buffer before the filter is loaded: stdio would ask for the file's type. */
static int monitor(struct apart *a, const struct broker_wire *wire)
{
    static char room[BUFSIZ];
    struct fault why = {0};
    struct remote *r = NULL;
    int signals;

    setvbuf(stdout, room, _IOFBF, sizeof room);
    if (!a->reads_stdin) { /* leave its input to the next reader */
        close(STDIN_FILENO);
        if (open("/dev/null", O_RDONLY) != STDIN_FILENO)
            return cmd_fault(&(struct fault){STATUS_SETUP, errno, "/dev/null", "opening it"});
    }
    if (apart_enter(wire, NULL, &a->keep, a->keep >= 0, &r, &signals, &why) < 0)
        return cmd_fault(&why);
    return a->body(a->of, r);
}

static void apart_tell(struct apart *a, struct bundle **bundle, struct site *site)
{
    struct fault why = {0};
    int there;

    if (a->broker.checks)
        box_prepare(&a->broker.box, &why);
    if (a->path) {
        there = bundle_open(a->path, bundle, &why);
        broker_tell_bundle(&a->broker, there < 0 ? NULL : *bundle, &why);
    }
    there = a->policies ? site_open(site, a->cgroup_parent, &why) : site_bare(site, &why);
    if (there == 0 && *bundle && !a->broker.change) /* which wants the directory later */
        site_bind(site, *bundle);
    broker_tell_site(&a->broker, there < 0 ? NULL : site, &why);
}

int apart_run(struct apart *a)
{
    struct bundle *bundle = NULL;
    struct broker_wire wire;
    struct fault why = {0};
    struct site site = {0};
    int pid, status;

    a->broker.signals = -1;
    a->broker.store = -1;
    if (a->policies)
        cgroups_foresee(a->cgroup_parent);
    if (a->broker.checks)
        lacks_allow_try(true); /* for boxes of its own */
    pid = broker_fork(&a->broker, &wire, &why);
    if (pid < 0)
        return cmd_fault(&why);
    if (pid == 0)
        exit(monitor(a, &wire));
    apart_tell(a, &bundle, &site);
    status = apart_serve(&a->broker);
    bundle_free(bundle);
    site_free(&site);
    if (a->broker.killed == SIGPIPE) /* die as a process without a monitor would */
        raise(SIGPIPE);
    return status;
}

int apart_serve(struct broker *b)
{
    struct fault why = {0};
    int status = broker_serve(b, &why);

    if (status < 0) /* after SIGPIPE there is no reader to report to */
        status = b->killed == SIGPIPE ? status_exit(STATUS_CANCELLED, SIGPIPE) : cmd_fault(&why);
    if (broker_close(b, &why) < 0)
        cmd_fault(&why);
    if (b->unaudited.what[0])
        cmd_fault(&b->unaudited);
    audit_close(b->audit);
    return status;
}
