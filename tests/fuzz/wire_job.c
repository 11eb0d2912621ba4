/* A job of a batch and its result, runtime/wire/job.c and result.c: a job is taken as its schema says; the id of
 * its result is read back as the same one, and no result is seen in what is none. Its envelope says what the whole
 * says. */
#include <stdlib.h>
#include <string.h>

#include "bundles/arguments.h"
#include "runtime/json/json.h"
#include "runtime/wire/envelope.h"
#include "runtime/wire/job.h"
#include "runtime/wire/result.h"
#include "tests/fuzz/judge/judge.h"

static int take(const char *line, size_t n, struct job *j, struct fault *why)
{
    struct findings found = {0};
    struct limits limits;
    int r = job_parse(line, n, "line 1", j, why);

    limits_clear(&limits);
    if (r == 0 && j->limits)
        r = arguments_limits(j->limits, &limits, &found, why);
    findings_free(&found);
    return r;
}

static void check_id(const char *id)
{
    autostr struct str line = {0}, before = {0}, after = {0};
    struct result_head head;

    must(judge_json(id, strlen(id), 1), "an id that is no JSON: %s", id);
    str_addf(&line, "{\"id\":%s,\"status\":\"ok\"}", id);
    must(result_head(line.data, line.len, &head) == 0 && head.status == STATUS_OK,
         "its result is none: %s", line.data);
    result_key(id, strlen(id), 7, &before);
    result_key(head.id, head.id_len, head.line, &after);
    must(before.len == after.len && memcmp(before.data, after.data, before.len) == 0,
         "%s is not known again", id);
}

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* What the whole is refused for, its envelope need not be. */
static void check_envelope(const struct job *j, const char *text, size_t n)
{
    struct envelope e;
    struct fault why;

    must(envelope_read(text, n, &e, &why) == 0, "a job without an envelope: %.*s", (int)n, text);
    must(same(e.id, j->id) && same(e.bundle, j->bundle) && e.limits == (j->limits != NULL) &&
             e.keys == (j->start.keyring != NULL),
         "another envelope: %.*s", (int)n, text);
    envelope_free(&e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct schema *schema;
    const char *text = (const char *)data;
    bool json = judge_json(text, n, JSON_DEPTH_MAX);
    struct result_head head;
    struct fault why = {0};
    struct job j;
    int r = take(text, n, &j, &why);

    if (!schema)
        schema = judge_schema("job", NULL);
    /* No schema says what a unit makes of a number: "9999999999T" is beyond 2^63. What is said of limits quotes
     * them as they are: who shows it makes that harmless. */
    if (r == 0)
        check_envelope(&j, text, n);
    if (r == 0)
        must(json && judge_fits(schema, text, n), "accepted, but not by the schema");
    else
        must(*why.what && (j.limits || judge_harmless(why.what, strlen(why.what), false)) &&
                 (!json || !judge_compares(text, n) || strstr(why.what, "no limit reaches 2^63") ||
                  !judge_fits(schema, text, n)),
             "refused, but good by the schema: %s", why.what);
    if (j.id)
        check_id(j.id);
    job_free(&j);
    must(result_head(text, n, &head) < 0 || (json && *text != '['), "no JSON, but a result");
    return 0;
}
