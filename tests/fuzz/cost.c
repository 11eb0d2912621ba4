/* The meter against the clock and the allocator. Whatever schema, defaults and instance the grammar of judge/hostile.h
 * makes: with little left of the budget all is over in a moment of processor time, and what the heap holds is
 * bounded by the bytes that were counted. Work or memory that grows faster than its text, and that nothing counts or
 * that is counted as less than it is, breaks one of the two; a budget that is spent lets nothing begin. */
#include "runtime/base/meter.h"

#include <json-c/json.h>
#include <sanitizer/allocator_interface.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "runtime/base/str.h"
#include "runtime/json/json.h"
#include "runtime/json/schema/schema.h"
#include "tests/fuzz/judge/hostile.h"
#include "tests/fuzz/judge/judge.h"

/* What is left: a hundredth and a sixth of the budget, so that ten seconds see hundreds of inputs. */
#define STEPS UINT64_C(120000)
#define BYTES (UINT64_C(8) << 20)

/* Of the process's own time, so that a busy machine does not matter; the sanitizers' build was seen to take some
 * 100 ms of it at most. */
#define PATIENCE_MS 2000

/* Beside what is counted, which was seen to be more than the heap had: a match's own memory, a table that doubles; and
 * findings, each of which may name a member whose name is as long as the document. */
#define FREE_BYTES (UINT64_C(1) << 20)
#define FINDINGS   40

static struct {
    int64_t live, before, beyond; /* beyond: the most that was live since BEFORE and not counted */
    uint64_t count;
    const struct meter *meter;
} heap;

/* Half as much again as is counted may be there: for what is rounded up, and for two that become one. */
static void allocated(const volatile void *at, size_t n)
{
    int64_t counted;

    (void)at;
    heap.count++;
    heap.live += (int64_t)n;
    if (!heap.meter)
        return;
    counted = (int64_t)(heap.meter->bytes - (METER_BYTES - BYTES));
    if (heap.live - heap.before - counted / 2 * 3 > heap.beyond)
        heap.beyond = heap.live - heap.before - counted / 2 * 3;
}

static void freed(const volatile void *at)
{
    if (at)
        heap.live -= (int64_t)__sanitizer_get_allocated_size(at);
}

static void out_of_patience(int signo)
{
    static const char text[] = "must: two seconds of processor time for 120000 steps\n";

    (void)signo;
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    abort();
}

static void patience(long ms)
{
    struct itimerval timer = {.it_value = {ms / 1000, ms % 1000 * 1000}};

    setitimer(ITIMER_PROF, &timer, NULL);
}

/* All that a run does with a bundle's schema: read, compile, defaults, an instance. */
static void work(const struct str *schema, const struct str *instance, struct meter *m)
{
    struct json_object *json = NULL, *value = NULL, *object = json_object_new_object();
    struct findings f = {0};
    struct json_error e;
    struct schema *s = NULL;

    if (json_read(schema->data, schema->len, m, &json, &e) == 0) {
        s = schema_compile_within(json, (struct schema_mode){.format = true}, NULL, m, &f);
        must(!s == findings_any(&f), "compiled with findings, or refused without");
    } else {
        must(e.spent, "the grammar made no JSON: %s", e.what);
    }
    if (s && schema_defaults(s, object, m, &f) < 0)
        must(findings_any(&f), "defaults are refused without a word");
    findings_free(&f);
    if (s && json_read(instance->data, instance->len, m, &value, &e) == 0)
        must((schema_validate_within(s, value, NULL, m, &f) == 0) == !findings_any(&f),
             "a verdict without its findings, or with too many");
    findings_free(&f);
    schema_free(s);
    json_object_put(json);
    json_object_put(value);
    json_object_put(object);
}

/* The longest string, about. */
static uint64_t longest(const struct str *json)
{
    uint64_t most = 0, n = 0;

    for (size_t i = 0; i < json->len; i++) {
        n = json->data[i] == '"' ? 0 : n + 1;
        most = n > most ? n : most;
    }
    return most;
}

static void within(const struct str *schema, const struct str *instance)
{
    struct meter m = {.steps = METER_STEPS - STEPS, .bytes = METER_BYTES - BYTES};
    uint64_t text = schema->len + instance->len,
             most = FREE_BYTES + 4 * text + FINDINGS * longest(instance);

    heap.before = heap.live;
    heap.beyond = 0;
    heap.meter = &m;
    patience(PATIENCE_MS);
    work(schema, instance, &m);
    patience(0);
    heap.meter = NULL;
    must(heap.beyond <= (int64_t)most,
         "%lld KiB of memory that nothing counts, %llu bytes of text: %.300s",
         (long long)heap.beyond / 1024, (unsigned long long)text, schema->data);
}

static void after_the_end(const struct str *schema, const struct str *instance)
{
    struct meter m = {.steps = METER_STEPS + 1, .bytes = METER_BYTES + 1};
    uint64_t count = heap.count;

    work(schema, instance, &m);
    must(heap.count - count < 100, "%llu allocations after the budget was spent",
         (unsigned long long)(heap.count - count));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static bool hooked;
    autostr struct str schema = {0}, instance = {0};

    if (!hooked) {
        hooked = __sanitizer_install_malloc_and_free_hooks(allocated, freed) > 0;
        must(hooked, "no hooks around malloc");
        signal(SIGPROF, out_of_patience);
    }
    hostile_make(data, n, &schema, &instance);
    within(&schema, &instance);
    after_the_end(&schema, &instance);
    return 0;
}
