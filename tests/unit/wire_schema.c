/* The parsers of runtime/wire/ against the schemas that describe them: of spoilt messages, both
 * accept the same ones. Left out are spellings on which they mean to differ: JSON escapes in names,
 * and integers written with a fraction or an exponent. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/str.h"
#include "runtime/json/json.h"
#include "runtime/json/schema/schema.h"
#include "runtime/wire/caller.h"
#include "schemas/setup.h"
#include "tests/unit/tap.h"

enum part {
    BOX,
    START,
    READLINE,
    TOEND,
    CALL,
    ARTIFACT,
    RATELIMIT,
    DATABASE,
    BLOB,
    BYTES,
    STDIN,
    READ
};

static const struct {
    enum part part;
    const char *line;
} seeds[] = {
    {BOX, "{\"Log\":{\"Info\":\"x\"}}"},
    {BOX, "{\"Log\":{\"WarnOnce\":\"\"}}"},
    {BOX, "{\"Stdio\":{\"Write\":\"x\"}}"},
    {BOX, "{\"Stdio\":\"Readline\"}"},
    {BOX, "{\"Stdio\":\"ToEnd\"}"},
    {BOX, "{\"Stdio\":{\"Read\":16}}"},
    {BOX, "{\"Stdio\":{\"Bytes\":16}}"},
    {BOX, "{\"Call\":{\"method\":\"m.n\",\"params\":[1,{\"a\":null}]}}"},
    {BOX, "{\"Call\":{\"ref\":\"a:1\",\"method\":\"m\",\"params\":{\"$fn\":1}}}"},
    {BOX, "{\"Return\":{\"Ok\":{\"$ref\":\"a\"}}}"},
    {BOX, "{\"Return\":{\"Err\":\"x\"}}"},
    {BOX, "{\"Artifact\":{\"name\":\"a.b\",\"data\":\"Zm9vYg==\",\"more\":true}}"},
    {BOX, "{\"Artifact\":{\"data\":\"Zm8=\",\"name\":\"a\"}}"},
    {BOX, "{\"Result\":[]}"},
    {BOX, "{\"Exit\":\"Ok\"}"},
    {BOX, "{\"Exit\":{\"Err\":\"x\"}}"},
    {BOX, "{\"Limit\":{\"name\":\"memory\",\"text\":\"x\"}}"},
    {START, "{\"arg\":[1],\"options\":{\"a\":1},\"verbose\":1,\"seed\":7,\"encoding\":\"base64\","
            "\"bundle\":\"b\",\"read\":true,\"export\":\"add_2\"}"},
    {START, "{\"keyring\":[{\"namespace\":\"a\",\"access_key\":\"b\",\"secret_key\":\"c\"}]}"},
    {START,
     "{\"keyring\":[{\"namespace\":\"a\",\"access_key\":\"b\",\"secret_key\":null}],\"arg\":1}"},
    {BOX, "{\"Ratelimit\":{\"key\":\"k\",\"passes\":1,\"time\":1000}}"},
    {BOX, "{\"Sleep\":{\"secs\":0,\"nanos\":999999999}}"},
    {BOX, "{\"Blob\":\"Zm8=\"}"},
    {BOX, "{\"Database\":{\"Insert\":{\"Domain\":{\"value\":\"a\",\"unscoped\":false}}}}"},
    {BOX, "{\"Database\":{\"InsertTtl\":[{\"Subdomain\":{\"domain_id\":1,\"value\":\"a\","
          "\"resolvable\":true,\"unscoped\":false}}"
          ",120]}}"},
    {BOX, "{\"Database\":{\"Select\":[\"Ipaddr\",\"1\"]}}"},
    {BOX, "{\"Database\":{\"Update\":[\"Subdomain\",\"a\",{\"Subdomain\":{\"id\":1,\"resolvable\":"
          "null}}]}}"},
    {BOX, "{\"Database\":{\"Insert\":{\"Url\":{\"subdomain_id\":1,\"value\":\"x\",\"path\":\"/"
          "\",\"status\":null,"
          "\"body\":[1,255],\"online\":null,\"title\":\"a\",\"redirect\":null,"
          "\"unscoped\":true}}}}"},
    {BOX,
     "{\"Database\":{\"Activity\":{\"topic\":\"a\",\"time\":\"b\",\"uniq\":null,\"latitude\":1,"
     "\"longitude\":null,\"radius\":5,\"content\":\"1\"}}}"},
    {READLINE, "{\"Ok\":\"x\"}"},
    {TOEND, "{\"Ok\":null}"},
    {CALL, "{\"Ok\":{\"a\":[]}}"},
    {CALL, "{\"Err\":\"x\"}"},
    {CALL, "{\"Invoke\":{\"fn\":9007199254740991,\"params\":[1]}}"},
    {CALL, "{\"Invoke\":{\"params\":null,\"fn\":1}}"},
    {ARTIFACT, "{\"Ok\":null}"},
    {ARTIFACT, "{\"Err\":\"x\"}"},
    {RATELIMIT, "{\"Ok\":\"Pass\"}"},
    {RATELIMIT, "{\"Ok\":{\"Retry\":{\"secs\":0,\"nanos\":5}}}"},
    {DATABASE, "{\"Ok\":1337}"},
    {DATABASE, "{\"Ok\":{\"Inserted\":1}}"},
    {DATABASE, "{\"Ok\":\"None\"}"},
    {DATABASE, "{\"Err\":\"x\"}"},
    {BLOB, "{\"Ok\":null}"},
    {BYTES, "{\"Ok\":\"Zm9vYg==\"}"},
    {BYTES, "{\"Ok\":null}"},
    {STDIN, "{\"Ok\":\"x\"}"},
    {STDIN, "{\"Err\":\"x\"}"},
    {READ, "{\"Ok\":\"x\"}"},
    {READ, "{\"Ok\":null}"},
};

#define SEEDS (sizeof seeds / sizeof seeds[0])

static const struct {
    const char *file, *definition; /* NULL: the whole schema */
} parts[] = {
    [BOX] = {"schemas/event.schema.json", "#/$defs/box"},
    [START] = {"schemas/start.schema.json", NULL},
    [READLINE] = {"schemas/reply.schema.json", "#/$defs/Readline"},
    [TOEND] = {"schemas/reply.schema.json", "#/$defs/ToEnd"},
    [CALL] = {"schemas/reply.schema.json", "#/$defs/Call"},
    [ARTIFACT] = {"schemas/reply.schema.json", "#/$defs/Artifact"},
    [RATELIMIT] = {"schemas/reply.schema.json", "#/$defs/Ratelimit"},
    [DATABASE] = {"schemas/reply.schema.json", "#/$defs/Database"},
    [BLOB] = {"schemas/reply.schema.json", "#/$defs/Blob"},
    [BYTES] = {"schemas/reply.schema.json", "#/$defs/Bytes"},
    [STDIN] = {"schemas/reply.schema.json", "#/$defs/Stdin"},
    [READ] = {"schemas/reply.schema.json", "#/$defs/Read"},
};

