/* The monitor of `runbox run`: manifest -> start line -> plan -> box -> report. Before it reads a
 * byte of either, it drops all privileges and loads a filter; what needs privilege it orders from
 * the broker. Any failure before the box is made ends like a run: one report, one exit line, one
 * exit status. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "bundles/arguments.h"
#include "bundles/exports.h"
#include "runtime/base/fd.h"
#include "runtime/caller/artifacts.h"
#include "runtime/caller/report.h"
#include "runtime/cmd/apart.h"
#include "runtime/cmd/cmd.h"
#include "runtime/cmd/run_keys.h"
#include "runtime/cmd/run_parts.h"
#include "runtime/json/json.h"
#include "runtime/monitor/remote.h"
#include "schemas/setup.h"

#define GRACE_MS 1000

static int run_monitor_load(struct run *r, struct fault *why)
{
    if (remote_bundle(r->remote, r->options.bundle, &r->bundle, why) < 0)
        return -1;
    snprintf(r->report.digest, sizeof r->report.digest, "%s", r->bundle->digest);
    r->findings_of = "manifest.json";
    if (manifest_load(r->bundle, &r->manifest, &r->findings, why) < 0)
        return -1;
    r->findings_of = NULL;
    snprintf(r->report.bundle, sizeof r->report.bundle, "%s", r->manifest->name);
    return 0;
}

/* Whether a string without its quotes is what was meant: a text that begins as JSON does, or with a byte
 * order mark, and a number are wrong elsewhere. */
static bool is_bare(const char *text, size_t n)
{
    size_t at = 0;

    while (at < n && strchr(" \t\r\n", text[at]))
        at++;
    if (at < n && strchr("{[\"\xef", text[at]))
        return false;
    while (at < n && strchr("0123456789+-.eE \t\r\n", text[at]))
        at++;
    return at < n;
}

static int parse_arg(struct run *r, const char *where, const char *text, size_t n,
                     struct fault *why)
{
    struct meter meter = {0}; /* a budget of the caller's own */
    autostr struct str what = {0};
    struct json_error e;
    struct json_place at;

    r->start.has_arg = true;
    if (json_read(text, n, &meter, &r->start.arg, &e) == 0)
        return 0;
    if (e.spent) {
        r->findings_of = where;
        findings_unread(&r->findings, text, n, &e);
        return findings_fault(&r->findings, where, why);
    }
    if (!e.what)
        return fault_set(why, STATUS_SETUP, ENOMEM, where, "parsing");
    at = json_place(text, n, e.offset);
    json_error_add(text, n, &e, &what);
    fault_set(why, STATUS_INVALID, 0, where, "%u:%u: %s%s", at.line, at.column,
              what.failed ? e.what : what.data,
              is_bare(text, n) ? " (the argument is JSON: a string needs quotes)" : "");
    if (r->arg_is_file && text == r->options.arg) {
        autostr struct str file = {0};

        str_add_word(&file, text);
        fault_add(why, "; there is a file of this name, which --arg-file %s reads",
                  file.failed ? "FILE" : file.data);
    }
    return -1;
}

/* Without --json the command line takes the place of the start line. */
static int start_from_options(struct run *r, struct fault *why)
{
    const struct run_options *o = &r->options;
    autostr struct str text = {0};

    if (o->export)
        snprintf(r->start.export, sizeof r->start.export, "%s", o->export);
    r->start.verbose = o->verbose > 0;
    r->start.bytes = r->start.reads = true;
    r->start.paced = !r->caller->out_tty;
    if (o->arg && parse_arg(r, "--arg", o->arg, strlen(o->arg), why) < 0)
        return -1;
    if (o->arg_file && (input_whole(&r->arg_file, r->signals, &r->report.signal, &text, why) < 0 ||
                        parse_arg(r, strcmp(o->arg_file, "-") == 0 ? "stdin" : o->arg_file,
                                  text.data, text.len, why) < 0))
        return -1;
    return o->keyring ? keys_read(&r->keyring, r->signals, &r->report.signal, &r->start, why) : 0;
}

