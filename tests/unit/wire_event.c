/* runtime/wire/event.c: the shapes that a box may send pass, and nothing else does. */
#include "runtime/wire/event.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/tap.h"

static const struct {
    const char *line;
    enum event_kind kind;
    const char *name, *text, *value; /* NULL: not there */
} good[] = {
    {"{\"Log\":{\"Debug\":\"\"}}", EVENT_LOG, NULL, "", NULL},
    {"{\"Log\":{\"Info\":\"a\\n\\u00e9\"}}", EVENT_LOG, NULL, "a\\n\\u00e9", NULL},
    {"{\"Log\":{\"Status\":\"\xc3\xa9\"}}", EVENT_LOG, NULL, "\xc3\xa9", NULL},
    {" {\t\"Log\" : { \"WarnOnce\" : \"x\" } } ", EVENT_LOG, NULL, "x", NULL},
    {"{\"Stdio\":{\"Write\":\"hello\\n\"}}", EVENT_WRITE, NULL, "hello\\n", NULL},
    {"{\"Stdio\":\"Readline\"}", EVENT_READLINE, NULL, NULL, NULL},
    {"{\"Stdio\":\"ToEnd\"}", EVENT_TOEND, NULL, NULL, NULL},
    {"{\"Call\":{\"method\":\"http.get\",\"params\":{\"a\":[1]}}}", EVENT_CALL, "http.get", NULL,
     "{\"a\":[1]}"},
    {"{\"Call\":{\"params\": null ,\"method\":\"a:b-c_D9\"}}", EVENT_CALL, "a:b-c_D9", NULL,
     "null"},
    {"{\"Artifact\":{\"name\":\"a.txt\",\"data\":\"Zg==\"}}", EVENT_ARTIFACT, "a.txt",
     "Zg==", NULL},
    {"{\"Artifact\":{\"more\":true,\"data\":\"\",\"name\":\"a\"}}", EVENT_ARTIFACT, "a", "", NULL},
    {"{\"Ratelimit\":{\"time\":0,\"key\":\"k\",\"passes\":4294967295}}", EVENT_RATELIMIT, NULL, "k",
     NULL},
    {"{\"Sleep\":{\"secs\":4294967295,\"nanos\":999999999}}", EVENT_SLEEP, NULL, NULL, NULL},
    {"{\"Blob\":\"\"}", EVENT_BLOB, NULL, "", NULL},
    {"{\"Database\":{\"Select\":[\"Cryptoaddr\",\"a\"]}}", EVENT_DATABASE, NULL, NULL, NULL},
    {"{\"Database\":{\"Insert\":{\"Domain\":{\"value\":\"a\",\"unscoped\":true}}}}", EVENT_DATABASE,
     NULL, NULL, NULL},
    {"{\"Stdio\":{\"Read\":4}}", EVENT_READ, NULL, NULL, NULL},
    {"{\"Stdio\":{\"Read\":65536}}", EVENT_READ, NULL, NULL, NULL},
    {"{\"Stdio\":{\"Bytes\":1}}", EVENT_BYTES, NULL, NULL, NULL},
    {"{\"Result\":null}", EVENT_RESULT, NULL, NULL, "null"},
    {"{\"Result\": [1,{\"Exit\":\"Ok\"}] }", EVENT_RESULT, NULL, NULL, "[1,{\"Exit\":\"Ok\"}]"},
    {"{\"Exit\":\"Ok\"}", EVENT_EXIT_OK, NULL, NULL, NULL},
    {"{\"Exit\":{\"Err\":\"main.lua:1: no\"}}", EVENT_EXIT_ERR, NULL, "main.lua:1: no", NULL},
    {"{\"Limit\":{\"name\":\"memory\",\"text\":\"t\"}}", EVENT_LIMIT, "memory", "t", NULL},
    {"{\"Limit\":{\"text\":\"\",\"name\":\"instructions\"}}", EVENT_LIMIT, "instructions", "",
     NULL},
    {"{\"Call\":{\"ref\":\"door:1\",\"params\":{\"$fn\":1},\"method\":\"open\"}}", EVENT_CALL,
     "open", NULL, "{\"$fn\":1}"},
    {"{\"Return\":{\"Ok\": [1] }}", EVENT_RETURN, NULL, NULL, "[1]"},
    {"{\"Return\":{\"Err\":\"a\\n\"}}", EVENT_RETURN, NULL, "a\\n", NULL},
    {"{\"Log\":{\"Info\":\"\\u0000\"}}", EVENT_LOG, NULL, "\\u0000", NULL},
};

#define GOOD (sizeof good / sizeof good[0])

