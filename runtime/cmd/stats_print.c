/* Every name in the numbers comes from the server: made visible, or escaped as the format asks. */
#include "runtime/cmd/stats_print.h"

#include <string.h>

#include "runtime/wire/text.h"

typedef unsigned long long ull;

static uint64_t runs_of(const struct stats_bundle *b)
{
    uint64_t n = 0;

    for (int i = 0; i < STATUS__COUNT; i++)
        n += b->runs[i];
    return n;
}

static void add_time(struct str *out, uint64_t ms)
{
    ull s = ms / 1000;

    if (s >= 86400)
        str_addf(out, "%llud ", s / 86400);
    if (s >= 3600)
        str_addf(out, "%lluh ", s / 3600 % 24);
    if (s >= 60)
        str_addf(out, "%llum ", s / 60 % 60);
    str_addf(out, "%llus", s % 60);
}

static void stats_print_add_row(const struct stats_bundle *b, int width, struct str *out)
{
    autostr struct str name = {0};

    text_visible(&name, b->name, strlen(b->name));
    str_addf(out, "%-*s %9llu %9llu %6llu %7llu %6llu %5llu %6llu %8llu %7llu", width,
             name.failed ? "" : name.data, (ull)runs_of(b), (ull)b->runs[STATUS_OK], (ull)b->busy,
             (ull)b->running, (ull)b->queued, (ull)b->warm, (ull)b->lost, (ull)b->restarts,
             (ull)b->reloads);
    for (unsigned i = 0; i < 3; i++)
        str_addf(out, " %9.3f",
                 (double)latency_quantile(&b->latency, (unsigned[]){500, 990, 999}[i]) / 1000);
    str_addc(out, '\n');
    for (int i = 0; i < STATUS__COUNT; i++)
        if (b->runs[i] && i != STATUS_OK)
            str_addf(out, "  %-*s %9llu\n", width - 2, status_text((enum status)i),
                     (ull)b->runs[i]);
}

void stats_table(const struct stats *s, struct str *out)
{
    int width = 14;

    for (size_t i = 0; i < s->count; i++)
        if ((int)strlen(s->bundle[i].name) > width)
            width = (int)strlen(s->bundle[i].name);
    str_adds(out, "up ");
    add_time(out, s->uptime_ms);
    str_addf(out, "%s, %llu of %llu runs, queues of %llu, %llu of %llu connections\n",
             s->draining ? ", stopping" : "", (ull)s->running, (ull)s->running_max,
             (ull)s->queue_max, (ull)s->connections, (ull)s->connections_max);
    str_addf(out,
             "turned away: %llu as too many, %llu as not allowed; "
             "%llu start lines named no bundle\n",
             (ull)s->connections_busy, (ull)s->connections_refused, (ull)s->unnamed);
    str_addf(out, "%-*s %9s %9s %6s %7s %6s %5s %6s %8s %7s %9s %9s %9s\n", width, "BUNDLE", "RUNS",
             "OK", "BUSY", "RUNNING", "QUEUED", "WARM", "LOST", "RESTARTS", "RELOADS", "P50 ms",
             "P99 ms", "P99.9 ms");
    for (size_t i = 0; i < s->count; i++)
        stats_print_add_row(&s->bundle[i], width, out);
}

static void head(struct str *out, const char *name, const char *type, const char *text)
{
    str_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, text, name, type);
}

static void add_label(struct str *out, const char *text)
{
    str_adds(out, "{bundle=\"");
    for (; *text; text++) {
        if (*text == '\\' || *text == '"')
            str_addc(out, '\\');
        if (*text == '\n')
            str_adds(out, "\\n");
        else
            str_addc(out, *text);
    }
    str_addc(out, '"');
}

static void whole(struct str *out, const char *name, const char *type, const char *text,
                  uint64_t value)
{
    head(out, name, type, text);
    str_addf(out, "%s %llu\n", name, (ull)value);
}

