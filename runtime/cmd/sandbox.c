/* `runbox sandbox NAME`: sn0int's wire. The start line on stdin carries the module, so the bundle
 * is one file made in memory, which the unprivileged monitor takes from the line and its broker
 * digests; its manifest asks for nothing. All else is an ordinary run. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "cgroups/cgroups.h"
#include "runtime/broker/audit.h"
#include "runtime/caller/caller.h"
#include "runtime/cmd/apart.h"
#include "runtime/cmd/cmd.h"
#include "runtime/cmd/input.h"
#include "runtime/host/resolve.h"
#include "runtime/jail/exe.h"
#include "runtime/monitor/remote.h"
#include "runtime/monitor/watch.h"
#include "runtime/wire/module.h"
#include "schemas/setup.h"

#define GRACE_MS 1000 /* for a reader that has stopped, once told to stop */

static const char help[] =
    "usage: runbox sandbox [OPTION]... NAME\n\n"
    "Run a sn0int module, confined. The first line of stdin is sn0int's start line, which\n"
    "carries the module; events go to stdout, replies come on stdin (runbox-sandbox(1)).\n\n"
    "  -l, --limit NAME=VALUE   a limit, up to the host's ceiling (64M, 250ms, 2)\n"
    "  --best-effort            run even if this host cannot enforce a limit\n"
    "  --cgroup-parent PATH     make the box's groups below this one, not below runbox's own\n"
    "  --audit FILE             append what was made, refused and killed, as JSON lines;\n"
    "                           'syslog' sends them to syslog\n"
    "  -h, --help               this text\n";

/* A module has no manifest: its metadata is in comments, and grants nothing. */
static const char manifest_text[] =
    "{\"runbox\":1,\"name\":\"sandbox\",\"version\":\"1.0.0\",\"main\":\"main.lua\"}";

struct session {
    const char *name, *cgroup_parent, *audit;
    struct grants grants;
    struct module module;
    struct bundle_file file;
    struct bundle bundle;
    struct manifest *manifest;
    struct findings findings;
    struct site site;
    struct neutral neutral; /* as manifest_text asks */
    struct broker broker;
    struct remote *remote;
    struct plan *plan;
    struct box *box;
    struct caller caller;
    struct report report;
    struct watch watch;
    int signals, room;
};

static int take_option(struct session *s, int c)
{
    struct fault why;

    switch (c) {
    case 'l':
        if (grants_override(&s->grants, optarg, &why) < 0)
            return cmd_usage("sandbox", "%s: %s", why.where, why.what);
        return 0;
    case 'b':
        s->grants.best_effort = true;
        return 0;
    case 'c':
        s->cgroup_parent = optarg;
        return cmd_parent("sandbox", optarg);
    case 'a':
        s->audit = optarg;
        return cmd_path("sandbox", "--audit", optarg, false);
    default:
        return cmd_usage_told("sandbox");
    }
}

