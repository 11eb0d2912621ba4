/* runtime/batch/collect.c: what a run says becomes one line that fits schemas/result.schema.json, bounded. */
#include "runtime/batch/collect.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/json/json.h"
#include "runtime/json/schema/schema.h"
#include "runtime/wire/result.h"
#include "tests/unit/tap.h"

static struct schema *schema;
static struct json_object *document;

static void say(struct collect *c, const char *line, size_t n)
{
    struct event e;
    const char *why;
    autostr struct str reply = {0};

    if (event_parse(line, n, &e, &why) < 0)
        ok(false, "%s: %s", why, line);
    else if (e.kind == EVENT_RESULT || e.kind == EVENT_LOG || e.kind == EVENT_WRITE)
        c->caller.kind->event(&c->caller, &e, line, n);
    else
        ok(c->caller.kind->request(&c->caller, &e, line, n, &reply) == 1 && !c->caller.owed &&
               strchr(reply.data, '\n') == reply.data + reply.len - 1,
           "%s is answered at once: %.*s", line, (int)reply.len - 1, reply.data);
}

static struct json_object *written(struct collect *c, const struct outcome *o)
{
    autostr struct str out = {0};
    struct findings f = {0};
    struct json_object *value;
    int built = 0;
    const char *error;
    size_t at;

    collect_write(c, o, &out);
    if (!ok(out.len && out.data[out.len - 1] == '\n' &&
                memchr(out.data, '\n', out.len - 1) == NULL &&
                json_check(out.data, out.len, &error, &at) == 0,
            "one line of JSON, %zu bytes", out.len))
        return NULL;
    value = json_build(out.data, out.len, &built);
    ok(built && schema_validate(schema, value, NULL, &f) == 0, "it fits the schema%s%s",
       f.count ? ": " : "", f.count ? f.item[0].message : "");
    findings_free(&f);
    return value;
}

static struct json_object *member(struct json_object *o, const char *name)
{
    return json_object_object_get(o, name);
}

static void test_plain(void)
{
    static const char *const lines[] = {
        "{\"Log\":{\"Info\":\"a\\nb\"}}",
        "{\"Stdio\":{\"Write\":\"printed\\n\"}}",
        "{\"Stdio\":\"Readline\"}",
        "{\"Stdio\":\"ToEnd\"}",
        "{\"Call\":{\"method\":\"m\",\"params\":null}}",
        "{\"Artifact\":{\"name\":\"a\",\"data\":\"\"}}",
        "{\"Ratelimit\":{\"key\":\"k\",\"passes\":1,\"time\":1000}}",
        "{\"Result\":{\"a\":[1,null]}}",
    };
    struct report r = {.status = STATUS_OK};
    struct outcome o = {.id = "\"x\\\"\"", .line = 3, .attempts = 1, .report = &r};
    struct collect c = {0};
    struct json_object *value;

    collect_reset(&c);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        say(&c, lines[i], strlen(lines[i]));
    value = written(&c, &o);
    ok(json_object_array_length(member(value, "log")) == 2 && !member(value, "log_cut") &&
           !member(value, "error") && !member(value, "attempts") && !member(value, "line") &&
           !strcmp(json_object_get_string(member(value, "id")), "x\""),
       "log and id");
    ok(!strcmp(json_object_to_json_string_ext(member(value, "result"), JSON_C_TO_STRING_PLAIN),
               "{\"a\":[1,null]}"),
       "the result");
    json_object_put(value);
    collect_reset(&c);
    value = written(&c, &o);
    ok(json_object_array_length(member(value, "log")) == 0 && !member(value, "result"),
       "the next run has nothing of it");
    json_object_put(value);
    collect_free(&c);
}

static void test_no_run(void)
{
    struct report r = {.status = STATUS_INVALID, .message = "column 3: \"\x01"};
    struct outcome o = {.line = 7, .attempts = 1, .report = &r};
    struct json_object *value = written(NULL, &o);
    autostr struct str out = {0};
    struct result_head head;

    ok(json_object_get_int64(member(value, "line")) == 7 && !member(value, "id") &&
           strlen(json_object_get_string(member(value, "error"))) == 12,
       "a line that is no job");
    json_object_put(value);
    o.attempts = 3;
    o.id = "-5";
    r.status = STATUS_SETUP;
    value = written(NULL, &o);
    ok(json_object_get_int64(member(value, "attempts")) == 3 && !member(value, "line"),
       "a retried one");
    json_object_put(value);
    collect_write(NULL, &o, &out);
    ok(result_head(out.data, out.len - 1, &head) == 0 && head.id_len == 2 &&
           head.status == STATUS_SETUP && !strncmp(head.id, "-5", 2),
       "and it is read back");
}

/* COUNT texts of SIZE characters each, the first of them a two-byte one, all different at their end. */
static void test_bound(const char *before, const char *after, size_t size, size_t count)
{
    struct report r = {.status = STATUS_OK};
    struct outcome o = {.id = "1", .attempts = 1, .report = &r};
    struct collect c = {0};
    struct json_object *value, *log;
    size_t in = 0, kept;
    const char *last;
    char want[32];

    collect_reset(&c);
    for (size_t i = 0; i < count; i++) {
        autostr struct str line = {0};

        str_adds(&line, before);
        for (size_t k = 0; k < size; k++)
            str_adds(&line, "\xc3\xa9");
        str_addf(&line, "%zu%s", i, after);
        in += line.len + 1;
        say(&c, line.data, line.len);
    }
    kept = 4 * COLLECT_LOG_MAX;
    ok(c.log.len <= 2 * COLLECT_LOG_MAX && c.log.cap <= kept, "%zu bytes cost %zu", in, c.log.cap);
    value = written(&c, &o);
    log = member(value, "log");
    last = json_object_to_json_string_ext(
        json_object_array_get_idx(log, json_object_array_length(log) - 1), JSON_C_TO_STRING_PLAIN);
    snprintf(want, sizeof want, "%zu%s", count - 1, after);
    ok(strlen(last) > strlen(want) && !strcmp(last + strlen(last) - strlen(want), want),
       "the last one ends in %s", want);
    kept = c.log.len;
    ok(kept <= COLLECT_LOG_MAX && kept + c.log_cut == in &&
           json_object_get_uint64(member(value, "log_cut")) == (in > kept ? in - kept : 0),
       "%zu bytes kept, %llu cut, %zu came", kept, (unsigned long long)c.log_cut, in);
    json_object_put(value);
    collect_free(&c);
}

int main(void)
{
    struct findings f = {0};

    document = json_object_from_file("schemas/result.schema.json");
    schema = document ? schema_compile(document, NULL, &f) : NULL;
    findings_free(&f);
    if (!ok(schema != NULL, "schemas/result.schema.json compiles"))
        return done();
    test_plain();
    test_no_run();
    test_bound("{\"Log\":{\"Warn\":\"", "\"}}", 10, 100);
    test_bound("{\"Log\":{\"Warn\":\"", "\"}}", 10, 100000);
    test_bound("{\"Stdio\":{\"Write\":\"", "\"}}", 20000, 50);
    test_bound("{\"Stdio\":{\"Write\":\"", "\"}}", 400000, 3);
    test_bound("{\"Log\":{\"Error\":\"", "\"}}", 400000, 3);
    schema_free(schema);
    json_object_put(document);
    return done();
}
