/* A caller's reply, runtime/wire/reply.c: passed to the box byte for byte, so that what is accepted must be
 * read there too. The first byte chooses the request, the rest is the line. */
#include <string.h>

#include "runtime/json/json.h"
#include "runtime/wire/caller.h"
#include "schemas/setup.h"
#include "tests/fuzz/judge/judge.h"

static struct {
    enum event_kind kind;
    const char *pointer;
    const struct schema *schema;
} requests[] = {
    {EVENT_READLINE, "#/$defs/Readline", NULL},   {EVENT_TOEND, "#/$defs/ToEnd", NULL},
    {EVENT_CALL, "#/$defs/Call", NULL},           {EVENT_ARTIFACT, "#/$defs/Artifact", NULL},
    {EVENT_RATELIMIT, "#/$defs/Ratelimit", NULL}, {EVENT_DATABASE, "#/$defs/Database", NULL},
    {EVENT_BLOB, "#/$defs/Blob", NULL},
};

#define REQUESTS (sizeof requests / sizeof requests[0])

static void check(size_t i, const char *line, size_t n)
{
    enum event_kind kind = requests[i].kind;
    struct fault why = {0}, other;
    bool good = reply_check(line, n, kind, &why) == 0;
    bool sandbox = reply_check_sandbox(line, n, kind, &other) == 0;
    bool json = judge_json(line, n, JSON_DEPTH_MAX);

    must(!good || sandbox, "a reply to runbox that is none to sn0int's");
    must(json || (!good && !sandbox), "accepted, but no JSON");
    must(!sandbox || judge_line(line, n), "the box cannot read it");
    if (good)
        must(judge_fits(requests[i].schema, line, n), "accepted, but not by the schema");
    else
        must(*why.what &&
                 (!json || !judge_compares(line, n) || !judge_fits(requests[i].schema, line, n)),
             "refused, but good by the schema: %s", why.what);
    must(reply_check(line, n, EVENT_LOG, &why) < 0, "a reply to nothing");
    /* The schema cannot say how many bytes. */
    must(reply_check_read(line, n, STDIO_MOST, false, &why) < 0 ||
             reply_check(line, n, EVENT_TOEND, &why) == 0,
         "a block of input that is no piece of it");
    must(reply_check_read(line, n, STDIO_MOST, true, &why) < 0 ||
             reply_check_base64(line, n, EVENT_TOEND, &why) == 0,
         "a block of base64 that is no piece of it");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 1 || memchr(data, '\n', n))
        return 0;
    if (!requests[0].schema)
        for (size_t i = 0; i < REQUESTS; i++)
            requests[i].schema = judge_schema("reply", requests[i].pointer);
    check(data[0] % REQUESTS, (const char *)data + 1, n - 1);
    return 0;
}
