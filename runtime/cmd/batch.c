/* `runbox batch`: opens the files of a batch, and is from then on the broker of the front, which has no
 * rights and passes on the jobs (runtime/batch/batch.c). Each bundle has a monitor and a broker of its
 * own. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cgroups/cgroups.h"
#include "runtime/base/fd.h"
#include "runtime/base/replace.h"
#include "runtime/batch/page.h"
#include "runtime/broker/audit.h"
#include "runtime/broker/front.h"
#include "runtime/cmd/apart.h"
#include "runtime/cmd/batch_options.h"
#include "runtime/cmd/cmd.h"
#include "runtime/cmd/input.h"
#include "runtime/cmd/run_keys.h"
#include "runtime/cmd/same.h"
#include "runtime/fleet/desk.h"
#include "runtime/monitor/remote.h"

#define MAKERS_ENDING 16 /* brokers of bundles that are used no more, at once */

struct command {
    struct batch_command c;
    struct batch_files files;
    struct output output;
    struct finished finished;
    struct resumed resumed;
    struct tally tally;
    struct batch_end end;
    struct sink said;
    int input;  /* -1: none of its own */
    int resume; /* the results that are read back; -1: none */
    struct replace page;
    struct remote *remote; /* in the front */
    int room;              /* ... for the page; or -1 */
    bool same;             /* results are appended to the file they are read from */
    time_t begun;
};

