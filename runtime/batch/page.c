/* The page: facts, statuses, timeline, histograms, the slowest jobs. Ids and paths are
 * untrusted: they cannot become markup, and the page's policy allows no script and no external
 * source. */
#include "runtime/batch/page.h"

#include <stdio.h>
#include <string.h>

#include "runtime/wire/text.h"

void page_text(struct str *out, const char *text)
{
    autostr struct str shown = {0};

    text_visible(&shown, text, strlen(text));
    for (size_t i = 0; i < shown.len; i++) {
        switch (shown.data[i]) {
        case '<':
            str_adds(out, "&lt;");
            break;
        case '>':
            str_adds(out, "&gt;");
            break;
        case '&':
            str_adds(out, "&amp;");
            break;
        case '"':
            str_adds(out, "&quot;");
            break;
        default:
            str_addc(out, shown.data[i]);
        }
    }
}

const char *page_class(enum status status)
{
    switch (status) {
    case STATUS_OK:
        return "ok";
    case STATUS_CPU_TIME:
    case STATUS_WALL_TIME:
    case STATUS_INSTRUCTIONS:
    case STATUS_MEMORY:
    case STATUS_OUTPUT:
        return "limit";
    case STATUS_PROTOCOL:
    case STATUS_SYSCALL:
    case STATUS_SIGNAL:
        return "breach";
    case STATUS_SETUP:
    case STATUS_CANCELLED:
        return "host";
    default:
        return "error";
    }
}

void page_time(double us, char *out, size_t size)
{
    if (us < 1000)
        snprintf(out, size, "%.3g \xc2\xb5s", us);
    else if (us < 1e6)
        snprintf(out, size, "%.3g ms", us / 1e3);
    else if (us < 120e6)
        snprintf(out, size, "%.4g s", us / 1e6);
    else
        snprintf(out, size, "%llu:%02llu min", (unsigned long long)(us / 60e6),
                 (unsigned long long)(us / 1e6) % 60);
}

