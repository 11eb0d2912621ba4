/* A server's statistics, written and read. Input comes from any program that listens on the socket:
 * every member is checked, none is assumed to exist. */
#include "runtime/wire/stats.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/wire/scan.h"
#include "runtime/wire/text.h"

bool stats_asked(const char *line, size_t n)
{
    struct json_scan s = {.at = line, .end = line + n};
    struct span name;

    return scan_take(&s, '{') == 0 && scan_name(&s, &name) == 0 && span_is(name, "stats") &&
           scan_take(&s, '{') == 0 && scan_take(&s, '}') == 0 && scan_take(&s, '}') == 0 &&
           scan_end(&s) == 0;
}

static void stats_add(struct str *out, const char *name, uint64_t value)
{
    str_addf(out, ",\"%s\":%llu", name, (unsigned long long)value);
}

static void stats_add_text(struct str *out, const char *name, const char *text)
{
    str_addf(out, "\"%s\":", name);
    text_quote(out, text, strlen(text));
}

static void add_latency(const struct latency *l, struct str *out)
{
    const char *before = "";

    str_addf(out, ",\"latency\":{\"count\":%llu", (unsigned long long)l->count);
    stats_add(out, "sum_us", l->sum_us);
    stats_add(out, "p50_us", latency_quantile(l, 500));
    stats_add(out, "p99_us", latency_quantile(l, 990));
    stats_add(out, "p999_us", latency_quantile(l, 999));
    str_adds(out, ",\"buckets\":[");
    for (unsigned i = 0; i < LATENCY_BUCKETS; i++) {
        if (!l->bucket[i])
            continue;
        str_addf(out, "%s[%llu,%llu]", before, (unsigned long long)latency_edge(i),
                 (unsigned long long)l->bucket[i]);
        before = ",";
    }
    str_adds(out, "]}");
}

static void add_bundle(const struct stats_bundle *b, struct str *out)
{
    const char *before = "";

    str_addc(out, '{');
    stats_add_text(out, "name", b->name);
    str_addc(out, ',');
    stats_add_text(out, "digest", b->digest);
    str_adds(out, ",\"runs\":{");
    for (int i = 0; i < STATUS__COUNT; i++) {
        if (!b->runs[i])
            continue;
        str_addf(out, "%s\"%s\":%llu", before, status_text((enum status)i),
                 (unsigned long long)b->runs[i]);
        before = ",";
    }
    str_addc(out, '}');
    stats_add(out, "busy", b->busy);
    stats_add(out, "running", b->running);
    stats_add(out, "queued", b->queued);
    stats_add(out, "warm", b->warm);
    stats_add(out, "template_restarts", b->restarts);
    stats_add(out, "boxes_lost", b->lost);
    stats_add(out, "reloads", b->reloads);
    add_latency(&b->latency, out);
    str_addc(out, '}');
}

void stats_json(const struct stats *s, struct str *out)
{
    str_addc(out, '{');
    stats_add_text(out, "version", s->version);
    str_addf(out, ",\"draining\":%s", s->draining ? "true" : "false");
    stats_add(out, "uptime_ms", s->uptime_ms);
    stats_add(out, "connections", s->connections);
    stats_add(out, "connections_max", s->connections_max);
    stats_add(out, "connections_refused", s->connections_refused);
    stats_add(out, "connections_busy", s->connections_busy);
    stats_add(out, "running", s->running);
    stats_add(out, "running_max", s->running_max);
    stats_add(out, "queue_max", s->queue_max);
    stats_add(out, "unnamed", s->unnamed);
    str_adds(out, ",\"bundles\":[");
    for (size_t i = 0; i < s->count; i++) {
        if (i)
            str_addc(out, ',');
        add_bundle(&s->bundle[i], out);
    }
    str_adds(out, "]}");
}

static uint64_t stats_number(struct json_object *from, const char *name)
{
    struct json_object *value = json_object_object_get(from, name);

    return json_object_is_type(value, json_type_int) ? json_object_get_uint64(value) : 0;
}

static void text(struct json_object *from, const char *name, char *to, size_t size)
{
    struct json_object *value = json_object_object_get(from, name);

    snprintf(to, size, "%s",
             json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "");
}

