/* A server's numbers: what was written is read back the same, whatever else comes is an error or a zero, and
 * the request is known from all other lines. */
#include "runtime/wire/stats.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/tap.h"

static void fill(struct stats *s, struct stats_bundle *b)
{
    /* Static, for its padding is compared too. */
    static const struct stats all = {.version = "1.2.3",
                                     .draining = true,
                                     .uptime_ms = UINT64_MAX,
                                     .connections = 1,
                                     .connections_max = 2,
                                     .connections_refused = 3,
                                     .running = 4,
                                     .running_max = 5,
                                     .queue_max = 6,
                                     .connections_busy = 8,
                                     .unnamed = 7,
                                     .count = 2};

    memcpy(s, &all, sizeof all);
    s->bundle = b;
    memset(b, 0, 2 * sizeof *b);
    strcpy(b[0].name, "a/\"b\\");
    strcpy(b[1].name, "second");
    memset(b[1].digest, 'd', sizeof b[1].digest - 1);
    for (int i = 0; i < STATUS__COUNT; i++)
        b[1].runs[i] = (uint64_t)i * 1000;
    b[1].busy = 1, b[1].running = 2, b[1].queued = 3, b[1].warm = 4, b[1].restarts = 5,
    b[1].lost = 6;
    b[1].reloads = 6;
    for (unsigned i = 0; i < LATENCY_BUCKETS; i += 3)
        latency_add(&b[1].latency, latency_edge(i));
}

static void test_both_ways(void)
{
    struct stats_bundle bundles[2];
    struct stats s, back = {0};
    struct fault why = {0};
    autostr struct str line = {0};

    fill(&s, bundles);
    str_adds(&line, "{\"Stats\":");
    stats_json(&s, &line);
    str_addc(&line, '}');
    ok(stats_parse(line.data, line.len, &back, &why) == 0, "read: %s", why.what);
    ok(back.count == 2 && memcmp(back.bundle, bundles, sizeof bundles) == 0,
       "the bundles are the same");
    back.bundle = (free(back.bundle), bundles);
    ok(memcmp(&back, &s, sizeof s) == 0, "and all else");
}

static void test_others(void)
{
    static const char *const lines[] = {
        "",
        "{",
        "[]",
        "null",
        "{}",
        "{\"Stats\":null}",
        "{\"Stats\":[]}",
        "{\"Stats\":{}}",
        "{\"Stats\":{\"bundles\":{}}}",
        "{\"Stats\":{\"bundles\":[]}} x",
    };
    static const char *const odd[] = {
        "{\"Stats\":{\"bundles\":[null,1,[],{\"name\":7,\"runs\":[],\"latency\":null}]}}",
        "{\"Stats\":{\"bundles\":[{\"latency\":{\"count\":\"x\",\"buckets\":[1,[],[1],[1,2,3],["
        "\"a\","
        "null],[-5,1e9]]}}],\"uptime_ms\":-1}}",
    };
    struct stats s;
    struct fault why;

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        ok(stats_parse(lines[i], strlen(lines[i]), &s, &why) < 0 && why.status == STATUS_PROTOCOL,
           "an error: %s", lines[i]);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        ok(stats_parse(odd[i], strlen(odd[i]), &s, &why) == 0 && s.count > 0, "read: %s", odd[i]);
        stats_free(&s);
    }
    ok(stats_parse("{\"Report\":{\"message\":\"not you\"}}", 32, &s, &why) < 0 &&
           why.status == STATUS_REFUSED && strcmp(why.what, "not you") == 0,
       "a Report in its place is a refusal");
}

static void test_request(void)
{
    static const char *const no[] = {"",
                                     "{}",
                                     "{\"stats\":{}",
                                     "{\"stats\":null}",
                                     "{\"stats\":{\"a\":1}}",
                                     "{\"stats\":{},\"arg\":1}",
                                     "{\"stats\":{}}{}",
                                     "{\"Stats\":{}}",
                                     "[{\"stats\":{}}]"};

    ok(stats_asked(STATS_REQUEST, sizeof STATS_REQUEST - 2), "the request");
    ok(stats_asked(" { \"stats\" : { } } ", 19), "with white space");
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        ok(!stats_asked(no[i], strlen(no[i])), "not the request: %s", no[i]);
}

int main(void)
{
    test_both_ways();
    test_others();
    test_request();
    return done();
}