void page_size(double bytes, char *out, size_t size)
{
    static const char *const unit[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    unsigned i = 0;

    for (; bytes >= 1024 && i < 4; i++)
        bytes /= 1024;
    snprintf(out, size, "%.4g %s", bytes, unit[i]);
}

static void add_fact(struct str *out, const char *name, const char *id, const char *value)
{
    str_addf(out, "<div><dt>%s</dt><dd id=\"%s\">%s</dd></div>\n", name, id, value);
}

static void add_count(struct str *out, const char *name, const char *id, uint64_t count)
{
    char text[24];

    snprintf(text, sizeof text, "%llu", (unsigned long long)count);
    add_fact(out, name, id, text);
}

static void add_facts(const struct page *p, struct str *out)
{
    const struct tally *t = p->tally;
    char text[24];

    str_adds(out, "<dl class=\"facts\">\n");
    add_count(out, "results", "done", t->done);
    add_count(out, "ok", "ok", t->status[STATUS_OK]);
    add_count(out, "failed", "failed", tally_failed(t));
    if (t->skipped)
        add_count(out, "done before", "skipped", t->skipped);
    if (t->retried)
        add_count(out, "retries", "retried", t->retried);
    page_time((double)p->took / 1e3, text, sizeof text);
    add_fact(out, "took", "took", text);
    snprintf(text, sizeof text, "%.4g", p->took ? (double)t->done * 1e9 / (double)p->took : 0.0);
    add_fact(out, "a second", "rate", text);
    str_adds(out, "</dl>\n");
}

static void add_head(const struct page *p, struct str *out)
{
    struct tm utc;
    char when[40] = "";

    if (gmtime_r(&p->begun, &utc))
        strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S UTC", &utc);
    str_adds(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                  "style-src 'unsafe-inline'\">\n<title>runbox batch: ");
    page_text(out, p->bundle ? p->bundle : p->input);
    str_adds(out, "</title>\n");
    page_style(out);
    str_adds(out, "</head>\n<body>\n<main>\n<h1>runbox batch</h1>\n<p class=\"soft\">");
    if (p->bundle) {
        page_text(out, p->bundle);
        str_adds(out, " \xc2\xb7 ");
    }
    str_adds(out, "jobs from ");
    page_text(out, p->input);
    str_addf(out, " \xc2\xb7 begun %s</p>\n", when);
    if (p->ended) {
        str_adds(out, "<p class=\"ended\" id=\"ended\">Not all jobs were done: ");
        page_text(out, p->ended);
        str_adds(out, "</p>\n");
    }
}

static void add_statuses(const struct tally *t, struct str *out)
{
    str_adds(out,
             "<h2>Statuses</h2>\n<table id=\"statuses\"><thead><tr><th>status</th><th "
             "class=\"n\">results</th><th class=\"n\">share</th><th></th></tr></thead>\n<tbody>\n");
    for (int i = 0; i < STATUS__COUNT; i++) {
        double share = t->done ? 100.0 * (double)t->status[i] / (double)t->done : 0;

        if (t->status[i])
            str_addf(
                out,
                "<tr data-status=\"%s\" data-count=\"%llu\"><td>%s</td><td class=\"n\">%llu</td>"
                "<td class=\"n\">%.3g%%</td><td class=\"share\"><i class=\"%s\" "
                "style=\"width:%.2f%%\"></i></td></tr>\n",
                status_text((enum status)i), (unsigned long long)t->status[i],
                status_text((enum status)i), (unsigned long long)t->status[i], share,
                page_class((enum status)i), share);
    }
    str_adds(out, "</tbody></table>\n");
}

static void add_timeline(const struct tally *t, struct str *out)
{
    str_addf(out,
             "<h2>Timeline</h2>\n<figure><figcaption class=\"soft\">The newest %llu of %llu runs, "
             "one row "
             "for each box that runs at once.<br><i class=\"key ok\"></i>ok<i class=\"key "
             "error\"></i>error, "
             "invalid, refused<i class=\"key limit\"></i>a limit<i class=\"key "
             "breach\"></i>syscall, signal, "
             "protocol<i class=\"key host\"></i>setup</figcaption>\n",
             (unsigned long long)tally_recent_count(t), (unsigned long long)t->runs);
    page_timeline(t, out);
    str_adds(out, "</figure>\n");
}

static void add_histograms(const struct tally *t, struct str *out)
{
    static const char figure[] = "<figure><figcaption class=\"soft\">%s; maximum %s</figcaption>\n";
    char most[24], peak[96] = "Memory at its peak";

    if (t->by_process)
        snprintf(peak, sizeof peak, "Memory at its peak (of %llu runs, of the process alone)",
                 (unsigned long long)t->by_process);
    str_adds(out, "<h2>What runs used</h2>\n<div class=\"two\">\n");
    page_size((double)t->memory.max, most, sizeof most);
    str_addf(out, figure, peak, most);
    page_histogram(&t->memory, "memory", page_size, out);
    page_time((double)t->cpu.max, most, sizeof most);
    str_adds(out, "</figure>\n");
    str_addf(out, figure, "CPU time", most);
    page_histogram(&t->cpu, "cpu", page_time, out);
    page_time((double)t->wall.max, most, sizeof most);
    str_adds(out, "</figure>\n");
    str_addf(out, figure, "Time from start to end", most);
    page_histogram(&t->wall, "wall", page_time, out);
    str_adds(out, "</figure>\n</div>\n");
}

static void add_slowest(const struct tally *t, struct str *out)
{
    char took[24], begun[24];

    str_adds(
        out,
        "<h2>Slowest jobs</h2>\n<table id=\"slowest\"><thead><tr><th>id</th><th>status</th><th "
        "class=\"n\">took</th><th class=\"n\">begun after</th></tr></thead>\n<tbody>\n");
    for (unsigned i = 0; i < t->slow; i++) {
        const struct tally_run *run = &t->slowest[i];

        page_time((double)(run->ended - run->begun) / 1e3, took, sizeof took);
        page_time((double)run->begun / 1e3, begun, sizeof begun);
        str_adds(out, "<tr><td class=\"id\">");
        page_text(out, run->id);
        str_addf(out, "</td><td>%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td></tr>\n",
                 status_text(run->status), took, begun);
    }
    str_adds(out, "</tbody></table>\n");
}

void page_write(const struct page *p, struct str *out)
{
    add_head(p, out);
    add_facts(p, out);
    add_statuses(p->tally, out);
    if (p->tally->runs) {
        add_timeline(p->tally, out);
        add_histograms(p->tally, out);
        add_slowest(p->tally, out);
    }
    str_adds(out, "<p class=\"soft\">Written by runbox " RUNBOX_VERSION
                  ".</p>\n</main>\n</body>\n</html>\n");
}