static void read_latency(struct json_object *from, struct latency *l)
{
    struct json_object *buckets = json_object_object_get(from, "buckets");
    size_t count =
        json_object_is_type(buckets, json_type_array) ? json_object_array_length(buckets) : 0;

    l->count = stats_number(from, "count");
    l->sum_us = stats_number(from, "sum_us");
    for (size_t i = 0; i < count; i++) {
        struct json_object *one = json_object_array_get_idx(buckets, i);

        if (json_object_is_type(one, json_type_array) && json_object_array_length(one) == 2)
            l->bucket[latency_bucket(json_object_get_uint64(json_object_array_get_idx(one, 0)))] +=
                json_object_get_uint64(json_object_array_get_idx(one, 1));
    }
}

static void read_bundle(struct json_object *from, struct stats_bundle *b)
{
    struct json_object *runs = json_object_object_get(from, "runs");

    text(from, "name", b->name, sizeof b->name);
    text(from, "digest", b->digest, sizeof b->digest);
    for (int i = 0; i < STATUS__COUNT; i++)
        b->runs[i] = stats_number(runs, status_text((enum status)i));
    b->busy = stats_number(from, "busy");
    b->running = stats_number(from, "running");
    b->queued = stats_number(from, "queued");
    b->warm = stats_number(from, "warm");
    b->restarts = stats_number(from, "template_restarts");
    b->lost = stats_number(from, "boxes_lost");
    b->reloads = stats_number(from, "reloads");
    read_latency(json_object_object_get(from, "latency"), &b->latency);
}

static int read_stats(struct json_object *from, struct stats *s, struct fault *why)
{
    struct json_object *bundles = json_object_object_get(from, "bundles");

    text(from, "version", s->version, sizeof s->version);
    s->draining = json_object_get_boolean(json_object_object_get(from, "draining"));
    s->uptime_ms = stats_number(from, "uptime_ms");
    s->connections = stats_number(from, "connections");
    s->connections_max = stats_number(from, "connections_max");
    s->connections_refused = stats_number(from, "connections_refused");
    s->connections_busy = stats_number(from, "connections_busy");
    s->running = stats_number(from, "running");
    s->running_max = stats_number(from, "running_max");
    s->queue_max = stats_number(from, "queue_max");
    s->unnamed = stats_number(from, "unnamed");
    if (!json_object_is_type(bundles, json_type_array))
        return fault_set(why, STATUS_PROTOCOL, 0, "stats", "the answer has no bundles");
    s->bundle = calloc(json_object_array_length(bundles) + 1, sizeof *s->bundle);
    for (size_t i = 0; s->bundle && i < json_object_array_length(bundles); i++)
        read_bundle(json_object_array_get_idx(bundles, i), &s->bundle[s->count++]);
    return s->bundle ? 0 : fault_set(why, STATUS_SETUP, ENOMEM, "stats", "reading the answer");
}

/* A server that refuses a client sends a Report instead. */
static int refused(struct json_object *report, struct fault *why)
{
    char message[1024];

    text(report, "message", message, sizeof message);
    return fault_set(why, STATUS_REFUSED, 0, "stats", "%s", message);
}

int stats_parse(const char *line, size_t n, struct stats *s, struct fault *why)
{
    struct json_object *all = NULL, *value = NULL;
    struct meter meter = {0};
    struct json_error e;
    int r = -1;

    *s = (struct stats){0};
    json_read(line, n, &meter, &all, &e);
    if (json_object_is_type(all, json_type_object) &&
        json_object_object_get_ex(all, "Stats", &value) &&
        json_object_is_type(value, json_type_object))
        r = read_stats(value, s, why);
    else if (json_object_object_get_ex(all, "Report", &value))
        r = refused(value, why);
    json_object_put(all);
    return value ? r
                 : fault_set(why, STATUS_PROTOCOL, 0, "stats",
                             "not an answer of a runbox server: does the socket belong to another "
                             "program?");
}

void stats_free(struct stats *s)
{
    free(s->bundle);
    *s = (struct stats){0};
}
