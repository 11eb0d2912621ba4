/* The report as JSON: fixed member order, times in milliseconds, limits as numbers in their unit.
 * Avoids printf(3), which took a tenth of the monitor's time in a batch of short runs. */
#include "runtime/caller/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/replace.h"
#include "runtime/wire/text.h"

static void add_name(struct str *out, const char *name)
{
    str_addc(out, '"');
    str_adds(out, name);
    str_adds(out, "\":");
}

static void report_add_text(struct str *out, const char *name, const char *text)
{
    add_name(out, name);
    text_quote(out, text, strlen(text));
    str_addc(out, ',');
}

static void add_number(struct str *out, const char *name, uint64_t value)
{
    add_name(out, name);
    str_addn(out, value);
    str_addc(out, ',');
}

/* VALUE / UNIT, a power of ten: all its digits, but at least LEAST after the decimal point. */
static void add_fraction(struct str *out, uint64_t value, uint64_t unit, unsigned least)
{
    str_addn(out, value / unit);
    for (unsigned digits = 0; (value %= unit) || digits < least; digits++) {
        if (digits == 0)
            str_addc(out, '.');
        value *= 10;
        str_addc(out, (char)('0' + value / unit));
    }
}

static void add_ms(struct str *out, const char *name, uint64_t ns)
{
    add_name(out, name);
    add_fraction(out, ns / 1000, 1000, 3);
    str_addc(out, ',');
}

static const char *const peak_sources[PEAK__COUNT] = {"none", "cgroup2", "cgroup1", "process"};

static void add_peak(const struct report *r, struct str *out)
{
    if (r->memory_peak_source == PEAK_UNKNOWN)
        str_adds(out, "\"memory_peak\":null,");
    else
        add_number(out, "memory_peak", r->memory_peak);
    report_add_text(out, "memory_peak_source", peak_sources[r->memory_peak_source]);
}

/* Durations in seconds and CPUs as decimal fractions, the rest as integers; null: no limit. */
static void add_value(struct str *out, enum limit_unit unit, uint64_t value)
{
    if (value == LIMIT_NONE)
        str_adds(out, "null");
    else if (unit == LIMIT_NS)
        add_fraction(out, value, 1000000000, 0);
    else if (unit == LIMIT_MILLI)
        add_fraction(out, value, 1000, 0);
    else
        str_addn(out, value);
}

static void add_enforced(const struct report *r, struct str *out)
{
    str_adds(out, "\"enforced\":{");
    for (int i = 0; i < LIMIT__COUNT && r->have_enforced; i++) {
        if (i)
            str_addc(out, ',');
        add_name(out, limit_info[i].text);
        str_adds(out, "{\"asked\":");
        add_value(out, limit_info[i].unit, r->enforced[i].asked);
        str_adds(out, ",\"effective\":");
        add_value(out, limit_info[i].unit, r->enforced[i].effective);
        str_adds(out, ",\"layer\":\"");
        str_adds(out, r->enforced[i].layer);
        str_adds(out, "\"}");
    }
    str_addc(out, '}');
}

/* Omitted if empty, as it nearly always is. */
static void add_inherited(const struct report *r, struct str *out)
{
    static const char *const names[] = {
#define RLIM(id, text, dflt) text,
#include "schemas/rlimits.def"
#undef RLIM
    };
    bool any = false;

    for (int i = 0; i < RLIM__COUNT && r->have_enforced; i++) {
        if (r->inherited[i] == LIMIT_NONE)
            continue;
        str_adds(out, any ? "," : ",\"inherited\":{");
        add_name(out, names[i]);
        str_addn(out, r->inherited[i]);
        any = true;
    }
    if (any)
        str_addc(out, '}');
}

/* Omitted where the kernel lacks nothing. */
static void add_absent(const struct report *r, struct str *out)
{
    static const char *const names[] = {"landlock", "time_namespace"};
    bool any = false;

    for (unsigned i = 0; i < sizeof names / sizeof names[0] && r->have_enforced; i++) {
        if (!(r->absent & 1u << i))
            continue;
        str_adds(out, any ? ",\"" : ",\"absent\":[\"");
        str_adds(out, names[i]);
        str_addc(out, '"');
        any = true;
    }
    if (any)
        str_addc(out, ']');
}

static void add_one_wait(struct str *out, const char *name, uint64_t us)
{
    if (us != LIMIT_NONE)
        add_ms(out, name, us * 1000);
}

