/* `runbox batch`: the files of a batch are opened here, before any job is begun, and closed; what happens between is
 * runtime/fleet/batch.c's. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/cmd/batch_options.h"
#include "runtime/cmd/cmd.h"
#include "runtime/cmd/input.h"
#include "runtime/cmd/run_keys.h"
#include "runtime/fleet/page.h"

struct command {
    struct batch_command c;
    struct batch_files files;
    struct output output;
    struct known known;
    struct resumed resumed;
    struct tally tally;
    struct batch_end end;
    struct sink said;
    int input, html; /* -1: none of its own */
    time_t begun;
};

static int open_input(struct command *b, struct fault *why)
{
    const char *path = b->c.input;

    b->files.input = STDIN_FILENO;
    b->files.input_name = path ? path : "stdin";
    if (!path)
        return 0;
    /* open(2) of a FIFO would wait for its writer, deaf to signals. */
    b->input = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    b->files.input = b->input;
    return b->input < 0 ? fault_set(why, STATUS_INVALID, errno, path, "opening the jobs") : 0;
}

static int open_output(struct command *b, struct fault *why)
{
    const char *resume = b->c.resume, *output = b->c.output;
    bool same = resume && (!output || strcmp(resume, output) == 0);

    b->files.output = &b->output;
    b->files.known = &b->known;
    if (!same && output_open(&b->output, output, STDOUT_FILENO, why) < 0)
        return -1;
    if (!resume)
        return 0;
    if (known_open(&b->known, why) < 0)
        return -1;
    return output_resume(&b->output, resume, same, &b->known, &b->resumed, why);
}

/* The page is written at the end; that it can be is known before. */
static int open_page(struct command *b, struct fault *why)
{
    const char *path = b->c.html;

    if (!path)
        return 0;
    b->html = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);
    return b->html < 0 ? fault_set(why, STATUS_SETUP, errno, path, "opening it for the page") : 0;
}

/* The soft limit is low for the sake of select(2), which nobody here calls. A box keeps its own. */
static int raise_files(const struct command *b, struct fault *why)
{
    rlim_t need = BATCH_FILES + (rlim_t)BATCH_FILES_A_JOB * b->c.batch.jobs;
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) < 0)
        return fault_set(why, STATUS_SETUP, errno, "open files", "getrlimit");
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_max >= need || b->c.batch.jobs == 1)
        return 0;
    return fault_set(why, STATUS_SETUP, 0, "--jobs",
                     "%u at once need %llu open files, and %llu are allowed (ulimit -Hn)",
                     b->c.batch.jobs, (unsigned long long)need, (unsigned long long)files.rlim_max);
}

static int open_files(struct command *b, struct fault *why)
{
    if (raise_files(b, why) < 0 || open_input(b, why) < 0 || open_output(b, why) < 0 ||
        open_page(b, why) < 0)
        return -1;
    /* Not before: results that are read back may be long, and a signal then has nothing to save. */
    b->files.signals = input_signals(why);
    if (b->files.signals < 0)
        return -1;
    b->said = (struct sink){.fd = STDERR_FILENO};
    b->files.said = &b->said;
    b->files.verbose = b->c.verbose;
    return tally_open(&b->tally, b->c.html != NULL, why);
}

static void say_resumed(const struct command *b)
{
    const struct resumed *r = &b->resumed;

    if (!b->c.resume || b->c.verbose < 0)
        return;
    if (r->broken)
        fprintf(stderr, "runbox: %s: %llu lines are no whole results and were left out\n",
                b->c.resume, (unsigned long long)r->broken);
    if (r->cut)
        fprintf(stderr, "runbox: %s: its last line was not whole; that job is run again\n",
                b->c.resume);
}

static int write_all(int fd, const char *data, size_t n)
{
    while (n) {
        ssize_t done = write(fd, data, n);

        if (done < 0 && errno != EINTR)
            return -1;
        data += done > 0 ? done : 0;
        n -= done > 0 ? (size_t)done : 0;
    }
    return 0;
}

static int write_page(struct command *b, const char *ended, struct fault *why)
{
    struct page page = {&b->tally, b->c.batch.bundle, b->files.input_name,
                        b->begun,  b->end.took,       ended};
    autostr struct str text = {0};

    if (b->html < 0)
        return 0;
    page_write(&page, &text);
    if (text.failed)
        return fault_set(why, STATUS_SETUP, ENOMEM, b->c.html, "the page");
    /* Not a regular file (/dev/stdout): there is nothing to cut. */
    if ((ftruncate(b->html, 0) < 0 && errno != EINVAL) ||
        write_all(b->html, text.data, text.len) < 0)
        return fault_set(why, STATUS_SETUP, errno, b->c.html, "writing the page");
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
    return tally_failed(&b->tally) || b->end.skipped_failed ? 1 : 0;
}

/* From files to exit status. */
static int life(struct command *b)
{
    struct fault why = {0}, late;
    char stopped[64] = "";
    int r = open_files(b, &why), status;

    if (r == 0) {
        say_resumed(b);
        b->begun = time(NULL);
        r = batch_run(&b->c.batch, &b->files, &b->tally, &b->end, &why);
    }
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

int cmd_batch(int argc, char **argv)
{
    struct command b = {.input = -1, .html = -1, .output = {.own = -1}};
    int r = batch_options_parse(argc, argv, &b.c);

    if (r == 0) {
        keys_no_core();
        /* Jobs may bring keys. An ordinary user's boxes could not be made any more: see keys_load(). */
        if (geteuid() == 0)
            prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
        r = life(&b);
        output_close(&b.output);
        known_close(&b.known);
        tally_close(&b.tally);
    } else {
        r = r > 0 ? 0 : status_exit(STATUS_USAGE, 0);
    }
    batch_options_free(&b.c);
    return r;
}
