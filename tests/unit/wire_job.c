/* runtime/wire/job.c and the limits of a job: what a job line may say, errors that name the place, and
 * agreement with schemas/job.schema.json on spoilt lines. */
#include "runtime/wire/job.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bundles/arguments.h"
#include "runtime/json/json.h"
#include "runtime/json/schema/schema.h"
#include "tests/unit/tap.h"

/* As a batch takes a line: its shape, then its limits. */
static int take(const char *line, size_t n, struct job *j, struct limits *limits, struct fault *why)
{
    struct findings found = {0};
    int r = job_parse(line, n, "line 7", j, why);

    limits_clear(limits);
    if (r == 0 && j->limits)
        r = arguments_limits(j->limits, limits, &found, why);
    findings_free(&found);
    return r;
}

static void test_good(void)
{
    static const char line[] =
        "{\"limits\":{\"memory\":\"8M\",\"wall_time\":0.5,\"cpus\":2},\"id\":\"a\\u0062\\\"\","
        "\"bundle\":\"b/c\",\"export\":\"f\",\"arg\":[1],\"options\":{\"n\":5},"
        "\"keyring\":[{\"namespace\":\"a\",\"access_key\":\"b\"}]}";
    struct limits limits;
    struct fault why = {0};
    struct job j;

    ok(take("{}", 2, &j, &limits, &why) == 0 && !j.id && !j.bundle && !j.limits && !j.start.has_arg,
       "every member may be missing");
    job_free(&j);
    ok(take(line, strlen(line), &j, &limits, &why) == 0, "a whole job: %s", why.what);
    ok(!strcmp(j.id, "\"ab\\\"\"") && !strcmp(j.bundle, "b/c"), "id %s, bundle %s", j.id, j.bundle);
    ok(limits.value[LIMIT_MEMORY] == 8 << 20 && limits.value[LIMIT_WALL_TIME] == 500000000 &&
           limits.value[LIMIT_CPUS] == 2000 && limits.value[LIMIT_OUTPUT] == LIMIT_NONE,
       "its limits, and none that it does not name");
    ok(j.start.has_arg && json_object_array_length(j.start.arg) == 1 && j.start.options &&
           j.start.keyring && !strcmp(j.start.export, "f"),
       "what it starts with");
    job_free(&j);
    ok(!j.id && !j.start.arg && !j.start.keyring, "freed is empty");
}

static const struct {
    const char *line, *id;
} ids[] = {
    {"{\"id\":7}", "7"},
    {"{\"id\":-9223372036854775808}", "-9223372036854775808"},
    {"{\"id\":18446744073709551615}", "18446744073709551615"},
    {"{\"id\":\"7\"}", "\"7\""},
    {"{\"id\":\"\\u00e9\\n\"}", "\"\xc3\xa9\\n\""},
    {"{\"bundle\":7,\"id\":\"x\"}", "\"x\""},
    {"{\"nonsense\":7,\"id\":3}", "3"},
};

static void test_ids(void)
{
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        struct limits limits;
        struct fault why;
        struct job j;

        take(ids[i].line, strlen(ids[i].line), &j, &limits, &why);
        ok(j.id && !strcmp(j.id, ids[i].id), "%s: the id is %s", ids[i].line, j.id);
        job_free(&j);
    }
}

static const struct {
    const char *line, *what; /* what the error says, in part */
} bad[] = {
    {"", "column 1: "},
    {"{", "column 2: "},
    {"{\"id\":1,\"id\":2}", "column 9: "},
    {"7", "expected a JSON object, at least {}, not int"},
    {"{\"ID\":1}",
     "unknown member \"ID\"; a job may have id, bundle, export, arg, options, limits and"},
    {"{\"id\":null}", "/id: expected a string or a 64-bit integer"},
    {"{\"id\":1.5}", "/id: expected a string or a 64-bit"},
    {"{\"id\":18446744073709551616}", "/id: expected a string or a 64-bit"},
    {"{\"id\":\"\"}", "/id: expected a string of 1 to 256 characters"},
    {"{\"bundle\":\"\"}", "/bundle: expected a path of 1 to 4096 characters"},
    {"{\"bundle\":null}", "/bundle: expected a path, not null"},
    {"{\"options\":[]}", "/options: expected an object, not array"},
    {"{\"limits\":64}", "/limits: expected an object, not int"},
    {"{\"limits\":{\"memory\":\"64X\"}}", "/limits/memory: \"64X\" is not a size"},
    {"{\"limits\":{\"memroy\":\"64M\"}}", "did you mean \"memory\"?"},
    {"{\"limits\":{\"cpus\":0}}", "/limits/cpus: "},
    {"{\"keyring\":[{\"namespace\":\"n\",\"access_key\":7,\"secret_key\":\"geheim\"}]}",
     "/keyring/0/access_key: expected a string"},
    {"{\"seed\":7}", "unknown member \"seed\""},
};