/* Wait for the caller's first line, or a signal to stop. */
static int start_from_caller(struct run *r, struct fault *why)
{
    struct caller *c = r->caller;
    char *line;
    size_t n;

    if (input_first_line(c, r->signals, &line, &n, &r->report.signal, why) < 0)
        return -1;
    if (start_parse(line, n, &r->start, why) < 0)
        return -1;
    c->base64 = r->start.base64;
    c->reads = r->start.reads;
    if (r->start.has_bundle && strcmp(r->start.bundle, r->manifest->name) != 0)
        return fault_set(why, STATUS_INVALID, 0, "start line", "/bundle: the bundle here is \"%s\"",
                         r->manifest->name);
    if (lines_message(&c->lines, &line, &n) > 0)
        return fault_set(why, STATUS_INVALID, 0, "caller",
                         "a line of %zu bytes arrived, but no request of the box is waiting for it",
                         n);
    return 0;
}

/* What to call. The start line's choice is input like any other; the command line's is its usage. */
static int run_monitor_choose(struct run *r, struct fault *why)
{
    if (exports_choose(r->manifest, r->start.export, &r->export, why) < 0) {
        if (!r->options.json)
            exports_usage(why);
        return -1;
    }
    exports_lower(r->manifest, r->export);
    snprintf(r->report.export, sizeof r->report.export, "%s", r->start.export);
    return 0;
}

/* What to say where a run without an argument needs one; NULL: there is one. */
static const char *missing_arg(const struct run *r)
{
    if (r->start.has_arg)
        return NULL;
    return r->options.json ? "the start line has no \"arg\""
                           : "no argument was given: --arg JSON or --arg-file FILE gives one";
}

static int check_arguments(struct run *r, struct fault *why)
{
    r->findings_of = "options";
    r->work = r->manifest->meter;
    if (arguments_options(r->manifest, &r->start.options, r->options.options,
                          r->options.option_count, &r->work, &r->findings, why) < 0)
        return -1;
    r->findings_of = "arg";
    if (arguments_arg(r->export, r->start.arg, missing_arg(r), &r->work, &r->findings, why) < 0)
        return -1;
    r->findings_of = NULL;
    if (!r->start.has_seed && getrandom(&r->start.seed, sizeof r->start.seed, GRND_NONBLOCK) < 0)
        return fault_set(why, STATUS_SETUP, errno, "seed", "getrandom");
    return 0;
}

static int plan(struct run *r, struct fault *why)
{
    struct policy_grants policy;
    struct host host;

    if (remote_site(r->remote, r->manifest->name, &host, &policy, why) < 0)
        return -1;
    if (plan_at(&host, &policy, r->bundle->digest, r->manifest, &r->options.grants, &r->plan, why) <
        0) {
        manifest_place(r->bundle, why);
        return -1;
    }
    return plan_refusal(r->plan, why);
}

/* create, start, watch; run_monitor() deletes the box, whatever failed. */
static int box_life(struct run *r, struct fault *why)
{
    autosecret struct str line = {.secret = true};

    if (remote_create(r->remote, &r->box, r->manifest, r->plan, r->bundle, !r->start.keyring, why) <
            0 ||
        start_line(&r->start, &r->plan->keyring, &line, why) < 0)
        return -1;
    keys_forget(&r->start, &r->caller->lines);
    watch_open(&r->watch, r->box, r->caller, r->export->result_schema, &r->work, &r->report);
    if (watch_start(&r->watch, line.data, line.len, why) < 0)
        return -1;
    str_wipe(&line);
    watch_run(&r->watch, r->signals);
    return 0;
}

static int run_monitor_life(struct run *r, struct fault *why)
{
    if (run_monitor_load(r, why) < 0)
        return -1;
    if ((r->options.json ? start_from_caller(r, why) : start_from_options(r, why)) < 0)
        return -1;
    if (run_monitor_choose(r, why) < 0 || check_arguments(r, why) < 0 || plan(r, why) < 0)
        return -1;
    return box_life(r, why);
}

