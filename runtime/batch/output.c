/* Results out, and back in for --resume. Trusts a file to be results only if its lines say so,
 * since it will be cut and written to. */
#include "runtime/batch/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/lock.h"
#include "runtime/base/path.h"
#include "runtime/json/json.h"
#include "runtime/wire/lines.h"
#include "runtime/wire/result.h"
#include "runtime/wire/text.h"

/* Fits a result of 1 MiB, a log and a report several times over. */
#define LINE_MAX_BYTES (8u << 20)

#define BEGINNING "{\"id\":"

/* Whether a line is the remains of a result: it begins as one, and is no other JSON. A crash of
 * the host may leave NULs in place of the last bytes written. */
static bool is_broken_result(const char *line, size_t n)
{
    size_t most = strlen(BEGINNING), at;
    const char *error;
    bool nuls = n && (!*line || !line[n - 1]);

    for (; n && !*line; n--)
        line++;
    while (n && !line[n - 1])
        n--;
    return memcmp(line, BEGINNING, n < most ? n : most) == 0 &&
           (nuls || json_check(line, n, &error, &at) < 0);
}

struct reader {
    struct lines lines;
    const char *path;
    uint64_t line, whole; /* lines and their bytes so far */
    bool last;            /* the last line of an id counts, whatever its status */
    int signals;          /* readable: stop; or -1 */
    struct finished *done;
    struct resumed *found;
    struct fault *why;
};

static int not_results(const struct reader *r)
{
    return fault_set(r->why, STATUS_INVALID, 0, r->path,
                     "line %llu is no result of runbox batch: is this the right file?",
                     (unsigned long long)r->line);
}

/* A failure of the host, or a cancelled run, is worth another run: for --resume it is no result. */
static int take_result(struct reader *r, const char *line, size_t n)
{
    autostr struct str key = {0};
    struct result_head head;

    r->line++;
    r->whole += n + 1;
    if (line_is_blank(line, n))
        return 0;
    if (result_head(line, n, &head) < 0) {
        r->found->broken++;
        return is_broken_result(line, n) ? 0 : not_results(r);
    }
    if (head.status == STATUS_SETUP || head.status == STATUS_CANCELLED) {
        r->found->again++;
        if (!r->last)
            return 0;
    } else {
        r->found->done++;
    }
    result_key(head.id, head.id_len, head.line, &key);
    if (key.failed)
        return fault_set(r->why, STATUS_SETUP, ENOMEM, r->path, "reading it");
    return finished_add(r->done, key.data, key.len, head.status == STATUS_OK, r->why);
}

static int output_read_all(struct reader *r, int fd)
{
    struct pollfd p[2] = {{fd, POLLIN, 0}, {r->signals, POLLIN, 0}};
    char *line;
    size_t n;
    int got;

    for (;;) {
        while ((got = lines_next(&r->lines, &line, &n)) > 0)
            if (take_result(r, line, n) < 0)
                return -1;
        r->line += got < 0;
        if (got < 0)
            return not_results(r);
        if (r->lines.eof)
            return 0;
        /* A pipe's writer may be slow; before there is one, read(2) would report end of file. */
        if (poll(p, 2, -1) < 0 && errno != EINTR)
            return fault_set(r->why, STATUS_INVALID, errno, r->path, "reading it");
        if (p[1].revents)
            return fault_set(r->why, STATUS_CANCELLED, 0, r->path, "stopped while reading it");
        if (lines_fill(&r->lines, fd) < 0 && errno != EINTR && errno != EAGAIN)
            return fault_set(r->why, STATUS_INVALID, errno, r->path, "reading it");
    }
}

/* Take the bytes after the last newline: a result that lacks only the newline, one that was
 * being written, or other content. */
static int take_rest(struct reader *r, int fd, bool mend)
{
    struct result_head head;
    char *rest;
    size_t n = lines_rest(&r->lines, &rest);

    if (line_is_blank(rest, n))
        return 0;
    if (result_head(rest, n, &head) == 0) {
        if (mend && write(fd, "\n", 1) != 1)
            return fault_set(r->why, STATUS_SETUP, errno, r->path, "ending its last line");
        return take_result(r, rest, n);
    }
    r->found->cut = true;
    r->line++;
    if (!is_broken_result(rest, n) && result_head(rest, n, &head) < 0)
        return not_results(r);
    if (mend && ftruncate(fd, (off_t)r->whole) < 0)
        return fault_set(r->why, STATUS_SETUP, errno, r->path, "cutting off its last line");
    return 0;
}

/* Opening or reading PATH failed, or was refused. */
static int output_failed(struct fault *why, enum status status, const char *path, const char *doing,
                         const char *refused)
{
    if (refused)
        return fault_set(why, status, 0, path, "%s: %s", doing, refused);
    return fault_set(why, status, errno, path, "%s", doing);
}