#define PARTS (sizeof parts / sizeof parts[0])

static struct json_object *documents[PARTS];
static struct schema *schemas[PARTS];

/* The schema of one definition is the file's with a reference in place of its own alternatives. */
static bool compile(size_t i)
{
    struct findings f = {0};

    documents[i] = json_object_from_file(parts[i].file);
    if (documents[i] && parts[i].definition) {
        json_object_object_del(documents[i], "oneOf");
        json_object_object_add(documents[i], "$ref", json_object_new_string(parts[i].definition));
    }
    schemas[i] = documents[i] ? schema_compile(documents[i], NULL, &f) : NULL;
    findings_free(&f);
    return schemas[i] != NULL;
}

static bool parser_accepts(enum part part, const char *line, size_t n)
{
    static const enum event_kind request[] = {
        [READLINE] = EVENT_READLINE, [TOEND] = EVENT_TOEND,         [CALL] = EVENT_CALL,
        [ARTIFACT] = EVENT_ARTIFACT, [RATELIMIT] = EVENT_RATELIMIT, [DATABASE] = EVENT_DATABASE,
        [BLOB] = EVENT_BLOB};
    struct fault fault;
    struct event e;
    struct start s;
    struct invoke i;
    const char *why;

    if (part == CALL && invoke_is_meant(line, n))
        return invoke_parse(line, n, &i, &fault) == 0;
    if (part == BOX)
        return event_parse(line, n, &e, &why) == 0;
    if (part == STDIN)
        return reply_check_sandbox(line, n, EVENT_READLINE, &fault) == 0;
    if (part == READ)
        return reply_check_read(line, n, STDIO_MOST, false, &fault) == 0;
    if (part == BYTES)
        return reply_check_base64(line, n, EVENT_TOEND, &fault) == 0;
    if (part != START)
        return reply_check(line, n, request[part], &fault) == 0;
    if (start_parse(line, n, &s, &fault) < 0)
        return false;
    start_free(&s);
    return true;
}