static const char *const bad[] = {
    "",
    " ",
    "null",
    "[]",
    "{}",
    "\"Exit\"",
    "{\"Log\":{\"Info\":\"x\"}} {}",
    "{\"Log\":{\"Info\":\"x\"}}x",
    "{\"Log\":{\"Info\":\"x\"},\"Exit\":\"Ok\"}",
    "{\"Log\":{\"Info\":\"x\"},\"Log\":{\"Info\":\"x\"}}",
    "{\"Log\":{\"Info\":\"x\",\"Warn\":\"x\"}}",
    "{\"Log\":{\"Info\":\"x\",}}",
    "{\"Log\":{\"info\":\"x\"}}",
    "{\"Log\":{\"Infos\":\"x\"}}",
    "{\"Log\":{\"\":\"x\"}}",
    "{\"Log\":{}}",
    "{\"Log\":{\"Info\":1}}",
    "{\"Log\":{\"Info\":null}}",
    "{\"Log\":\"x\"}",
    "{\"log\":{\"Info\":\"x\"}}",
    "{\"L\\u006fg\":{\"Info\":\"x\"}}",
    "{\"Log\":{\"Info\":\"\x01\"}}",
    "{\"Log\":{\"Info\":\"\xff\"}}",
    "{\"Log\":{\"Info\":\"\xed\xa0\x80\"}}",
    "{\"Log\":{\"Info\":\"\\ud800\"}}",
    "{\"Result\":{\"a\\u0000\":1}}",
    "{\"Log\":{\"Info\\u0000\":\"\"}}",
    "{\"Log\":{\"Info\":\"\\x\"}}",
    "{\"Log\":\r{\"Info\":\"x\"}}",
    "{\"Result\":[\r{\"Exit\":\"Ok\"}\r]}",
    "{'Log':{'Info':'x'}}",
    "{\"Stdio\":{\"Write\":\"x\",\"Write\":\"y\"}}",
    "{\"Stdio\":{\"Write\":null}}",
    "{\"Stdio\":{\"Read\":\"x\"}}",
    "{\"Stdio\":\"readline\"}",
    "{\"Stdio\":\"To\\u0045nd\"}",
    "{\"Stdio\":null}",
    "{\"Call\":{\"method\":\"m\"}}",
    "{\"Call\":{\"params\":1}}",
    "{\"Call\":{\"method\":\"\",\"params\":1}}",
    "{\"Call\":{\"method\":\"a b\",\"params\":1}}",
    "{\"Call\":{\"method\":\"\\u0061\",\"params\":1}}",
    "{\"Call\":{\"method\":\"m\",\"params\":1,\"x\":1}}",
    "{\"Call\":{\"method\":\"m\",\"params\":1,\"method\":\"n\"}}",
    "{\"Call\":{\"method\":\"m\",\"params\":{\"a\":1,\"a\":2}}}",
    "{\"Call\":{\"method\":\"m\",\"params\":{\"a\":1,\"\\u0061\":2}}}",
    "{\"Call\":{\"method\":\"m\",\"params\":01}}",
    "{\"Call\":{\"method\":\"m\",\"params\":NaN}}",
    "{\"Call\":{\"method\":[\"m\"],\"params\":1}}",
    "{\"Call\":{\"ref\":\"a\",\"params\":1}}",
    "{\"Call\":{\"ref\":\"\",\"method\":\"m\",\"params\":1}}",
    "{\"Call\":{\"ref\":\":a\",\"method\":\"m\",\"params\":1}}",
    "{\"Call\":{\"ref\":\"a b\",\"method\":\"m\",\"params\":1}}",
    "{\"Call\":{\"ref\":\"\\u0061\",\"method\":\"m\",\"params\":1}}",
    "{\"Call\":{\"ref\":1,\"method\":\"m\",\"params\":1}}",
    "{\"Call\":{\"ref\":\"a\",\"ref\":\"a\",\"method\":\"m\",\"params\":1}}",
    "{\"Return\":{}}",
    "{\"Return\":1}",
    "{\"Return\":{\"Ok\":1,\"Err\":\"a\"}}",
    "{\"Return\":{\"Err\":1}}",
    "{\"Return\":{\"ok\":1}}",
    "{\"Invoke\":{\"fn\":1,\"params\":1}}",
    "{\"Artifact\":{\"name\":\"a\"}}",
    "{\"Artifact\":{\"data\":\"\"}}",
    "{\"Artifact\":{\"name\":\"\",\"data\":\"\"}}",
    "{\"Artifact\":{\"name\":\".\",\"data\":\"\"}}",
    "{\"Artifact\":{\"name\":\"..\",\"data\":\"\"}}",
    "{\"Artifact\":{\"name\":\"-\",\"data\":\"\"}}",
    "{\"Artifact\":{\"name\":\"-rf\",\"data\":\"\"}}",
    "{\"Artifact\":{\"name\":\".bashrc\",\"data\":\"\"}}",
    "{\"Artifact\":{\"name\":\"a/b\",\"data\":\"\"}}",
    "{\"Artifact\":{\"name\":\"a\\/b\",\"data\":\"\"}}",
    "{\"Artifact\":{\"name\":\"a:b\",\"data\":\"\"}}",
    "{\"Artifact\":{\"name\":\"\xc3\xa9\",\"data\":\"\"}}",
    "{\"Artifact\":{\"name\":\"a\",\"data\":\"Zg\"}}",
    "{\"Artifact\":{\"name\":\"a\",\"data\":\"Zh==\"}}",
    "{\"Artifact\":{\"name\":\"a\",\"data\":\"\\/\\/\\/\\/\"}}",
    "{\"Artifact\":{\"name\":\"a\",\"data\":\"\",\"more\":false}}",
    "{\"Artifact\":{\"name\":\"a\",\"data\":\"\",\"more\":\"true\"}}",
    "{\"Artifact\":{\"name\":\"a\",\"data\":\"\",\"less\":true}}",
    "{\"Result\":}",
    "{\"Result\"}",
    "{\"Result\":1,}",
    "{\"Result\":1 2}",
    "{\"Exit\":\"ok\"}",
    "{\"Exit\":null}",
    "{\"Exit\":{\"Ok\":\"x\"}}",
    "{\"Exit\":{\"Err\":null}}",
    "{\"Exit\":{\"SetupFailed\":\"x\"}}",
    "{\"Report\":{\"status\":\"ok\"}}",
    "{\"Ratelimit\":{\"key\":\"k\",\"passes\":1}}",
    "{\"Ratelimit\":{\"key\":\"k\",\"passes\":1.5,\"time\":1}}",
    "{\"Ratelimit\":{\"key\":\"k\",\"passes\":-1,\"time\":1}}",
    "{\"Ratelimit\":{\"key\":\"k\",\"passes\":1,\"time\":4294967296}}",
    "{\"Ratelimit\":{\"key\":1,\"passes\":1,\"time\":1}}",
    "{\"Ratelimit\":{\"key\":\"k\",\"key\":\"k\",\"passes\":1,\"time\":1}}",
    "{\"Ratelimit\":\"Pass\"}",
    "{\"Sleep\":{\"secs\":1}}",
    "{\"Sleep\":{\"secs\":1,\"nanos\":1000000000}}",
    "{\"Sleep\":{\"secs\":4294967296,\"nanos\":0}}",
    "{\"Sleep\":1}",
    "{\"Sleep\":{\"secs\":1,\"secs\":1,\"nanos\":0}}",
    "{\"Blob\":\"Zg\"}",
    "{\"Blob\":null}",
    "{\"Database\":{}}",
    "{\"Database\":{\"Insert\":{}}}",
    "{\"Database\":{\"Insert\":{\"Domain\":{}}}}",
    "{\"Database\":{\"Insert\":{\"domain\":{\"value\":\"a\",\"unscoped\":false}}}}",
    "{\"Database\":{\"Insert\":{\"Domain\":{\"value\":1,\"unscoped\":false}}}}",
    "{\"Database\":{\"Insert\":{\"Domain\":{\"value\":\"a\",\"value\":\"b\",\"unscoped\":false}}}}",
    "{\"Database\":{\"Insert\":{\"Domain\":{\"value\":\"a\"}}}}",
    "{\"Database\":{\"Insert\":{\"Domain\":{\"value\":\"a\",\"unscoped\":null}}}}",
    "{\"Database\":{\"Insert\":{\"Domain\":{\"value\":\"a\",\"unscoped\":true,\"x\":1}}}}",
    "{\"Database\":{\"Insert\":{\"Activity\":{\"value\":\"a\"}}}}",
    "{\"Database\":{\"Insert\":{\"\":{\"value\":\"a\"}}}}",
    "{\"Database\":{\"InsertTtl\":[{\"Domain\":{\"value\":\"a\",\"unscoped\":false}}]}}",
    "{\"Database\":{\"Select\":[\"domain\",\"a\"]}}",
    "{\"Database\":{\"Select\":[\"Domain\"]}}",
    "{\"Database\":{\"Update\":[\"Domain\",\"a\",{\"Domain\":{\"id\":1}}]}}",
    "{\"Database\":{\"Update\":[\"Email\",\"a\",{\"Subdomain\":{\"id\":1,\"resolvable\":true}}]}}",
    "{\"Database\":{\"Insert\":{\"SubdomainIpAddr\":{\"subdomain_id\":1,\"ip_addr_id\":2147483648}}"
    "}}",
    "{\"Database\":{\"Delete\":[\"Domain\",\"a\"]}}",
    "{\"Limit\":{\"name\":\"wall_time\",\"text\":\"x\"}}",
    "{\"Limit\":{\"name\":\"memory\"}}",
    "{\"Limit\":\"memory\"}",
    "{\"Ready\":3}",
    "{\"Ready\":\"3\"}",
    "{\"Ready\":3.0}",
    "{\"Ready\":-2}",
    "{\"Ready\":2147483648}",
    "{\"Ready\":99999999999999999999999999}",
    "{\"Ready\":null}",
    "{\"Ready\":[]}",
    "{\"Ready\":[3]}",
    "{\"Ready\":[3,]}",
    "{\"Ready\":[3,0]}",
    "{\"Ready\":[3,-1]}",
    "{\"Ready\":[3,1.0]}",
    "{\"Ready\":[3,1e3]}",
    "{\"Ready\":[-2,1]}",
    "{\"Ready\":[\"3\",1]}",
    "{\"Ready\":[3,1,1]}",
    "{\"Ready\":[3,140737488355328]}",
    "{\"Ready\":[3,99999999999999999999999]}",
    "{\"Ready\":[[3],1]}",
};

