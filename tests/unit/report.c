/* A report's numbers, printed without printf(3): each reads back as what it was, in its unit, with no digit lost. */
#include "runtime/caller/report.h"

#include <string.h>

#include "runtime/json/json.h"
#include "tests/unit/tap.h"

static struct report sample(void)
{
    struct report r = {.status = STATUS_OK,
                       .bundle = "b",
                       .digest = "d",
                       .inherited = {[0 ... RLIM__COUNT - 1] = LIMIT_NONE},
                       .have_enforced = 1};

    for (int i = 0; i < LIMIT__COUNT; i++) {
        r.enforced[i].asked = r.enforced[i].effective = LIMIT_NONE;
        strcpy(r.enforced[i].layer, "none");
    }
    return r;
}

static bool prints(const struct report *r, const char *part)
{
    autostr struct str text = {0};
    const char *error;
    size_t at;
    bool found;

    report_json(r, &text);
    found = strstr(text.data, part) && json_check(text.data, text.len, &error, &at) == 0;
    if (!found)
        printf("# %s\n", text.data);
    return found;
}

static void milliseconds(void)
{
    static const struct {
        uint64_t ns;
        const char *text;
    } row[] = {
        {0, "0.000"},
        {999, "0.000"},
        {1000, "0.001"},
        {209999, "0.209"},
        {1000000, "1.000"},
        {12345678901, "12345.678"},
        {UINT64_MAX, "18446744073709.551"},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct report r = sample();
        char part[64];

        r.wall_ns = row[i].ns;
        snprintf(part, sizeof part, "\"wall_ms\":%s,", row[i].text);
        ok(prints(&r, part), "%s", part);
    }
}

static void inherited(void)
{
    struct report r = sample();

    ok(!prints(&r, "inherited"), "nothing is inherited, nothing said (the line above)");
    r.inherited[RLIM_CPU] = 2;
    ok(prints(&r, "},\"inherited\":{\"cpu\":2}}"), "one");
    r.inherited[RLIM_AS] = 0;
    ok(prints(&r, ",\"inherited\":{\"cpu\":2,\"as\":0}}"), "two, one of them 0");
}

static void peak(void)
{
    struct report r = sample();

    ok(prints(&r, "\"memory_peak\":null,\"memory_peak_source\":\"none\","), "nothing counted it");
    r.memory_peak = 4096;
    r.memory_peak_source = PEAK_PROCESS;
    ok(prints(&r, "\"memory_peak\":4096,\"memory_peak_source\":\"process\","), "the process");
    r.memory_peak_source = PEAK_CGROUP2;
    ok(prints(&r, "\"memory_peak\":4096,\"memory_peak_source\":\"cgroup2\","), "its group");
    ok(report_is_sane(&r), "what is in the table may be printed");
    r.memory_peak_source = PEAK__COUNT;
    ok(!report_is_sane(&r), "what is not, may not");
}

static void absent(void)
{
    struct report r = sample();

    ok(!prints(&r, "absent"), "nothing is absent, nothing said (the line above)");
    r.absent = ABSENT_TIME_NAMESPACE;
    ok(prints(&r, "},\"absent\":[\"time_namespace\"]}"), "one");
    r.absent |= ABSENT_LANDLOCK | 8;
    ok(prints(&r, "},\"absent\":[\"landlock\",\"time_namespace\"]}"), "two, and one unknown");
}

static void limit(enum limit which, uint64_t value, const char *text)
{
    struct report r = sample();
    char part[96];

    r.enforced[which].asked = value;
    snprintf(part, sizeof part, "\"%s\":{\"asked\":%s,\"effective\":null,\"layer\":\"none\"}",
             limit_info[which].text, text);
    ok(prints(&r, part), "%s", part);
}

static void unnamed(void)
{
    struct report r = sample();

    ok(!prints(&r, "unnamed"), "a listener is nothing to speak of (the line above)");
    r.unnamed = UNNAMED_YAMA;
    ok(report_is_sane(&r) && prints(&r, "},\"unnamed\":\"yama\"}"), "none is");
    r.unnamed = UNNAMED__COUNT;
    ok(!report_is_sane(&r), "no such reason");
}

static void export(void)
{
    struct report r = sample();

    ok(report_is_sane(&r) && !prints(&r, "export"), "none was chosen (the line above)");
    snprintf(r.export, sizeof r.export, "add_2");
    ok(report_is_sane(&r) && prints(&r, "\",\"export\":\"add_2\",\"enforced\""), "one was");
    snprintf(r.export, sizeof r.export, "a\n");
    ok(!report_is_sane(&r), "what is no name");
    memset(r.export, 'a', sizeof r.export);
    ok(!report_is_sane(&r), "one without an end");
}

int main(void)
{
    export();
    milliseconds();
    inherited();
    peak();
    unnamed();
    absent();
    limit(LIMIT_CPU_TIME, 10000000000, "10");
    limit(LIMIT_CPU_TIME, 1500000000, "1.5");
    limit(LIMIT_CPU_TIME, 250000, "0.00025");
    limit(LIMIT_WALL_TIME, 3600123456789, "3600.123456789");
    limit(LIMIT_WALL_TIME, 0, "0");
    limit(LIMIT_CPUS, 250, "0.25");
    limit(LIMIT_CPUS, 2000, "2");
    limit(LIMIT_MEMORY, UINT64_MAX - 1, "18446744073709551614");
    limit(LIMIT_MEMORY, LIMIT_NONE, "null");
    return done();
}
