/* `runbox serve`: the broker of the front, which has no rights and is the server (runtime/serve/serve.h):
 * it exits if a bundle cannot be served. Each bundle has a monitor and a broker of its own. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cgroups/cgroups.h"
#include "runtime/broker/audit.h"
#include "runtime/broker/front.h"
#include "runtime/cmd/apart.h"
#include "runtime/cmd/cmd.h"
#include "runtime/cmd/input.h"
#include "runtime/cmd/run_keys.h"
#include "runtime/cmd/serve_options.h"
#include "runtime/fleet/desk.h"
#include "runtime/monitor/remote.h"
#include "runtime/serve/serve.h"
#include "runtime/serve/systemd.h"

#define STOP_PATIENCE \
    31000000000ull       /* ns behind --drain, for runs that were cancelled and slow readers */
#define MAKERS_ENDING 16 /* brokers of bundles before they were reloaded, besides the last ones */

struct session {
    struct serve_line line;
    struct tenants *tenants;
    struct tenant **bundles;
    struct listener listener;
    struct server *server;
    struct remote *remote; /* in the front */
    int signals;
    size_t budget;
    uid_t uid;
    unsigned guests; /* connections that may wait for a place */
    bool told;       /* all faults have been printed */
};

static void serve_say(const struct fault *why, const struct findings *found)
{
    if (found->count > 1)
        cmd_findings(found, why->where);
    else
        cmd_fault(why);
}

static void tell_all(struct session *s, const struct findings *found, const char *bundle)
{
    autostr struct str where = {0};

    str_addf(&where, "%s/manifest.json", bundle);
    cmd_findings(found, where.failed ? bundle : where.data);
    s->told = true;
}

/* Extra slots, for a bundle or user without a run while every slot is held by a run that waits for
 * its caller. */
static unsigned extra(const struct serve_line *l)
{
    return l->bundle_count + (unsigned)l->uid_count + 2;
}

static struct fleet_options serve_fleet(const struct session *s)
{
    const struct serve_line *l = &s->line;

    return (struct fleet_options){.slots = l->max + extra(l),
                                  .warm = l->warm,
                                  .fresh = l->fresh,
                                  .fair = true,
                                  .grants = &l->grants};
}

/* All bundles are read at once, by their own processes. */
static int serve_load(struct session *s, struct fault *why)
{
    const struct serve_line *l = &s->line;
    const struct tenants_options o = {l->max + extra(l), s->remote, s->signals, serve_say};

    s->bundles = calloc(l->bundle_count, sizeof(struct tenant *));
    if (!s->bundles)
        return fault_set(why, STATUS_SETUP, ENOMEM, "serve", "allocating %u bundles",
                         l->bundle_count);
    if (tenants_open(&s->tenants, &o, why) < 0)
        return -1;
    for (unsigned i = 0; i < l->bundle_count; i++)
        if (tenant_find(s->tenants, l->bundles[i], (int)i, &s->bundles[i], why) < 0)
            return -1;
    for (unsigned i = 0; i < l->bundle_count; i++) {
        struct findings found = {0};
        int r = tenant_await(s->bundles[i], &found, why);

        if (r < 0 && found.count > 1)
            tell_all(s, &found, l->bundles[i]);
        findings_free(&found);
        if (r < 0)
            return -1;
    }
    return 0;
}

/* In a process of its own. */
static int serve_monitor(void *owner, const char *path, int64_t index, int orders, int channel)
{
    const struct session *s = owner;
    const struct desk_options o = {
        .fleet = serve_fleet(s), .path = path, .named = index >= 0, .warms = true};

    return apart_member(&o, orders, channel);
}

static int listen_at(struct session *s, struct fault *why)
{
    const char *path = s->line.socket;
    int given;

    if (systemd_listener(&given, why) < 0)
        return -1;
    s->listener.fd = given;
    if (given >= 0)
        return path ? fault_set(why, STATUS_USAGE, 0, "--socket",
                                "systemd has passed a socket: leave this out")
                    : 0;
    if (!path)
        return fault_set(why, STATUS_USAGE, 0, "serve",
                         "name the socket to listen at with --socket PATH");
    return listener_open(&s->listener, path, s->line.uid_count ? 0666 : 0600, why);
}

#define BOX_DESCRIPTORS \
    18 /* at most: wire, pidfd and listener, three for each of its groups, three for memory */
#define OWN_DESCRIPTORS 48
#define GUESTS_LEAST    32 /* connections that wait for a place */
#define GUESTS_MOST     1024

/* Check the limit now: running out later would fail runs that are not to blame. */
static int descriptors(struct session *s, struct fault *why)
{
    const struct serve_line *l = &s->line;
    struct rlimit files;
    rlim_t boxes = l->max + extra(l) + (rlim_t)l->bundle_count * (l->warm + BROKER_EXITING + 1);
    rlim_t need = l->connections + GUESTS_LEAST + boxes * BOX_DESCRIPTORS + OWN_DESCRIPTORS, left;

    if (getrlimit(RLIMIT_NOFILE, &files) < 0)
        return fault_set(why, STATUS_SETUP, errno, "descriptors", "getrlimit");
    files.rlim_cur = files.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_max < need)
        return fault_set(why, STATUS_SETUP, 0, "descriptors",
                         "%llu are needed for this many boxes and connections (--max, --warm, "
                         "--connections), but only %llu are allowed (RLIMIT_NOFILE)",
                         (unsigned long long)need, (unsigned long long)files.rlim_max);
    left = files.rlim_max - need;
    s->guests = left < GUESTS_MOST - GUESTS_LEAST ? GUESTS_LEAST + (unsigned)left : GUESTS_MOST;
    return 0;
}