static bool span_same(struct span span, const char *expected)
{
    if (!expected)
        return span.at == NULL;
    return span.at && strlen(expected) == span.len && !memcmp(span.at, expected, span.len);
}

static void test_good(void)
{
    for (size_t i = 0; i < GOOD; i++) {
        struct event e;
        const char *why = NULL;

        ok(event_parse(good[i].line, strlen(good[i].line), &e, &why) == 0 &&
               e.kind == good[i].kind && span_same(e.name, good[i].name) &&
               span_same(e.text, good[i].text) && span_same(e.value, good[i].value),
           "accepted: %s%s%s", good[i].line, why ? ": " : "", why ? why : "");
    }
}

static void test_bad(void)
{
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct event e;
        const char *why = NULL;

        ok(event_parse(bad[i], strlen(bad[i]), &e, &why) == -1 && why && *why,
           "refused: line %zu (%s)", i, why ? why : "accepted");
    }
}

static void test_prefixes(void)
{
    for (size_t i = 0; i < GOOD; i++) {
        size_t n = strlen(good[i].line), refused = 0;
        struct event e;
        const char *why;

        while (n > 0 && good[i].line[n - 1] == ' ')
            n--;
        for (size_t k = 0; k < n; k++) {
            char *exact = malloc(k + 1); /* so that reading past the end is seen */

            if (exact) {
                memcpy(exact, good[i].line, k);
                refused += event_parse(exact, k, &e, &why) == -1;
            }
            free(exact);
        }
        ok(refused == n, "each beginning of line %zu is refused", i);
    }
}