static const struct {
    const char *name, *type, *text;
    size_t at; /* in struct stats_bundle */
} columns[] = {
#define COLUMN(name, type, text, member) \
    {"runbox_" name, type, text, __builtin_offsetof(struct stats_bundle, member)}
    COLUMN("busy_total", "counter", "Start lines that found the queue full.", busy),
    COLUMN("running", "gauge", "Runs under way.", running),
    COLUMN("queued", "gauge", "Start lines waiting.", queued),
    COLUMN("warm_boxes", "gauge", "Boxes waiting for a run.", warm),
    COLUMN("template_restarts_total", "counter", "Templates that died and were replaced.",
           restarts),
    COLUMN("boxes_lost_total", "counter",
           "Boxes that died before reading a start line, and were replaced.", lost),
    COLUMN("reloads_total", "counter", "Times the bundle was reloaded after a change.", reloads),
#undef COLUMN
};

static void add_columns(const struct stats *s, struct str *out)
{
    for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++) {
        head(out, columns[c].name, columns[c].type, columns[c].text);
        for (size_t i = 0; i < s->count; i++) {
            uint64_t value;

            memcpy(&value, (const char *)&s->bundle[i] + columns[c].at, sizeof value);
            str_adds(out, columns[c].name);
            add_label(out, s->bundle[i].name);
            str_addf(out, "} %llu\n", (ull)value);
        }
    }
}

static void add_runs(const struct stats *s, struct str *out)
{
    head(out, "runbox_runs_total", "counter", "Runs that have ended, by status.");
    for (size_t i = 0; i < s->count; i++)
        for (int j = 0; j < STATUS__COUNT; j++) {
            str_adds(out, "runbox_runs_total");
            add_label(out, s->bundle[i].name);
            str_addf(out, ",status=\"%s\"} %llu\n", status_text((enum status)j),
                     (ull)s->bundle[i].runs[j]);
        }
}

/* Powers of two of microseconds, from 128 on: each is also an edge of the server's buckets. */
#define EDGES 20

static void add_histogram(const struct stats_bundle *b, struct str *out)
{
    static const char name[] = "runbox_run_duration_seconds";
    uint64_t seen = 0;
    unsigned at = 0;

    for (unsigned e = 0; e < EDGES; e++) {
        for (; latency_edge(at) < (128ull << e); at++)
            seen += b->latency.bucket[at];
        str_addf(out, "%s_bucket", name);
        add_label(out, b->name);
        str_addf(out, ",le=\"%.6f\"} %llu\n", (double)(128ull << e) / 1e6, (ull)seen);
    }
    str_addf(out, "%s_bucket", name);
    add_label(out, b->name);
    str_addf(out, ",le=\"+Inf\"} %llu\n%s_sum", (ull)b->latency.count, name);
    add_label(out, b->name);
    str_addf(out, "} %.6f\n%s_count", (double)b->latency.sum_us / 1e6, name);
    add_label(out, b->name);
    str_addf(out, "} %llu\n", (ull)b->latency.count);
}

void stats_prometheus(const struct stats *s, struct str *out)
{
    head(out, "runbox_uptime_seconds", "gauge", "Time since the server started.");
    str_addf(out, "runbox_uptime_seconds %.3f\n", (double)s->uptime_ms / 1000);
    whole(out, "runbox_draining", "gauge", "1 once the server was told to stop.", s->draining);
    whole(out, "runbox_connections", "gauge", "Open connections.", s->connections);
    whole(out, "runbox_connections_max", "gauge", "Connections served at once, at most.",
          s->connections_max);
    whole(out, "runbox_connections_refused_total", "counter",
          "Connections of users that are not allowed.", s->connections_refused);
    whole(out, "runbox_connections_busy_total", "counter",
          "Connections closed because others were waiting for a place.", s->connections_busy);
    whole(out, "runbox_running_max", "gauge", "Runs under way at once, at most.", s->running_max);
    whole(out, "runbox_queue_max", "gauge", "Start lines of a bundle that wait, at most.",
          s->queue_max);
    whole(out, "runbox_unnamed_total", "counter", "Start lines in error that named no bundle.",
          s->unnamed);
    add_runs(s, out);
    add_columns(s, out);
    head(out, "runbox_run_duration_seconds", "histogram",
         "From the start line to the Exit of runs that had a box.");
    for (size_t i = 0; i < s->count; i++)
        add_histogram(&s->bundle[i], out);
}