/* Removes the last member's comma. */
static void add_waited(const struct report *r, struct str *out)
{
    if (!r->have_waited)
        return;
    str_adds(out, "\"waited\":{");
    add_one_wait(out, "cpu_ms", r->waited_cpu);
    add_one_wait(out, "memory_ms", r->waited_memory);
    add_one_wait(out, "io_ms", r->waited_io);
    out->len -= !out->failed;
    str_adds(out, "},");
}

void report_json(const struct report *r, struct str *out)
{
    str_addc(out, '{');
    report_add_text(out, "status", status_text(r->status));
    report_add_text(out, "message", r->message);
    add_number(out, "exit_code", (uint64_t)status_exit(r->status, r->signal));
    if (r->syscall[0])
        report_add_text(out, "syscall", r->syscall);
    if (r->signal)
        add_number(out, "signal", (uint64_t)r->signal);
    if (r->counter[0])
        str_addf(out, "\"evidence\":{\"counter\":\"%s\",\"value\":%llu},", r->counter,
                 (unsigned long long)r->counted);
    add_ms(out, "wall_ms", r->wall_ns);
    add_ms(out, "cpu_user_ms", r->cpu_user_ns);
    add_ms(out, "cpu_system_ms", r->cpu_system_ns);
    add_peak(r, out);
    add_waited(r, out);
    add_number(out, "output_bytes", r->output_bytes);
    add_number(out, "calls", r->calls);
    report_add_text(out, "bundle", r->bundle);
    report_add_text(out, "digest", r->digest);
    if (r->export[0])
        report_add_text(out, "export", r->export);
    add_enforced(r, out);
    add_inherited(r, out);
    if (r->have_enforced && r->unnamed)
        str_addf(out, ",\"unnamed\":\"%s\"", unnamed_word(r->unnamed));
    add_absent(r, out);
    str_addc(out, '}');
}

void report_exit_json(const struct report *r, struct str *out)
{
    const char *member = r->status == STATUS_SETUP || r->status == STATUS_REFUSED ||
                                 (r->status == STATUS_INVALID && !r->have_enforced)
                             ? "SetupFailed"
                             : "Err";

    if (r->status == STATUS_OK) {
        str_adds(out, "\"Ok\"");
        return;
    }
    str_addf(out, "{\"%s\":", member);
    text_quote(out, r->message, strlen(r->message));
    str_addc(out, '}');
}

int report_unwritten(const char *path, const char *refused, struct fault *why)
{
    return fault_set(why, STATUS_SETUP, refused ? 0 : errno, path, "writing the report%s%s",
                     refused ? ": " : "", refused ? refused : "");
}

int report_write(const struct report *r, const char *path, int signals, struct fault *why)
{
    static char room[REPORT_JSON_MAX];
    struct str text = {.data = room, .cap = sizeof room, .fixed = true};
    const char *refused = NULL;

    report_json(r, &text);
    str_addc(&text, '\n');
    if (replace_file(path, text.data, text.len, signals, &refused) == 0)
        return 0;
    return report_unwritten(path, refused, why);
}

static bool ends(const char *text, size_t size)
{
    return memchr(text, '\0', size) != NULL;
}

/* Whether TEXT can be printed without escaping. */
static bool is_word(const char *text, size_t size)
{
    return ends(text, size) && !text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_")];
}

bool report_is_sane(const struct report *r)
{
    for (int i = 0; i < LIMIT__COUNT; i++)
        if (!is_word(r->enforced[i].layer, sizeof r->enforced[i].layer))
            return false;
    return (unsigned)r->status < STATUS__COUNT && (unsigned)r->unnamed < UNNAMED__COUNT &&
           (unsigned)r->memory_peak_source < PEAK__COUNT && ends(r->message, sizeof r->message) &&
           ends(r->syscall, sizeof r->syscall) && is_word(r->counter, sizeof r->counter) &&
           r->signal >= 0 && r->signal <= 64 && ends(r->bundle, sizeof r->bundle) &&
           ends(r->digest, sizeof r->digest) && ends(r->export, sizeof r->export) &&
           (!r->export[0] || export_is_name(r->export));
}

void report_fault(struct report *r, const struct fault *why)
{
    char text[sizeof why->where + sizeof why->what + 2];
    size_t n;

    snprintf(text, sizeof text, "%s%s%s", why->where, *why->where ? ": " : "", why->what);
    n = strlen(text);
    if (n >= sizeof r->message)
        n = text_whole(text, sizeof r->message - 1);
    r->status = why->status;
    memcpy(r->message, text, n);
    r->message[n] = '\0';
}
