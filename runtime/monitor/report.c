/* Writing the report: fixed member order, times in milliseconds, limits as numbers of their unit.
 */
#include "runtime/monitor/report.h"

#include <stdio.h>
#include <string.h>

#include "runtime/wire/text.h"

static void add_text(struct str *out, const char *name, const char *text)
{
    str_addf(out, "\"%s\":", name);
    text_quote(out, text, strlen(text));
    str_addc(out, ',');
}

static void add_number(struct str *out, const char *name, uint64_t value)
{
    str_addf(out, "\"%s\":%llu,", name, (unsigned long long)value);
}

static void add_ms(struct str *out, const char *name, uint64_t ns)
{
    str_addf(out, "\"%s\":%llu.%03llu,", name, (unsigned long long)(ns / 1000000),
             (unsigned long long)(ns / 1000 % 1000));
}

/* Durations in seconds and CPUs as decimal fractions, the rest as integers; null is no limit. */
static void add_value(struct str *out, enum limit_unit unit, uint64_t value)
{
    if (value == LIMIT_NONE)
        str_adds(out, "null");
    else if (unit == LIMIT_NS)
        str_addf(out, "%.9g", (double)value / 1e9);
    else if (unit == LIMIT_MILLI)
        str_addf(out, "%.9g", (double)value / 1e3);
    else
        str_addf(out, "%llu", (unsigned long long)value);
}

static void add_enforced(const struct report *r, struct str *out)
{
    str_adds(out, "\"enforced\":{");
    for (int i = 0; i < LIMIT__COUNT && r->have_enforced; i++) {
        str_addf(out, "%s\"%s\":{\"asked\":", i ? "," : "", limit_info[i].text);
        add_value(out, limit_info[i].unit, r->enforced[i].asked);
        str_adds(out, ",\"effective\":");
        add_value(out, limit_info[i].unit, r->enforced[i].effective);
        str_addf(out, ",\"layer\":\"%s\"}", r->enforced[i].layer);
    }
    str_addc(out, '}');
}

static void add_one_wait(struct str *out, const char *name, uint64_t us)
{
    if (us != LIMIT_NONE)
        add_ms(out, name, us * 1000);
}

/* The comma of the last member is taken back. */
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
    add_text(out, "status", status_text(r->status));
    add_text(out, "message", r->message);
    add_number(out, "exit_code", (uint64_t)status_exit(r->status, r->signal));
    if (r->syscall[0])
        add_text(out, "syscall", r->syscall);
    if (r->signal)
        add_number(out, "signal", (uint64_t)r->signal);
    if (r->counter[0])
        str_addf(out, "\"evidence\":{\"counter\":\"%s\",\"value\":%llu},", r->counter,
                 (unsigned long long)r->counted);
    add_ms(out, "wall_ms", r->wall_ns);
    add_ms(out, "cpu_user_ms", r->cpu_user_ns);
    add_ms(out, "cpu_system_ms", r->cpu_system_ns);
    add_number(out, "memory_peak", r->memory_peak);
    add_waited(r, out);
    add_number(out, "output_bytes", r->output_bytes);
    add_number(out, "calls", r->calls);
    add_text(out, "bundle", r->bundle);
    add_text(out, "digest", r->digest);
    add_enforced(r, out);
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