static int open_input(struct command *b, struct fault *why)
{
    const char *path = b->c.input;

    struct stat st;

    b->files.input = STDIN_FILENO;
    b->files.input_name = path ? path : "stdin";
    /* O_NONBLOCK: opening a FIFO would block until it has a writer, deaf to signals. */
    if (path)
        b->files.input = b->input = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (b->files.input < 0)
        return fault_set(why, STATUS_INVALID, errno, path, "opening the jobs");
    if (fstat(b->files.input, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
        b->files.input_size = (uint64_t)st.st_size;
    return 0;
}

/* Runs before a byte is written or a file created. Reading and appending to one results file is
 * what --resume is for. */
static int check_same(struct command *b, struct fault *why)
{
    const char *results = b->c.resume, *output = b->c.output;
    struct same_file f[5], to;
    unsigned n = 0;

    same_stat(&to, output ? "--output" : "standard output", output, STDOUT_FILENO);
    same_stat(&f[n++], b->c.input ? "--input" : "standard input", b->c.input, STDIN_FILENO);
    if (results)
        same_stat(&f[n++], b->c.failed ? "--retry-failed" : "--resume", results, -1);
    b->same = results && (!output || strcmp(results, output) == 0 || same_are(&f[1], &to));
    if (!b->same)
        f[n++] = to;
    if (b->c.html)
        same_stat(&f[n++], "--html", b->c.html, -1);
    if (b->c.audit && strcmp(b->c.audit, AUDIT_SYSLOG) != 0)
        same_stat(&f[n++], "--audit", b->c.audit, -1);
    if (same_refuse(f, n, why) < 0)
        return -1;
    /* Standard error may share standard output (the user asked for "2>&1"), but not a file that was
     * named. Nor the jobs, where each message would become another job. */
    for (unsigned i = 0; i < n; i++) {
        struct same_file with[2] = {f[i]};

        same_stat(&with[1], "standard error", NULL, STDERR_FILENO);
        if ((i == 0 || f[i].path) && same_refuse(with, 2, why) < 0)
            return -1;
        if (i > 0 && f[i].path && same_source(f[i].option, f[i].path, b->c.batch.bundle, why) < 0)
            return -1;
    }
    return 0;
}

static unsigned resumes(const struct command *b)
{
    return (b->same ? RESUME_WRITE : 0) | (b->c.failed ? RESUME_FAILED : 0);
}

static int open_output(struct command *b, struct fault *why)
{
    b->files.output = &b->output;
    b->files.finished = &b->finished;
    b->files.failed = b->c.failed;
    if (!b->same && output_open(&b->output, b->c.output, STDOUT_FILENO, why) < 0)
        return -1;
    if (!b->c.resume)
        return 0;
    return output_resume_open(&b->output, b->c.resume, resumes(b), &b->resume, why);
}

static int page_fault(const struct command *b, const char *doing, struct fault *why)
{
    const char *refused = b->page.refused;

    return fault_set(why, STATUS_SETUP, refused ? 0 : errno, b->c.html, "%s%s%s", doing,
                     refused ? ": " : "", refused ? refused : "");
}

/* The page is written at the end; check now that it can be. */
static int open_page(struct command *b, struct fault *why)
{
    const char *path = b->c.html;

    if (path && (replace_open(&b->page, path) < 0 || replace_probe(&b->page) < 0))
        return page_fault(b, "opening it for the page", why);
    return 0;
}

/* The number of open descriptors, the standard streams included. */
static rlim_t open_now(void)
{
    DIR *dir = opendir("/proc/self/fd");
    rlim_t n = 0;

    if (!dir)
        return 3;
    while (readdir(dir))
        n++;
    closedir(dir);
    return n > 3 ? n - 3 : 0; /* ".", ".." and the directory itself */
}

/* Lower --jobs to what the descriptor limit allows, and the bundles kept for later jobs to what
 * then remains. The soft limit is low only for select(2), unused here. A box has its own. */
static int raise_files(struct command *b, struct fault *why)
{
    const rlim_t least = open_now() + BATCH_FILES;
    struct batch_options *o = &b->c.batch;
    struct rlimit files;
    rlim_t room;

    if (getrlimit(RLIMIT_NOFILE, &files) < 0)
        return fault_set(why, STATUS_SETUP, errno, "open files", "getrlimit");
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    room = files.rlim_max > least ? (files.rlim_max - least) / BATCH_FILES_A_JOB : 0;
    if (room == 0)
        return fault_set(
            why, STATUS_SETUP, 0, "open files",
            "even one job at a time needs %llu, but only %llu are allowed: raise ulimit -Hn",
            (unsigned long long)least + BATCH_FILES_A_JOB, (unsigned long long)files.rlim_max);
    if (room < o->jobs && b->c.verbose >= 0)
        fprintf(stderr,
                "runbox: --jobs: %u at once may need %llu open files, but only %llu are allowed "
                "(ulimit -Hn): running at most %llu\n",
                o->jobs, (unsigned long long)least + (rlim_t)o->jobs * BATCH_FILES_A_JOB,
                (unsigned long long)files.rlim_max, (unsigned long long)room);
    o->jobs = room < o->jobs ? (unsigned)room : o->jobs;
    o->kept = room - o->jobs < o->kept ? (unsigned)room - o->jobs : o->kept;
    return 0;
}

/* Open all that the front will have no right to open. */
static int open_files(struct command *b, struct fault *why)
{
    const char *parent = b->c.batch.cgroup_parent;
    struct cgroups unused;

    if (check_same(b, why) < 0 || raise_files(b, why) < 0 || open_input(b, why) < 0 ||
        open_output(b, why) < 0 || open_page(b, why) < 0)
        return -1;
    cgroups_prepare(b->c.batch.cgroup_parent);
    /* A wrong parent fails every run: report it before the first. */
    if (parent && cgroups_probe(&unused, parent, why) < 0)
        return -1;
    b->files.signals = input_signals(why);
    if (b->files.signals < 0)
        return -1;
    b->said = (struct sink){.fd = STDERR_FILENO};
    b->files.said = &b->said;
    b->files.verbose = b->c.verbose;
    return 0;
}

/* In the front: what is read of these files is parsed by it alone. */
static int read_results(struct command *b, struct fault *why)
{
    if (!b->c.resume)
        return 0;
    if (finished_open(&b->finished, why) < 0)
        return -1;
    return output_resume(b->resume, b->c.resume, resumes(b), b->files.signals, &b->finished,
                         &b->resumed, why);
}

static void say_resumed(const struct command *b)
{
    const struct resumed *r = &b->resumed;

    if (!b->c.resume || b->c.verbose < 0)
        return;
    if (r->broken)
        fprintf(stderr, "runbox: %s: %llu %s left out\n", b->c.resume,
                (unsigned long long)r->broken,
                r->broken == 1 ? "line is not a complete result and was"
                               : "lines are not complete results and were");
    if (r->cut)
        fprintf(stderr, "runbox: %s: its last line is incomplete; the job it belongs to %s\n",
                b->c.resume, b->c.failed ? "needs --resume to run again" : "runs again");
}

static int write_page(struct command *b, const char *ended, struct fault *why)
{
    struct page page = {&b->tally, b->c.batch.bundle, b->files.input_name,
                        b->begun,  b->end.took,       ended};
    autostr struct str text = {0};

    if (!b->c.html)
        return 0;
    page_write(&page, &text);
    if (text.failed)
        return fault_set(why, STATUS_SETUP, ENOMEM, b->c.html, "writing the page");
    return remote_page(b->remote, b->room, text.data, text.len, why);
}

/* In the broker. */
static int take_page(void *owner, const char *text, size_t n, struct fault *why)
{
    struct command *b = owner;

    if (replace_write(&b->page, text, n, b->files.signals) < 0)
        return page_fault(b, "writing the page", why);
    return 0;
}

static int status_of(const struct command *b, int r, const struct fault *why)
{
    if (r < 0)
        return status_exit(why->status, b->end.signo ? b->end.signo : SIGPIPE);
    if (b->end.signo)
        return status_exit(STATUS_CANCELLED, b->end.signo);
    if (b->end.late)
        return status_exit(STATUS_WALL_TIME, 0);
    return tally_failed(&b->tally) || b->end.skipped_failed || b->tally.absent ? 1 : 0;
}

/* From open files to exit status. */
static int batch_life(struct command *b)
{
    struct fault why = {0}, late;
    char stopped[64] = "";
    int r = read_results(b, &why), status;

    if (r == 0)
        r = tally_open(&b->tally, b->c.html != NULL, &why);
    if (r == 0) {
        say_resumed(b);
        b->begun = time(NULL);
        r = batch_run(&b->c.batch, &b->files, &b->tally, &b->end, &why);
    }
    if (r < 0 && why.status == STATUS_CANCELLED && !b->end.signo)
        input_stopped(b->files.signals, &b->end.signo, &why);
    if (r < 0)
        cmd_fault(&why);
    status = status_of(b, r, &why);
    if (b->end.signo)
        snprintf(stopped, sizeof stopped, "it was stopped by signal %d", b->end.signo);
    if (b->end.late)
        snprintf(stopped, sizeof stopped, "--timeout came first");
    if (b->end.took && write_page(b, r < 0 ? why.what : *stopped ? stopped : NULL, &late) < 0) {
        cmd_fault(&late);
        status = status ? status : status_exit(late.status, 0);
    }
    return status;
}

static int batch_front(struct command *b, const struct broker_wire *wire)
{
    struct fault why;
    int status;

    b->room = wire->room;
    tzset(); /* strftime(3) would open the time zone */
    sink_open(&b->output.sink);
    sink_open(&b->said);

    const int keep[] = {b->input,       b->resume,          b->output.own,
                        b->output.lock, b->output.sink.own, b->said.own};

    if (apart_enter(wire, NULL, keep, sizeof keep / sizeof keep[0], &b->remote, &b->files.signals,
                    &why) < 0)
        return cmd_fault(&why);
    b->c.batch.front = b->remote;
    status = batch_life(b);
    output_close(&b->output);
    finished_close(&b->finished);
    tally_close(&b->tally);
    return status;
}

/* In a process of its own. */
static int batch_monitor(void *owner, const char *path, int64_t index, int orders, int channel)
{
    const struct command *b = owner;
    const struct batch_options *o = &b->c.batch;
    const struct desk_options desk = {.fleet = batch_fleet(o),
                                      .path = path,
                                      .named = index >= 0,
                                      .jobs = true,
                                      .texts = o->options,
                                      .text_count = o->option_count};

    return apart_member(&desk, orders, channel);
}

/* Fork the front, and serve it: the exit status. */
static int batch_broker(struct command *b)
{
    struct fleet_options fleet = batch_fleet(&b->c.batch);
    char *bundles[] = {(char *)(uintptr_t)b->c.batch.bundle};
    const struct front front = {.grants = &b->c.batch.grants,
                                .bundles = bundles,
                                .bundle_count = b->c.batch.bundle ? 1 : 0,
                                .jobs = true,
                                .most = fleet_most(&fleet),
                                .makers = b->c.batch.kept + b->c.batch.jobs + MAKERS_ENDING,
                                .cgroup_parent = b->c.batch.cgroup_parent,
                                .store = b->c.batch.store,
                                .monitor = batch_monitor,
                                .page = b->c.html ? take_page : NULL,
                                .owner = b};
    struct broker broker = {.front = &front, .signals = b->files.signals, .store = -1};
    struct broker_wire wire;
    struct fault why = {0};
    int pid;

    if (b->c.audit && audit_open(b->c.audit, &broker.audit, &why) < 0)
        return cmd_fault(&why);
    pid = broker_fork(&broker, &wire, &why);
    if (pid == 0)
        exit(batch_front(b, &wire));
    return pid < 0 ? cmd_fault(&why) : apart_serve(&broker);
}

int cmd_batch(int argc, char **argv)
{
    struct command b = {.input = -1,
                        .resume = -1,
                        .room = -1,
                        .page = {.fd = -1, .end.dir = -1},
                        .output = {.own = -1, .lock = -1, .sink.own = -1}};
    struct fault why = {0};
    int r = batch_options_parse(argc, argv, &b.c);

    if (r == 0) {
        keys_no_core(); /* jobs may bring keys */
        r = open_files(&b, &why) < 0 ? cmd_fault(&why) : batch_broker(&b);
        output_close(&b.output);
        replace_close(&b.page);
    } else {
        r = r > 0 ? 0 : r == -1 ? status_exit(STATUS_USAGE, 0) : -r;
    }
    batch_options_free(&b.c);
    return r;
}