static bool schema_accepts(enum part part, const char *line, size_t n)
{
    struct findings f = {0};
    int built;
    struct json_object *value = json_build(line, n, &built);
    bool accepts = built && schema_validate(schemas[part], value, NULL, &f) == 0;

    json_object_put(value);
    findings_free(&f);
    return accepts;
}

static bool is_compared(const char *line, size_t n)
{
    const char *error;
    size_t offset;

    if (memchr(line, '\\', n) || memchr(line, '\r', n))
        return false;
    for (size_t i = 1; i < n; i++)
        if (line[i - 1] >= '0' && line[i - 1] <= '9' && strchr(".eE", line[i]))
            return false;
    return json_check(line, n, &error, &offset) == 0;
}

static size_t insert(char *line, size_t n, size_t room, size_t at, const char *bytes, size_t len)
{
    if (n + len > room)
        return n;
    memmove(line + at + len, line + at, n - at);
    memcpy(line + at, bytes, len);
    return n + len;
}

/* Mostly by whole words, so that the result is often JSON still. */
static size_t spoil(char *line, size_t n, size_t room)
{
    static const char *const words[] = {
        "null",
        "true",
        "1",
        "-1",
        "\"\"",
        "\"x\"",
        "{}",
        "[]",
        ",",
        "a",
        "/",
        "=",
        "\"Ok\"",
        "\"Err\":\"\"",
        "\"more\":true",
        ",\"Ok\":1",
        ".",
        " ",
        "[1",
        "\"a\":0,",
        "\"arg\":0,",
        ",\"seed\":-1",
        ",\"verbose\":null",
    };
    size_t at = (size_t)rand() % n, len = 1 + (size_t)rand() % 6;
    const char *word = words[(size_t)rand() % (sizeof words / sizeof words[0])];

    if (rand() % 2) {
        len = len < n - at ? len : n - at;
        memmove(line + at, line + at + len, n - at - len);
        n -= len;
    }
    return n && rand() % 2 ? insert(line, n, room, at < n ? at : n, word, strlen(word)) : n;
}

static void test_agreement(void)
{
    size_t compared = 0, accepted = 0, differ = 0, enough = (size_t)fewer(10000);

    for (int i = fewer(600000); i > 0; i--) {
        size_t seed = (size_t)rand() % SEEDS, n = strlen(seeds[seed].line);
        enum part part = seeds[seed].part;
        char line[400];
        bool yes;

        memcpy(line, seeds[seed].line, n);
        for (int k = rand() % 3; k > 0 && n > 1; k--)
            n = spoil(line, n, sizeof line);
        if (!is_compared(line, n))
            continue;
        compared++;
        yes = parser_accepts(part, line, n);
        accepted += yes;
        if (yes != schema_accepts(part, line, n) && differ++ < 5)
            printf("# only the %s accepts %.*s\n", yes ? "parser" : "schema", (int)n, line);
    }
    ok(differ == 0, "parser and schema agree on %zu messages, of which %zu are good", compared,
       accepted);
    ok(accepted > enough && compared - accepted > enough, "enough of both kinds to mean something");
}

int main(void)
{
    bool ready = true;

    srand(1);
    for (size_t i = 0; i < PARTS; i++)
        ready = ok(compile(i), "%s %s compiles", parts[i].file,
                   parts[i].definition ? parts[i].definition : "") &&
                ready;
    if (ready)
        test_agreement();
    for (size_t i = 0; i < PARTS; i++) {
        schema_free(schemas[i]);
        json_object_put(documents[i]);
    }
    return done();
}