static void test_bad(void)
{
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct limits limits;
        struct fault why = {0};
        struct job j;
        int r = take(bad[i].line, strlen(bad[i].line), &j, &limits, &why);

        ok(r == -1 && why.status == STATUS_INVALID && strstr(why.what, bad[i].what) &&
               !strstr(why.what, "geheim"),
           "%s: %s", bad[i].line, why.what);
        job_free(&j);
    }
}

static const char *const seeds[] = {
    "{\"id\":\"a\",\"arg\":{\"a\":[1]},\"options\":{\"n\":5},\"bundle\":\"x\"}",
    "{\"id\":7,\"limits\":{\"memory\":\"8M\",\"cpus\":2,\"swap\":0,\"wall_time\":\"1s\"}}",
    "{\"keyring\":[{\"namespace\":\"a\",\"access_key\":\"b\",\"secret_key\":null}],\"id\":1}",
    "{\"export\":\"x\",\"id\":2}",
    "{\"limits\":{\"instructions\":1,\"processes\":1,\"output\":\"1K\",\"io_read\":4}}",
};
static const char *const words[] = {
    "null", "1",       "-1",      "0",           "\"\"", "\"x\"",      "{}",    "[]",
    ",",    "\"8M\"",  "\"2s\"",  "\"id\":",     "true", "\"arg\":0,", "\"0\"", "\"memory\":",
    "99",   "\"8X\",", ",\"a\":", "\"bundle\":", "[1",   "\"limits\"", "\"T\"", "\"seed\":0,",
};

static size_t spoil(char *line, size_t n, size_t room)
{
    size_t at = (size_t)rand() % n, len = 1 + (size_t)rand() % 6;
    const char *word = words[(size_t)rand() % (sizeof words / sizeof words[0])];

    if (rand() % 2) {
        len = len < n - at ? len : n - at;
        memmove(line + at, line + at + len, n - at - len);
        n -= len;
    }
    at = at < n ? at : n;
    len = strlen(word);
    if (n == 0 || rand() % 2 || n + len > room)
        return n;
    memmove(line + at + len, line + at, n - at);
    memcpy(line + at, word, len);
    return n + len;
}

static bool schema_accepts(struct schema *s, const char *line, size_t n)
{
    struct findings f = {0};
    int built;
    struct json_object *value = json_build(line, n, &built);
    bool accepts = built && schema_validate(s, value, NULL, &f) == 0;

    json_object_put(value);
    findings_free(&f);
    return accepts;
}

static bool parser_accepts(const char *line, size_t n)
{
    struct limits limits;
    struct fault why;
    struct job j;
    int r = take(line, n, &j, &limits, &why);

    job_free(&j);
    return r == 0;
}

static void test_agreement(struct schema *s)
{
    size_t compared = 0, accepted = 0, differ = 0, enough = (size_t)fewer(10000);

    srand(1);
    for (int i = fewer(300000); i > 0; i--) {
        const char *seed = seeds[(size_t)rand() % (sizeof seeds / sizeof seeds[0])], *error;
        size_t n = strlen(seed), offset;
        char line[400];
        bool yes;

        memcpy(line, seed, n);
        for (int k = rand() % 3; k > 0 && n > 1; k--)
            n = spoil(line, n, sizeof line);
        if (json_check(line, n, &error, &offset) < 0)
            continue;
        compared++;
        yes = parser_accepts(line, n);
        accepted += yes;
        if (yes != schema_accepts(s, line, n) && differ++ < 5)
            printf("# only the %s accepts %.*s\n", yes ? "parser" : "schema", (int)n, line);
    }
    ok(differ == 0, "parser and schema agree on %zu lines, of which %zu are good", compared,
       accepted);
    ok(accepted > enough && compared - accepted > enough, "enough of both kinds to mean something");
}

int main(void)
{
    struct findings f = {0};
    struct json_object *document = json_object_from_file("schemas/job.schema.json");
    struct schema *s = document ? schema_compile(document, NULL, &f) : NULL;

    test_good();
    test_ids();
    test_bad();
    if (ok(s != NULL, "schemas/job.schema.json compiles"))
        test_agreement(s);
    findings_free(&f);
    schema_free(s);
    json_object_put(document);
    return done();
}
