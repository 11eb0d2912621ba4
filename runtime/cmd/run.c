/* `runbox run`: the command line, the files that it names, and the bundle's bytes, which this
 * process does not parse: its child does, the unprivileged monitor (run_monitor.c), for which it is
 * the broker. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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
#include "schemas/setup.h"

/* Bytes of a result: those that a terminal acts on are written as \u007f. */
#define RESULT_MOST (6 * WIRE_LINE_MAX + 1)

/* Fail before the run where PATH cannot be written. What is not a regular file is not probed: the reader
 * of a FIFO would see end of file. */
static int run_probe(const char *path, int (*unwritten)(const char *, const char *, struct fault *),
                     struct fault *why)
{
    struct replace file;
    struct stat st;
    int done = 0;

    if (!path || replace_descriptor(path) >= 0 ||
        (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
        return 0;
    if (replace_open(&file, path) < 0 || replace_probe(&file) < 0)
        done = unwritten(path, file.refused, why);
    replace_close(&file);
    return done;
}

static int run_result_unwritten(const char *path, const char *refused, struct fault *why)
{
    return fault_set(why, STATUS_SETUP, refused ? 0 : errno, path, "writing the result%s%s",
                     refused ? ": " : "", refused ? refused : "");
}

int run_report(const struct run *r, struct fault *why)
{
    return r->remote ? remote_report(r->remote, &r->report, why)
                     : report_write(&r->report, r->options.report, r->signals, why);
}

/* Refuse to write PATH over what the run reads or writes; /dev/stdout by name is fine: it follows the
 * output. */
static int check_file(const struct run_options *o, const char *option, const char *path,
                      struct fault *why)
{
    struct same_file f[2], *other = &f[0];
    const struct {
        const char *option, *path;
        int fd;
        bool by_name; /* may be meant by its name */
    } others[] = {
        {"standard output", NULL, STDOUT_FILENO, true},
        {"standard input", NULL, STDIN_FILENO, false},
        {"--arg-file", o->arg_file, -1, false},
        {"--keyring", o->keyring, -1, false},
        {"standard error", NULL, STDERR_FILENO, true},
        {"--report", path == o->report ? NULL : o->report, -1, false},
    };

    if (!path)
        return 0;
    same_stat(&f[1], option, path, -1);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if ((!others[i].path && others[i].fd < 0) ||
            (others[i].by_name && replace_descriptor(path) >= 0))
            continue;
        same_stat(other, others[i].option, others[i].path, others[i].fd);
        if (same_refuse(f, 2, why) < 0)
            return -1;
    }
    return same_source(option, path, o->bundle, why);
}

static int check_files(const struct run_options *o, struct fault *why)
{
    return check_file(o, "--report", o->report, why) < 0 ||
                   check_file(o, "--result", o->result, why) < 0
               ? -1
               : 0;
}

/* Of a fixed size, so that no monitor fills the memory with it; a smaller RLIMIT_FSIZE does the same. */
static int bound_result(int fd)
{
    if (ftruncate(fd, RESULT_MOST) < 0)
        return errno == EFBIG ? 0 : -1;
    return fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
}

/* The monitor may open no file: it has one in memory, which holds whatever it says. */
static int open_result(struct run *r, struct fault *why)
{
    if (!r->options.result)
        return 0;
    if (run_probe(r->options.result, run_result_unwritten, why) < 0)
        return -1;
    r->result = memfd_create("result", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    r->person.result = r->result;
    if (r->result < 0 || bound_result(r->result) < 0)
        return fault_set(why, STATUS_SETUP, errno, "result", "a file in memory");
    return 0;
}

/* The line in FD: how long it is, in *LINE; 0: there is none; -1 and errno. */
static ssize_t read_result(int fd, char **line)
{
    size_t n = 0, step = 65536;
    const char *end = NULL;

    *line = malloc(RESULT_MOST + step);
    while (*line && !end && n < RESULT_MOST) {
        ssize_t got = pread(fd, *line + n, step, (off_t)n);

        if (got < 0)
            return -1;
        if (got == 0 || !**line)
            return 0;
        end = memchr(*line + n, '\n', (size_t)got);
        n = end ? (size_t)(end + 1 - *line) : n + (size_t)got;
    }
    return *line ? (ssize_t)n : -1;
}

/* The monitor has ended, and said that the run went well. */
static int write_result(const struct run *r, struct fault *why)
{
    static const char nothing[] = "null\n";
    autofree char *line = NULL;
    const char *refused = NULL;
    ssize_t n = read_result(r->result, &line);

    if (n >= 0 && replace_file(r->options.result, n ? line : nothing,
                               n ? (size_t)n : sizeof nothing - 1, r->signals, &refused) == 0)
        return 0;
    return run_result_unwritten(r->options.result, refused, why);
}

/* The report, which was written before, said that all went well. */
static int result_failed(struct run *r, const struct fault *why)
{
    struct fault unheard;

    report_fault(&r->report, why);
    if (r->options.report)
        report_write(&r->report, r->options.report, r->signals, &unheard);
    return cmd_fault(why);
}

/* Open all that the monitor will have no right to open. */
static int prepare(struct run *r, struct fault *why)
{
    const struct run_options *o = &r->options;
    struct broker *b = &r->broker;

    if (run_probe(o->report, report_unwritten, why) < 0) {
        r->options.report = NULL; /* it is not tried again */
        return -1;
    }
    b->signals = r->signals = input_signals(why); /* SIGXFSZ too, from here on */
    if (r->signals < 0 || open_result(r, why) < 0)
        return -1;
    if (o->audit && audit_open(o->audit, &b->audit, why) < 0)
        return -1;
    if (o->artifacts && artifacts_open(o->artifacts, &b->artifacts, why) < 0)
        return -1;
    return 0;
}

/* Whether what stands behind --arg may be meant as the name of a file, and is one. */
static bool is_file_name(const char *arg)
{
    return arg && *arg && !strchr("[{\"", *arg) && access(arg, F_OK) == 0;
}

/* As broker_fork(). */
static int start_monitor(struct run *r, struct broker_wire *wire, struct fault *why)
{
    struct broker *b = &r->broker;
    int pid;

    input_open(&r->arg_file, r->options.arg_file);
    r->arg_is_file = is_file_name(r->options.arg);
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
    if (status == 0 && r->result >= 0 && write_result(r, &why) < 0)
        status = result_failed(r, &why);
    artifacts_free(b->artifacts); /* unfinished ones are removed */
    return status;
}

int cmd_run(int argc, char **argv)
{
    static struct run r; /* not on the stack, where -fstack-clash-protection touches every page */
    struct fault why = {0};
    int parsed = run_options_parse(argc, argv, &r.options), pid;
    struct broker_wire wire;

    r.signals = r.result = -1;
    if (parsed) {
        run_options_free(&r.options);
        return parsed > 0 ? 0 : -parsed;
    }
    if (check_files(&r.options, &why) < 0) {
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
    lines_look(&r.caller->lines, STDIN_FILENO);
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