/* Two batches writing one file would run everything twice. A device may be shared. */
static int lock(int fd, const char *path, struct fault *why)
{
    struct stat st;

    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || lock_file(fd) == 0)
        return 0;
    return fault_set(why, STATUS_SETUP, 0, path, "another runbox batch is writing to it");
}

/* Accept and lock what can be cut and appended to; a device holds nothing. */
static int check_file(int fd, const char *path, struct fault *why)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return fault_set(why, STATUS_INVALID, errno, path, "opening the results");
    if (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode))
        return fault_set(why, STATUS_INVALID, 0, path,
                         "is a pipe: results that are read and added to are kept in a file");
    return lock(fd, path, why);
}

int output_resume_open(struct output *o, const char *path, unsigned how, int *fd, struct fault *why)
{
    bool write = how & RESUME_WRITE, last = how & RESUME_FAILED;
    int flags = write ? O_RDWR | O_APPEND | (last ? 0 : O_CREAT) : O_RDONLY;
    const char *refused = NULL;

    *fd = path_open(path, flags | O_NOCTTY | O_NONBLOCK, 0644, &refused);
    if (*fd < 0)
        return output_failed(why, refused ? STATUS_SETUP : STATUS_INVALID, path,
                             "opening the results", refused);
    if (!write)
        return 0;
    *o = (struct output){.sink = {.fd = *fd}, .where = path, .own = *fd, .lock = -1};
    return check_file(*fd, path, why);
}

int output_resume(int fd, const char *path, unsigned how, int signals, struct finished *done,
                  struct resumed *found, struct fault *why)
{
    struct reader r = {.path = path,
                       .last = how & RESUME_FAILED,
                       .signals = signals,
                       .done = done,
                       .found = found,
                       .why = why};
    int status;

    *found = (struct resumed){0};
    lines_open(&r.lines, LINE_MAX_BYTES);
    status = output_read_all(&r, fd);
    if (status == 0)
        status = take_rest(&r, fd, how & RESUME_WRITE);
    lines_close(&r.lines);
    return status;
}

/* A lock may need a readable descriptor. If we can write the file but not read it, others cannot
 * read it either, and so cannot lock it. */
static int lock_own(struct output *o, const char *path, struct fault *why)
{
    char own[32];
    struct stat st;

    if (fstat(o->own, &st) < 0 || !S_ISREG(st.st_mode))
        return 0;
    snprintf(own, sizeof own, "/proc/self/fd/%d", o->own);
    o->lock = open(own, O_RDWR | O_CLOEXEC | O_NOCTTY);
    return lock(o->lock < 0 ? o->own : o->lock, path, why);
}

/* End a line that a crash cut short: by itself it is not taken for a result. */
static void mend_end(struct output *o)
{
    struct stat st;
    char last;

    if (o->lock >= 0 && fstat(o->lock, &st) == 0 && st.st_size > 0 &&
        pread(o->lock, &last, 1, st.st_size - 1) == 1 && last != '\n')
        str_addc(&o->sink.pending, '\n');
}

int output_open(struct output *o, const char *path, int fd, struct fault *why)
{
    int flags = O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_NONBLOCK;
    const char *refused = NULL;

    *o =
        (struct output){.sink = {.fd = fd}, .where = path ? path : "output", .own = -1, .lock = -1};
    o->tty = !path && isatty(fd);
    if (!path && (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
        return fault_set(why, STATUS_SETUP, 0, "standard output",
                         "it is closed, or not open for writing: where are results to go? "
                         "(--output FILE)");
    if (!path)
        return 0;
    o->own = path_open(path, flags, 0644, &refused);
    o->sink.fd = o->own;
    if (o->own < 0)
        return output_failed(why, STATUS_SETUP, path, "opening it for the results", refused);
    if (lock_own(o, path, why) < 0)
        return -1;
    mend_end(o);
    return 0;
}

void output_close(struct output *o)
{
    str_free(&o->sink.pending);
    if (o->own >= 0)
        close(o->own);
    if (o->lock >= 0)
        close(o->lock);
    o->own = o->lock = -1;
}

void output_line(struct output *o, const char *line, size_t n)
{
    if (o->tty)
        text_json_visible(&o->sink.pending, (struct span){line, n});
    else
        str_add(&o->sink.pending, line, n);
    sink_flush(&o->sink);
    if (o->sink.lost && !o->sink.broken) /* sink_flush() has reset .pending.failed */
        o->sink.broken = ENOMEM;
}

int output_check(const struct output *o, struct fault *why)
{
    if (!o->sink.broken)
        return 0;
    if (o->sink.broken == EPIPE || o->sink.broken == ECONNRESET)
        return fault_set(why, STATUS_CANCELLED, 0, o->where, "the reader of the results has gone");
    return fault_set(why, STATUS_SETUP, o->sink.broken, o->where, "writing the results");
}
