/* Progress for people. A terminal that takes nothing (Ctrl-S) blocks nothing: what it has no
 * room for is not shown. Ids and messages are untrusted: nothing in them can move the cursor. */
#include "runtime/batch/progress.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "runtime/caller/terminal.h"
#include "runtime/wire/text.h"

#define EVERY_NS   100000000ull
#define UNREAD     65536 /* bytes that may wait for a slow reader */
#define BAR_LEAST  8
#define BAR_MOST   24
#define AROUND_BAR 9 /* "[] 100%  " */

void progress_open(struct progress *p, const struct tally *t, struct sink *to, int verbose,
                   uint64_t now)
{
    *p = (struct progress){.tally = t, .to = to, .verbose = verbose, .begun = now, .due = now};
    p->bar = to && verbose >= 0 && terminal_moves(to->fd);
}

static void clear(struct progress *p)
{
    if (p->drawn)
        str_adds(&p->to->pending, "\r\033[K");
    p->drawn = false;
}

void progress_result(struct progress *p, const char *id, const struct report *r)
{
    struct str *out;

    if (!p->to || p->verbose < 1 || r->status == STATUS_OK || sink_waiting(p->to) > UNREAD)
        return;
    out = &p->to->pending;
    clear(p);
    str_adds(out, "runbox: job ");
    text_visible(out, id, strlen(id));
    str_addf(out, ": %s: ", status_text(r->status));
    for (const char *at = r->message, *end; *at; at = end) {
        end = strchrnul(at, '\n');
        text_visible(out, at, (size_t)(end - at));
        str_addc(out, '\n');
        end += *end == '\n';
        if (*end)
            str_adds(out, "    ");
    }
    if (!*r->message)
        str_addc(out, '\n');
    sink_flush(p->to);
}

static void add_clock(struct str *out, double seconds)
{
    unsigned long long s = seconds < 360000 ? (unsigned long long)seconds : 359999;

    if (s >= 3600)
        str_addf(out, "%llu:%02llu:%02llu", s / 3600, s / 60 % 60, s % 60);
    else
        str_addf(out, "%llu:%02llu", s / 60, s % 60);
}

static void add_bar(struct str *out, double part, unsigned width)
{
    unsigned full = (unsigned)(part * width);

    str_addc(out, '[');
    for (unsigned i = 0; i < width; i++)
        str_addc(out, i < full ? '#' : '.');
    str_addf(out, "] %3u%%  ", (unsigned)(part * 100));
}

static unsigned columns(const struct progress *p)
{
    struct winsize size;

    return ioctl(p->to->fd, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

static void add_counts(const struct progress *p, double part, unsigned running, double seconds,
                       struct str *out)
{
    const struct tally *t = p->tally;

    str_addf(out, "%llu done, %llu failed, %u running, %.0f/s", (unsigned long long)t->done,
             (unsigned long long)tally_failed(t), running, (double)t->done / seconds);
    if (t->skipped)
        str_addf(out, ", %llu done before", (unsigned long long)t->skipped);
    if (part > 0.001) {
        str_adds(out, ", ETA ");
        add_clock(out, seconds * (1 - part) / part);
    }
}

/* Draw one line that fits the terminal: a longer one would wrap, and could not be cleared. The
 * bar gets the columns that the counts leave. */
static void add_line(struct progress *p, double part, unsigned running, double seconds)
{
    struct str *out = &p->to->pending;
    autostr struct str counts = {0};
    size_t width = columns(p) - 1, room;

    add_counts(p, part, running, seconds, &counts);
    room = width > counts.len + AROUND_BAR ? width - counts.len - AROUND_BAR : 0;
    str_addc(out, '\r');
    if (part >= 0 && room >= BAR_LEAST)
        add_bar(out, part, room < BAR_MOST ? (unsigned)room : BAR_MOST);
    str_add(out, counts.data, counts.len < width ? counts.len : width);
    str_adds(out, "\033[K");
}

int progress_draw(struct progress *p, double part, unsigned running, uint64_t now)
{
    if (!p->to)
        return -1;
    sink_flush(p->to);
    if (!p->bar)
        return -1;
    if (now < p->due)
        return (int)((p->due - now) / 1000000) + 1;
    p->due = now + EVERY_NS;
    if (sink_waiting(p->to) == 0) {
        add_line(p, part, running, (double)(now - p->begun + 1) / 1e9);
        p->drawn = true;
        sink_flush(p->to);
    }
    return (int)(EVERY_NS / 1000000);
}

void progress_summary(struct progress *p, uint64_t took, const char *stopped)
{
    const struct tally *t = p->tally;
    double seconds = (double)(took + 1) / 1e9;
    struct str *out;
    char before = ':';

    if (!p->to || p->verbose < 0)
        return;
    out = &p->to->pending;
    clear(p);
    str_addf(out, "runbox: %llu job%s in %.2f s, %.0f a second", (unsigned long long)t->done,
             t->done == 1 ? "" : "s", seconds, (double)t->done / seconds);
    for (int i = 0; i < STATUS__COUNT; i++) {
        if (t->status[i] == 0)
            continue;
        str_addf(out, "%c %llu %s", before, (unsigned long long)t->status[i],
                 status_text((enum status)i));
        before = ',';
    }
    if (t->skipped)
        str_addf(out, "; %llu done before", (unsigned long long)t->skipped);
    if (t->absent)
        str_addf(out, "; %llu without a result to retry", (unsigned long long)t->absent);
    if (t->retried)
        str_addf(out, "; %llu retries", (unsigned long long)t->retried);
    if (t->lack)
        str_addf(out, "; at times no more than %u at once: %s%s", t->room, strerror(t->lack),
                 t->lack == EAGAIN ? " (ulimit -u, or pids.max of a cgroup)" : "");
    if (t->dropped)
        str_addf(out, "; %llu ended without a result", (unsigned long long)t->dropped);
    if (stopped)
        str_addf(out, "; %s", stopped);
    str_addc(out, '\n');
    sink_flush(p->to);
}