static void test_details(void)
{
    static const char *const level[] = {"Debug",    "Info",  "Success", "Warn",
                                        "WarnOnce", "Error", "Status"};
    char line[400], name[200];
    struct event e;
    const char *why;

    for (int i = LOG_DEBUG; i <= LOG_STATUS; i++) {
        int n = snprintf(line, sizeof line, "{\"Log\":{\"%s\":\"x\"}}", level[i]);

        ok(event_parse(line, (size_t)n, &e, &why) == 0 && (int)e.level == i &&
               !strcmp(log_level_text(e.level), level[i]),
           "level %s", level[i]);
    }
    ok(event_parse(good[10].line, strlen(good[10].line), &e, &why) == 0 && e.more, "more pieces");
    ok(event_parse(good[9].line, strlen(good[9].line), &e, &why) == 0 && !e.more, "no more pieces");
    for (int len = 128; len <= 129; len++) {
        memset(name, 'n', sizeof name);
        name[len] = '\0';
        int n = snprintf(line, sizeof line, "{\"Artifact\":{\"name\":\"%s\",\"data\":\"\"}}", name);

        ok(event_parse(line, (size_t)n, &e, &why) == (len == 128 ? 0 : -1), "a name of %d bytes",
           len);
    }
}

static void test_depth(void)
{
    for (unsigned depth = 128; depth <= 100000; depth = depth == 128 ? 129 : depth * 800) {
        size_t n = 11 + 2 * (size_t)depth;
        char *line = malloc(n);
        struct event e;
        const char *why;

        if (!line)
            abort();
        memcpy(line, "{\"Result\":", 10);
        memset(line + 10, '[', depth);
        memset(line + 10 + depth, ']', depth);
        line[n - 1] = '}';
        ok(event_parse(line, n, &e, &why) == (depth == 128 ? 0 : -1), "a value nested %u deep",
           depth);
        free(line);
    }
}

int main(void)
{
    test_good();
    test_bad();
    test_prefixes();
    test_details();
    test_depth();
    return done();
}
