/* The page's charts, as SVG: when each box ran, and how much runs used. */
#include <stdio.h>

#include "runtime/batch/page.h"

#define WIDTH 1040.0
#define LEFT  40.0
#define LANES 64 /* more are not drawn */
#define TOP   10.0

struct axis {
    double from, to; /* ns */
    double step;     /* between ticks */
};

static double x_of(const struct axis *a, double ns)
{
    return LEFT + (ns - a->from) / (a->to - a->from) * (WIDTH - LEFT - 16);
}

static struct axis axis_of(const struct tally *t)
{
    struct axis a = {.from = 1e300, .step = 1e3};
    static const double grow[] = {2, 2.5, 2}; /* 1, 2, 5, 10 */

    for (uint64_t i = 0; i < tally_recent_count(t); i++) {
        const struct tally_run *run = tally_recent(t, i);

        a.from = (double)run->begun < a.from ? (double)run->begun : a.from;
        a.to = (double)run->ended > a.to ? (double)run->ended : a.to;
    }
    if (a.to - a.from < 1e3)
        a.to = a.from + 1e3;
    for (unsigned i = 0; (a.to - a.from) / a.step > 9; i++)
        a.step *= grow[i % 3];
    return a;
}

static unsigned lanes_of(const struct tally *t)
{
    unsigned lanes = 0;

    for (uint64_t i = 0; i < tally_recent_count(t); i++)
        if (tally_recent(t, i)->lane >= lanes)
            lanes = tally_recent(t, i)->lane + 1;
    return lanes < LANES ? lanes : LANES;
}

static void add_ticks(const struct axis *a, double height, struct str *out)
{
    double first = (double)(uint64_t)(a->from / a->step) * a->step;
    char text[24];

    for (double at = first; at <= a->to; at += a->step) {
        if (at < a->from)
            continue;
        page_time(at / 1e3, text, sizeof text);
        str_addf(out,
                 "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.0f\" y2=\"%.0f\"/>"
                 "<text x=\"%.1f\" y=\"%.0f\" text-anchor=\"middle\">%s</text>\n",
                 x_of(a, at), x_of(a, at), TOP, height - 22, x_of(a, at), height - 7, text);
    }
}

static void add_run(const struct axis *a, const struct tally_run *run, double lane, struct str *out)
{
    double x = x_of(a, (double)run->begun), width = x_of(a, (double)run->ended) - x;
    char took[24];

    page_time((double)(run->ended - run->begun) / 1e3, took, sizeof took);
    str_addf(out, "<rect class=\"%s\" x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%.1f\"><title>",
             page_class(run->status), x, TOP + lane * run->lane, width > 0.5 ? width : 0.5,
             lane > 5 ? lane - 2 : lane * 0.8);
    page_text(out, run->id);
    str_addf(out, ": %s, %s</title></rect>\n", status_text(run->status), took);
}

void page_timeline(const struct tally *t, struct str *out)
{
    struct axis a = axis_of(t);
    unsigned lanes = lanes_of(t);
    double lane = lanes <= 8 ? 26 : lanes <= 24 ? 14 : 7, height = TOP + lanes * lane + 26;

    str_addf(out,
             "<svg id=\"timeline\" role=\"img\" aria-label=\"When each of the newest %llu runs "
             "began and "
             "ended, one row for each box that runs at once\" viewBox=\"0 0 %.0f %.0f\">\n",
             (unsigned long long)tally_recent_count(t), WIDTH, height);
    add_ticks(&a, height, out);
    for (unsigned i = 0; i < lanes; i += lanes > 24 ? 8 : 1)
        str_addf(out, "<text x=\"%.0f\" y=\"%.1f\" text-anchor=\"end\">%u</text>\n", LEFT - 8,
                 TOP + lane * i + lane / 2 + 3, i + 1);
    for (uint64_t i = 0; i < tally_recent_count(t); i++)
        if (tally_recent(t, i)->lane < lanes)
            add_run(&a, tally_recent(t, i), lane, out);
    str_adds(out, "</svg>\n");
}

/* The buckets from the first to the last that is not empty; returns the end. */
static unsigned range_of(const struct histogram *h, unsigned *first, uint64_t *most)
{
    unsigned end = 0;

    *first = TALLY_BUCKETS;
    *most = 1;
    for (unsigned i = 0; i < TALLY_BUCKETS; i++) {
        if (h->count[i] == 0)
            continue;
        *first = i < *first ? i : *first;
        *most = h->count[i] > *most ? h->count[i] : *most;
        end = i + 1;
    }
    return end;
}

#define COUNT(h, bucket) ((unsigned long long)(h)->count[bucket])

static void add_bar(const struct histogram *h, unsigned bucket, double left, double width,
                    uint64_t most, struct str *out)
{
    double share = (double)h->count[bucket] / (double)most;
    double height = h->count[bucket] == 0 ? 0 : share < 0.008 ? 1 : 125 * share;

    str_addf(out,
             "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%llu "
             "runs</title></rect>\n",
             left, 160 - height, width, height, COUNT(h, bucket));
    if (h->count[bucket] && width > 7.0 * snprintf(NULL, 0, "%llu", COUNT(h, bucket)))
        str_addf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%llu</text>\n",
                 left + width / 2, 154 - height, COUNT(h, bucket));
}

/* A label is at the left end of its bar, where its bucket begins. */
void page_histogram(const struct histogram *h, const char *name,
                    void (*label)(double, char *, size_t), struct str *out)
{
    uint64_t most;
    unsigned first, end = range_of(h, &first, &most), bars = end > first ? end - first : 1;
    unsigned each = (bars + 5) / 6;
    double step = 370.0 / (bars > 5 ? bars : 5), left = 14;
    char text[24];

    str_addf(
        out,
        "<svg class=\"hist\" id=\"%s\" role=\"img\" aria-label=\"Histogram of %s: runs by power of "
        "two\" viewBox=\"0 0 400 188\">\n<line x1=\"8\" x2=\"392\" y1=\"160\" y2=\"160\"/>\n",
        name, name);
    for (unsigned i = first; i < end; i++, left += step) {
        label(i ? (double)(1ull << i) : 0, text, sizeof text);
        add_bar(h, i, left, step * 0.86, most, out);
        if ((i - first) % each == 0)
            str_addf(out, "<text x=\"%.1f\" y=\"178\"%s>%s</text>\n", left > 345 ? 392 : left,
                     left > 345 ? " text-anchor=\"end\"" : "", text);
    }
    str_adds(out, "</svg>\n");
}
