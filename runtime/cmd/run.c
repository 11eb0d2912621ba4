/* `runbox run`: the command line, the files that it names, and the bundle's bytes, which this
 * process does not parse: its child does, the unprivileged monitor (run_monitor.c), for which it is
 * the broker. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgroups/cgroups.h"
#include "runtime/base/fd.h"
#include "runtime/base/replace.h"
#include "runtime/broker/audit.h"
#include "runtime/caller/artifacts.h"
#include "runtime/caller/report.h"
#include "runtime/cmd/apart.h"
#include "runtime/cmd/cmd.h"
#include "runtime/cmd/run_keys.h"
#include "runtime/cmd/run_parts.h"
#include "runtime/cmd/same.h"
#include "runtime/monitor/remote.h"

/* Fail before the run where the report cannot be written; it is then not tried again. What is not a
 * regular file is not probed: the reader of a FIFO would see end of file. */
static int probe_report(struct run *r, struct fault *why)
{
    const char *path = r->options.report;
    struct replace report;
    struct stat st;
    int done = 0;

    if (!path || replace_descriptor(path) >= 0 ||
        (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
        return 0;
    if (replace_open(&report, path) < 0 || replace_probe(&report) < 0) {
        done = report_unwritten(path, report.refused, why);
        r->options.report = NULL;
    }
    replace_close(&report);
    return done;
}

int run_report(const struct run *r, struct fault *why)
{
    return r->remote ? remote_report(r->remote, &r->report, why)
                     : report_write(&r->report, r->options.report, r->signals, why);
}

/* Refuse a report over what the run reads or writes; /dev/stdout by name is fine: it follows the
 * output. */
static int check_report(const struct run_options *o, struct fault *why)
{
    struct same_file f[2], *other = &f[0], *report = &f[1];

    if (!o->report)
        return 0;
    same_stat(report, "--report", o->report, -1);
    same_stat(other, "standard output", NULL, STDOUT_FILENO);
    if (replace_descriptor(o->report) < 0 && same_refuse(f, 2, why) < 0)
        return -1;
    same_stat(other, "standard input", NULL, STDIN_FILENO);
    if (same_refuse(f, 2, why) < 0)
        return -1;
    if (o->arg_file)
        same_stat(other, "--arg-file", o->arg_file, -1);
    if (same_refuse(f, 2, why) < 0)
        return -1;
    if (o->keyring)
        same_stat(other, "--keyring", o->keyring, -1);
    if (same_refuse(f, 2, why) < 0)
        return -1;
    same_stat(other, "standard error", NULL, STDERR_FILENO);
    if (replace_descriptor(o->report) < 0 && same_refuse(f, 2, why) < 0)
        return -1;
    return same_source("--report", o->report, o->bundle, why);
}

/* Open all that the monitor will have no right to open. */
static int prepare(struct run *r, struct fault *why)
{
    const struct run_options *o = &r->options;
    struct broker *b = &r->broker;

    if (probe_report(r, why) < 0)
        return -1;
    b->signals = r->signals = input_signals(why);
    if (r->signals < 0)
        return -1;
    if (o->audit && audit_open(o->audit, &b->audit, why) < 0)
        return -1;
    if (o->artifacts && artifacts_open(o->artifacts, &b->artifacts, why) < 0)
        return -1;
    return 0;
}

/* As broker_fork(). */
static int start_monitor(struct run *r, struct broker_wire *wire, struct fault *why)
{
    struct broker *b = &r->broker;
    int pid;

    input_open(&r->arg_file, r->options.arg_file);
    input_open(&r->keyring, r->options.keyring);
    b->brings_keys = r->options.keyring != NULL;
    b->grants = &r->options.grants;
    b->report = r->options.report;
    b->store = r->options.store;
    cgroups_prepare(r->options.cgroup_parent);
    pid = broker_fork(b, wire, why);
    if (pid) {
        input_close(&r->arg_file);
        input_close(&r->keyring);
    }
    return pid;
}

static int serve_monitor(struct run *r)
{
    struct broker *b = &r->broker;
    struct fault why = {0};
    int status;

    box_prepare(&b->box, &why);
    if (bundle_open(r->options.bundle, &r->bundle, &why) == 0) {
        broker_tell_bundle(b, r->bundle, &why);
        if (site_open(&r->site, r->options.cgroup_parent, &why) == 0) {
            site_bind(&r->site, r->bundle);
            broker_tell_site(b, &r->site, &why);
            box_prepare_groups(&b->box, &r->site.cgroups); /* while the monitor makes its plan */
        } else
            broker_tell_site(b, NULL, &why);
    } else {
        broker_tell_bundle(b, NULL, &why);
    }
    status = apart_serve(b);
    artifacts_free(b->artifacts); /* unfinished ones are removed */
    return status;
}

int cmd_run(int argc, char **argv)
{
    static struct run r; /* not on the stack, where -fstack-clash-protection touches every page */
    struct fault why = {0};
    int parsed = run_options_parse(argc, argv, &r.options), pid;
    struct broker_wire wire;

    r.signals = -1;
    if (parsed) {
        run_options_free(&r.options);
        return parsed > 0 ? 0 : -parsed;
    }
    if (check_report(&r.options, &why) < 0) {
        cmd_fault(&why);
        run_options_free(&r.options);
        return status_exit(STATUS_USAGE, 0);
    }
    keys_no_core();
    r.caller = &r.person.caller;
    if (r.options.json)
        caller_json(r.caller, STDIN_FILENO, STDOUT_FILENO);
    else
        caller_person(&r.person, STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, r.options.verbose,
                      !r.options.no_color);
    pid = prepare(&r, &why) < 0 ? -1 : start_monitor(&r, &wire, &why);
    if (pid >= 0)
        return pid ? serve_monitor(&r) : run_monitor(&r, &wire);
    /* There is no monitor: this process reports the failure itself. */
    if (why.status == STATUS_CANCELLED && !r.report.signal)
        input_stopped(r.signals, &r.report.signal, &why);
    run_fault(&r, &why);
    run_tell(&r);
    return status_exit(r.report.status, r.report.signal);
}