/* Turn a failure before or beside the run into its report. A person sees every finding. */
void run_fault(struct run *r, const struct fault *why)
{
    static char room[sizeof *why];
    struct str text = {.data = room, .cap = sizeof room, .fixed = true};

    str_addf(&text, "%s%s%s", why->where, *why->where ? ": " : "", why->what);
    if (r->findings.count > 1)
        str_addf(&text, " (and %zu more)", r->findings.count - 1 + r->findings.more);
    r->report.status = why->status;
    snprintf(r->report.message, sizeof r->report.message, "%s", text.data);
    if (r->options.json)
        return;
    if (r->findings_of && r->findings.count && why->status != STATUS_CANCELLED) {
        char where[4096];

        snprintf(where, sizeof where, "%s%s%s", r->manifest ? "" : r->options.bundle,
                 r->manifest ? "" : "/", r->findings_of);
        cmd_findings(&r->findings, where);
    } else {
        cmd_fault(why);
    }
    r->caller->told = true;
}

/* Report a failure after the run, and make a run that succeeded a failed one. */
static void late_fault(struct run *r, const struct fault *why, int signo)
{
    if (r->report.status == STATUS_OK) {
        run_fault(r, why);
        r->report.signal = why->status == STATUS_CANCELLED ? signo : 0;
    } else {
        cmd_fault(why);
    }
}

/* Wait for a slow reader; after a signal to stop, not for one that reads nothing. */
static void drain(struct run *r)
{
    struct signalfd_siginfo info;
    struct fault why;

    if (r->unheard || caller_drain(r->caller, r->signals, -1) == 0 ||
        caller_drain(r->caller, -1, GRACE_MS) == 0 ||
        read(r->signals, &info, sizeof info) != sizeof info)
        return;
    r->unheard = true;
    fault_set(&why, STATUS_CANCELLED, 0, "output",
              "stopped by signal %u (%s) before all output was read", info.ssi_signo,
              strsignal((int)info.ssi_signo));
    late_fault(r, &why, (int)info.ssi_signo);
}

/* Output, report, exit line: in this order, so that each says whether those before it were written.
 * The report of a run that failed anyway does not wait for a reader. */
void run_tell(struct run *r)
{
    struct fault why;

    if (r->report.status == STATUS_OK)
        drain(r);
    if (r->report.status == STATUS_OK && caller_output(r->caller, &why) < 0)
        late_fault(r, &why, SIGPIPE);
    if (r->options.report && run_report(r, &why) < 0)
        late_fault(r, &why, 0);
    r->caller->kind->end(r->caller, &r->report);
    drain(r);
    if (caller_output(r->caller, &why) == 0)
        return;
    if (r->report.status == STATUS_OK)
        late_fault(r, &why, SIGPIPE);
    if (r->options.json && r->caller->out.broken &&
        why.status == STATUS_SETUP) /* only stderr is left */
        cmd_fault(&why);
}

static int run_monitor_enter(struct run *r, const struct broker_wire *wire, struct fault *why)
{
    const int keep[] = {r->arg_file.fd, r->keyring.fd, r->result};

    if (apart_enter(wire, r->caller, keep, sizeof keep / sizeof keep[0], &r->remote, &r->signals,
                    why) < 0)
        return -1;
    return r->options.artifacts ? remote_artifacts(r->remote, &r->caller->artifacts, why) : 0;
}

int run_monitor(struct run *r, const struct broker_wire *wire)
{
    struct fault why = {0};

    if (run_monitor_enter(r, wire, &why) < 0 || run_monitor_life(r, &why) < 0) {
        if (why.status == STATUS_CANCELLED && !r->report.signal)
            input_stopped(r->signals, &r->report.signal, &why);
        run_fault(r, &why);
    }
    /* A cgroup that cannot be removed is the host's fault, not the run's: the next run sweeps. */
    if (box_delete(r->box, &why) < 0)
        cmd_fault(&why);
    run_tell(r);
    /* Process exit releases descriptors and memory: doing it one by one would delay the caller. */
    return status_exit(r->report.status, r->report.signal);
}