/* In the broker. */
static int serve_listen(void *owner, int *fd, struct fault *why)
{
    struct session *s = owner;

    if (listen_at(s, why) < 0)
        return -1;
    *fd = s->listener.fd;
    return 0;
}

static void serve_ready(void *owner)
{
    (void)owner;
    systemd_notify("READY=1");
}

static void serve_reloading(void *owner)
{
    (void)owner;
    systemd_reloading();
}

static void serve_stopping(void *owner)
{
    struct session *s = owner;

    systemd_notify("STOPPING=1");
    listener_close(&s->listener);
}

/* In the front: bundles first, so that there is no socket where one of them cannot be served. */
static int serve(struct session *s, struct fault *why)
{
    struct serve_options o = {.slots = s->line.max,
                              .extra = extra(&s->line),
                              .bundle_count = s->line.bundle_count,
                              .listener = &s->listener,
                              .signals = s->signals,
                              .front = s->remote,
                              .queue = s->line.queue,
                              .connections = s->line.connections,
                              .guests = s->guests,
                              .idle_ns = s->line.idle_ns,
                              .drain_ns = s->line.drain_ns,
                              .budget = s->budget,
                              .uid = s->uid,
                              .uids = s->line.uids,
                              .uid_count = s->line.uid_count,
                              .say = serve_say};
    int r;

    if (serve_load(s, why) < 0)
        return -1;
    s->listener.fd = remote_listen(s->remote, why);
    o.tenants = s->tenants;
    o.bundles = s->bundles;
    if (s->listener.fd < 0 || serve_open(&s->server, &o, why) < 0 ||
        remote_ready(s->remote, why) < 0)
        return -1;
    r = serve_run(s->server, why);
    /* Runs refer to connections: they go first. */
    tenants_close(s->tenants);
    s->tenants = NULL;
    serve_close(s->server);
    return r;
}

static int serve_front(struct session *s, const struct broker_wire *wire)
{
    struct fault why = {0};
    int signo = 0, r;

    if (apart_enter(wire, NULL, NULL, 0, &s->remote, &s->signals, &why) < 0)
        return cmd_fault(&why);
    r = serve(s, &why);
    if (r < 0 && why.status == STATUS_CANCELLED)
        input_stopped(s->signals, &signo, &why);
    tenants_close(s->tenants);
    if (r < 0 && !s->told)
        cmd_fault(&why);
    if (r < 0)
        return status_exit(why.status, signo);
    return r > 0 ? status_exit(STATUS_CANCELLED, r) : 0;
}

static int prepare(struct session *s, struct fault *why)
{
    struct cgroups unused;

    s->uid = geteuid();
    s->budget = serve_budget();
    s->signals = input_signals(why);
    if (s->signals < 0 || descriptors(s, why) < 0)
        return -1;
    cgroups_prepare(s->line.cgroup_parent);
    /* A wrong parent fails every run: report it before the first. */
    return s->line.cgroup_parent ? cgroups_probe(&unused, s->line.cgroup_parent, why) : 0;
}

/* Fork the front, and serve it: the exit status. */
static int serve_broker(struct session *s)
{
    struct fleet_options fleet = serve_fleet(s);
    const struct front front = {
        .grants = &s->line.grants,
        .bundles = s->line.bundles,
        .bundle_count = s->line.bundle_count,
        .reloads = true,
        .yields = true,
        .most = fleet_most(&fleet),
        .makers = 2 * s->line.bundle_count + MAKERS_ENDING,
        .patience = s->line.drain_ns < UINT64_MAX / 2 ? s->line.drain_ns + STOP_PATIENCE : 0,
        .cgroup_parent = s->line.cgroup_parent,
        .store = s->line.store,
        .monitor = serve_monitor,
        .listen = serve_listen,
        .ready = serve_ready,
        .reloading = serve_reloading,
        .stopping = serve_stopping,
        .owner = s};
    struct broker broker = {.front = &front, .signals = s->signals, .store = -1};
    struct broker_wire wire;
    struct fault why = {0};
    int pid;

    if (s->line.audit && audit_open(s->line.audit, &broker.audit, &why) < 0)
        return cmd_fault(&why);
    pid = broker_fork(&broker, &wire, &why);
    if (pid == 0)
        exit(serve_front(s, &wire));
    return pid < 0 ? cmd_fault(&why) : apart_serve(&broker);
}

int cmd_serve(int argc, char **argv)
{
    struct session s = {.signals = -1, .listener = LISTENER_CLOSED};
    struct fault why = {0};
    int r = serve_options_parse(argc, argv, &s.line);

    if (r) {
        serve_options_free(&s.line);
        return r > 0 ? 0 : r == -1 ? status_exit(STATUS_USAGE, 0) : -r;
    }
    keys_no_core();
    r = prepare(&s, &why) < 0 ? cmd_fault(&why) : serve_broker(&s);
    listener_close(&s.listener);
    serve_options_free(&s.line);
    return r;
}