/* 0, 1 after --help, or -1 after a message. */
static int sandbox_parse(struct session *s, int argc, char **argv)
{
    static const struct option longs[] = {{"limit", required_argument, NULL, 'l'},
                                          {"best-effort", no_argument, NULL, 'b'},
                                          {"cgroup-parent", required_argument, NULL, 'c'},
                                          {"audit", required_argument, NULL, 'a'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    int c;

    limits_clear(&s->grants.override);
    optind = 1;
    while ((c = getopt_long(argc, argv, "l:h", longs, NULL)) != -1) {
        if (c == 'h')
            return cmd_help(help), 1;
        if (take_option(s, c))
            return -1;
    }
    if (optind != argc - 1)
        return cmd_usage("sandbox", optind == argc ? "name the module" : "one module at a time"),
               -1;
    s->name = argv[optind];
    return 0;
}

static int start(struct session *s, struct fault *why)
{
    char *line;
    size_t n;

    if (input_first_line(&s->caller, s->signals, &line, &n, &s->report.signal, why) < 0 ||
        module_parse(line, n, &s->module, why) < 0)
        return -1;
    if (getrandom(&s->module.start.seed, sizeof s->module.start.seed, GRND_NONBLOCK) < 0)
        return fault_set(why, STATUS_SETUP, errno, "seed", "getrandom");
    s->module.start.seed >>= 1; /* to fit a non-negative Lua integer */
    return 0;
}

static int plan(struct session *s, struct fault *why)
{
    struct policy_grants policy;
    struct host host;

    s->file = (struct bundle_file){
        .path = "main.lua", .bytes = s->module.code, .size = s->module.code_len};
    s->bundle =
        (struct bundle){.path = s->name, .files = &s->file, .count = 1, .size = s->module.code_len};
    bundle_digest(&s->file, 1, s->bundle.digest);
    if (manifest_read(manifest_text, sizeof manifest_text - 1, "manifest", &s->bundle, &s->manifest,
                      &s->findings, why) < 0 ||
        remote_module(s->remote, s->room, s->module.code, s->module.code_len, why) < 0 ||
        remote_site(s->remote, s->manifest->name, &host, &policy, why) < 0 ||
        plan_at(&host, &policy, s->bundle.digest, s->manifest, &s->grants, &s->plan, why) < 0)
        return -1;
    s->plan->flags |= SETUP_SANDBOX;
    return plan_refusal(s->plan, why);
}

/* create, start, watch; monitor() deletes the box, whatever failed. */
static int sandbox_life(struct session *s, struct fault *why)
{
    autosecret struct str line = {.secret = true};

    if (start(s, why) < 0 || plan(s, why) < 0 ||
        remote_create(s->remote, &s->box, s->manifest, s->plan, &s->bundle, false, why) < 0 ||
        module_line(&s->module, &line, why) < 0)
        return -1;
    module_free(&s->module);
    lines_forget(&s->caller.lines);
    watch_open(&s->watch, s->box, &s->caller, NULL, &(struct meter){0}, &s->report);
    if (watch_start(&s->watch, line.data, line.len, why) < 0)
        return -1;
    str_wipe(&line);
    watch_run(&s->watch, s->signals);
    return 0;
}

/* Turn a failure before or beside the run into its Exit. */
static void report_fault(struct report *r, const struct fault *why)
{
    static char room[sizeof *why];
    struct str text = {.data = room, .cap = sizeof room, .fixed = true};

    str_addf(&text, "%s%s%s", why->where, *why->where ? ": " : "", why->what);
    r->status = why->status;
    snprintf(r->message, sizeof r->message, "%s", text.data);
}

static int sandbox_tell(struct session *s)
{
    struct fault why;

    s->caller.kind->end(&s->caller, &s->report);
    if (caller_drain(&s->caller, s->signals, -1) < 0)
        caller_drain(&s->caller, -1, GRACE_MS);
    if (caller_output(&s->caller, &why) < 0) {
        if (why.status == STATUS_SETUP && s->caller.out.broken) /* only stderr is left */
            cmd_fault(&why);
        if (s->report.status == STATUS_OK) {
            report_fault(&s->report, &why);
            s->report.signal = why.status == STATUS_CANCELLED ? SIGPIPE : 0;
        }
    }
    return status_exit(s->report.status, s->report.signal); /* memory is left to process exit */
}

static int monitor(struct session *s, const struct broker_wire *wire)
{
    struct fault why = {0};

    s->room = wire->room;
    if (apart_enter(wire, &s->caller, NULL, 0, &s->remote, &s->signals, &why) < 0 ||
        sandbox_life(s, &why) < 0) {
        if (why.status == STATUS_CANCELLED && !s->report.signal)
            input_stopped(s->signals, &s->report.signal, &why);
        report_fault(&s->report, &why);
    }
    if (box_delete(s->box, &why) < 0)
        cmd_fault(&why);
    return sandbox_tell(s);
}

static int prepare(struct session *s, struct broker_wire *wire, struct fault *why)
{
    struct broker *b = &s->broker;

    b->signals = s->signals = input_signals(why);
    if (s->signals < 0)
        return -1;
    if (s->audit && audit_open(s->audit, &b->audit, why) < 0)
        return -1;
    s->grants.named_elsewhere = true; /* there is no --grant here */
    b->module = s->name;
    s->neutral.name = "sandbox";
    limits_clear(&s->neutral.limits);
    b->neutral = &s->neutral;
    b->brings_keys = true;
    b->grants = &s->grants;
    b->store = -1;
    cgroups_prepare(s->cgroup_parent);
    return broker_fork(b, wire, why);
}

static int serve_monitor(struct session *s)
{
    struct fault why = {0};
    bool there;

    box_prepare(&s->broker.box, &why);
    there = site_open(&s->site, s->cgroup_parent, &why) == 0;
    broker_tell_site(&s->broker, there ? &s->site : NULL, &why);
    return apart_serve(&s->broker);
}

int cmd_sandbox(int argc, char **argv)
{
    static struct session s; /* static: see cmd_run() */
    struct broker_wire wire;
    struct fault why = {0};
    int parsed = sandbox_parse(&s, argc, argv), pid;

    s.signals = -1;
    if (parsed)
        return parsed > 0 ? 0 : status_exit(STATUS_USAGE, 0);
    caller_sandbox(&s.caller, STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO);
    lines_look(&s.caller.lines, STDIN_FILENO);
    exe_choose("runbox-sn0int");
    pid = RUNBOX_SN0INT ? prepare(&s, &wire, &why)
                        : fault_set(&why, STATUS_SETUP, 0, "sandbox",
                                    "this runbox was built without it (make SN0INT=no)");
    if (pid >= 0)
        return pid ? serve_monitor(&s) : monitor(&s, &wire);
    report_fault(&s.report, &why);
    return sandbox_tell(&s);
}
