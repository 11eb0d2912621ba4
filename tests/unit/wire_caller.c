/* runtime/wire/caller.c, reply.c: what a caller may say, and errors that name the place and the
 * remedy. */
#include "runtime/wire/caller.h"

#include <json-c/json.h>
#include <string.h>

#include "tests/unit/tap.h"

static int parse(const char *line, struct start *s, struct fault *why)
{
    *why = (struct fault){0};
    return start_parse(line, strlen(line), s, why);
}

static void test_start(void)
{
    struct start s;
    struct fault why;

    ok(parse("{}", &s, &why) == 0 && !s.has_arg && !s.options && !s.keyring && !s.has_seed &&
           !s.verbose && !s.base64,
       "every member may be missing");
    start_free(&s);
    ok(parse("{\"arg\":null}", &s, &why) == 0 && s.has_arg && !s.arg, "a null argument is one");
    start_free(&s);
    ok(parse("{\"arg\":[1],\"options\":{\"n\":5},\"verbose\":2,\"seed\":18446744073709551615,"
             "\"encoding\":\"base64\"}",
             &s, &why) == 0,
       "a whole start line: %s", why.what);
    ok(json_object_array_length(s.arg) == 1 && json_object_object_length(s.options) == 1 &&
           s.verbose == 2 && s.has_seed && s.seed == UINT64_MAX && s.base64,
       "its values");
    start_free(&s);
    ok(!s.arg && !s.options, "freed is empty");
    ok(parse("{\"encoding\":\"utf-8\",\"seed\":0}", &s, &why) == 0 && !s.base64 && s.has_seed,
       "utf-8");
    start_free(&s);
    ok(parse("{\"bundle\":\"a/b\"}", &s, &why) == 0 && s.has_bundle && !strcmp(s.bundle, "a/b"),
       "a bundle");
    start_free(&s);
    ok(parse("{\"export\":\"_a9\"}", &s, &why) == 0 && !strcmp(s.export, "_a9"), "an export");
    start_free(&s);
    ok(parse("{}", &s, &why) == 0 && !s.export[0], "no export");
    start_free(&s);
    ok(parse("{\"keyring\":[{\"namespace\":\"aws\",\"access_key\":\"AK\",\"secret_key\":\"s\"},"
             "{\"namespace\":\"x\",\"access_key\":\"y\"},"
             "{\"namespace\":\"x\",\"access_key\":\"z\",\"secret_key\":null}]}",
             &s, &why) == 0 &&
           json_object_array_length(s.keyring) == 3,
       "a keyring: %s", why.what);
    start_free(&s);
}

static const struct {
    const char *line, *what; /* what the error says, in part */
} bad_start[] = {
    {"", "empty; expected a JSON object, at least {}"},
    {"{", "column 2: "},
    {"{} {}", "column 4: "},
    {"{\"arg\":1,\"arg\":2}", "column 10: "},
    {"null", "expected a JSON object, at least {}, not null"},
    {"[]", "not array"},
    {"{\"args\":1}",
     "unknown member \"args\"; a start line may have export, arg, options, keyring"},
    {"{\"a\\n\\u001b\":1}", "unknown member \"a\\n\\u001b\""},
    {"{\"export\":1}", "/export: expected an export's name: a letter or _, then up to 63"},
    {"{\"export\":null}", "/export: expected an export's name"},
    {"{\"export\":\"\"}", "/export: expected an export's name"},
    {"{\"export\":\"9a\"}", "/export: expected an export's name"},
    {"{\"export\":\"a-b\"}", "/export: expected an export's name"},
    {"{\"export\":\"a\\u0000\"}", "/export: expected an export's name"},
    {"{\"export\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
     "/export: expected an export's name"},
    {"{\"bundle\":1}", "/bundle: expected a string, not int"},
    {"{\"options\":[]}", "/options: expected an object, not array"},
    {"{\"options\":null}", "/options: expected an object, not null"},
    {"{\"verbose\":-1}", "/verbose: expected an integer, 0 or more"},
    {"{\"verbose\":true}", "/verbose: "},
    {"{\"seed\":-1}", "/seed: expected an integer from 0 to 18446744073709551615"},
    {"{\"seed\":18446744073709551616}", "/seed: "},
    {"{\"seed\":1.5}", "/seed: "},
    {"{\"seed\":0.0}", "/seed: "},
    {"{\"seed\":null}", "/seed: "},
    {"{\"encoding\":\"latin1\"}", "/encoding: expected \"utf-8\" or \"base64\""},
    {"{\"encoding\":7}", "/encoding: "},
    {"{\"keyring\":{}}", "/keyring: expected an array of"},
    {"{\"keyring\":[1]}",
     "/keyring/0: expected an object {\"namespace\", \"access_key\", \"secret_key\"}"},
    {"{\"keyring\":[{\"access_key\":\"a\"}]}", "/keyring/0: missing member: namespace"},
    {"{\"keyring\":[{\"namespace\":\"a\"}]}", "/keyring/0: missing member: access_key"},
    {"{\"keyring\":[{\"namespace\":\"\",\"access_key\":\"a\"}]}",
     "/keyring/0/namespace: expected a non-empty"},
    {"{\"keyring\":[{\"namespace\":\"n\\u0000\",\"access_key\":\"a\"}]}",
     "/keyring/0/namespace: must not hold"},
    {"{\"keyring\":[{\"namespace\":\"n\",\"access_key\":\"a\\u0000\"}]}",
     "/keyring/0/access_key: must not hold"},
    {"{\"bundle\":\"a\\u0000\"}", "/bundle: must not hold"},
    {"{\"encoding\":\"base64\\u0000\"}", "/encoding: "},
    {"{\"a\":1,\"a\":2}", "column 8: duplicate member \"a\" (the first is at column 2)"},
    {"{\"keyring\":[{\"namespace\":\"n\",\"access_key\":\"a\",\"secret_key\":1}]}",
     "/keyring/0/secret_key: expected a string, not int"},
    {"{\"keyring\":[{\"namespace\":\"n\",\"access_key\":\"a\",\"key\":\"geheim\"}]}",
     "/keyring/0: unknown member \"key\"; an entry has"},
};

static void test_bad_start(void)
{
    for (size_t i = 0; i < sizeof bad_start / sizeof bad_start[0]; i++) {
        struct start s;
        struct fault why;

        ok(parse(bad_start[i].line, &s, &why) == -1 && why.status == STATUS_INVALID &&
               !strcmp(why.where, "start line") && strstr(why.what, bad_start[i].what) &&
               !strchr(why.what, '\n') && !strstr(why.what, "geheim") && !s.arg && !s.keyring,
           "start line %zu: %s", i, why.what);
    }
}

static void test_keyring(void)
{
    static const char text[] =
        "[\n  {\"namespace\":\"n\",\"access_key\":\"a\"},\n  {\"namespace\":7}\n]";
    struct json_object *entries;
    struct fault why = {0};

    ok(keyring_parse("[]", 2, "k.json", &entries, &why) == 0 && entries, "an empty keyring");
    json_object_put(entries);
    ok(keyring_parse(text, strlen(text), "k.json", &entries, &why) == -1 && !entries &&
           !strcmp(why.where, "k.json:3:16") && strstr(why.what, "/1/namespace: expected a string"),
       "%s: %s", why.where, why.what);
    ok(keyring_parse("[\n", 2, "k.json", &entries, &why) == -1 && !strncmp(why.where, "k.json:", 7),
       "%s: %s", why.where, why.what);
    ok(keyring_parse("null", 4, "k.json", &entries, &why) == -1 && strstr(why.what, "not null"),
       "%s: %s", why.where, why.what);
}

static const struct {
    enum event_kind to;
    const char *line;
    bool good;
} replies[] = {
    {EVENT_READLINE, "{\"Ok\":\"text\\n\"}", true},
    {EVENT_READLINE, " { \"Ok\" : null } ", true},
    {EVENT_READLINE, "{\"Ok\":1}", false},
    {EVENT_READLINE, "{\"Ok\":[]}", false},
    {EVENT_READLINE, "{\"Err\":\"x\"}", false},
    {EVENT_TOEND, "{\"Ok\":\"\"}", true},
    {EVENT_TOEND, "{\"Ok\":null}", true},
    {EVENT_TOEND, "{\"Ok\":nul}", false},
    {EVENT_TOEND, "{\"Ok\":true}", false},
    {EVENT_CALL, "{\"Ok\":{\"a\":[1,null]}}", true},
    {EVENT_CALL, "{\"Ok\":null}", true},
    {EVENT_CALL, "{\"Err\":\"no\"}", true},
    {EVENT_CALL, "{\"Err\":null}", false},
    {EVENT_CALL, "{\"Err\":{}}", false},
    {EVENT_CALL, "{\"Ok\":1,\"Err\":\"x\"}", false},
    {EVENT_CALL, "{\"Ok\":1,\"Ok\":2}", false},
    {EVENT_CALL, "{\"Ok\":{\"a\":1,\"a\":1}}", false},
    {EVENT_CALL, "{\"ok\":1}", false},
    {EVENT_CALL, "{}", false},
    {EVENT_CALL, "", false},
    {EVENT_CALL, "null", false},
    {EVENT_CALL, "{\"Ok\":1} x", false},
    {EVENT_CALL, "{\"Ok\":\"\xff\"}", false},
    {EVENT_ARTIFACT, "{\"Ok\":null}", true},
    {EVENT_ARTIFACT, "{\"Err\":\"disk full\"}", true},
    {EVENT_ARTIFACT, "{\"Ok\":\"\"}", false},
    {EVENT_LOG, "{\"Ok\":null}", false},
    {EVENT_RESULT, "{\"Ok\":null}", false},
};

static void test_replies(void)
{
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
        struct fault why = {0};
        int got = reply_check(replies[i].line, strlen(replies[i].line), replies[i].to, &why);

        ok(got == (replies[i].good ? 0 : -1) &&
               (got == 0 || (why.status == STATUS_INVALID && *why.where && *why.what)),
           "reply %zu: %s", i, got == 0 ? "good" : why.what);
    }
}

/* Where the encoding is base64; of calls and artifacts nothing changes. */
static const struct {
    enum event_kind to;
    const char *line;
    bool good;
} replies_base64[] = {
    {EVENT_READLINE, "{\"Ok\":\"YQo=\"}", true},
    {EVENT_TOEND, "{\"Ok\":\"\"}", true},
    {EVENT_TOEND, "{\"Ok\":null}", true},
    {EVENT_TOEND, "{\"Ok\":\"AP+/\"}", true},
    {EVENT_TOEND, "{\"Ok\":\"AP+\\/\"}", true},
    {EVENT_TOEND, "{\"Ok\":\"\\u0041AAA\"}", true},
    {EVENT_TOEND, "{\"Ok\":\"YQ\"}", false},
    {EVENT_TOEND, "{\"Ok\":\"YQ=\"}", false},
    {EVENT_TOEND, "{\"Ok\":\"YR==\"}", false},
    {EVENT_TOEND, "{\"Ok\":\"YQ==YQ==\"}", false},
    {EVENT_TOEND, "{\"Ok\":\"====\"}", false},
    {EVENT_TOEND, "{\"Ok\":\"YW Jj\"}", false},
    {EVENT_TOEND, "{\"Ok\":\"YWJ\\n\"}", false},
    {EVENT_TOEND, "{\"Ok\":\"YW-_\"}", false},
    {EVENT_TOEND, "{\"Ok\":\"text\\n\"}", false},
    {EVENT_READLINE, "{\"Ok\":1}", false},
    {EVENT_READLINE, "{\"Err\":\"YQ==\"}", false},
    {EVENT_READLINE, "{\"Ok\":\"YQ==\"} x", false},
    {EVENT_CALL, "{\"Ok\":\"no base64\"}", true},
    {EVENT_CALL, "{\"Err\":\"no base64\"}", true},
    {EVENT_ARTIFACT, "{\"Ok\":null}", true},
    {EVENT_ARTIFACT, "{\"Err\":\"no base64\"}", true},
    {EVENT_LOG, "{\"Ok\":null}", false},
};

static void test_replies_base64(void)
{
    for (size_t i = 0; i < sizeof replies_base64 / sizeof replies_base64[0]; i++) {
        const char *line = replies_base64[i].line;
        struct fault why = {0};
        int got = reply_check_base64(line, strlen(line), replies_base64[i].to, &why);

        ok(got == (replies_base64[i].good ? 0 : -1) &&
               (got == 0 || (why.status == STATUS_INVALID && *why.what)),
           "base64 reply %zu: %s", i, got == 0 ? "good" : why.what);
    }
}

/* Of up to 6 bytes. */
static const struct {
    const char *line;
    bool base64, good;
} replies_read[] = {
    {"{\"Ok\":\"a\"}", false, true},
    {"{\"Ok\":\"abcdef\"}", false, true},
    {"{\"Ok\":\"abcdefg\"}", false, false},
    {"{\"Ok\":\"\\u0061\\u0062cdef\"}", false, true},
    {"{\"Ok\":\"\\u20ac\\u20ac\"}", false, true},
    {"{\"Ok\":\"\\u20ac\\u20aca\"}", false, false},
    {"{\"Ok\":\"\"}", false, false},
    {"{\"Ok\":null}", false, true},
    {" { \"Ok\" : null } ", true, true},
    {"{\"Ok\":1}", false, false},
    {"{\"Ok\":\"a\"} x", false, false},
    {"{\"Err\":\"a\"}", false, false},
    {"{\"Ok\":\"YWJjZGVm\"}", true, true},
    {"{\"Ok\":\"YWJjZGVmZw==\"}", true, false},
    {"{\"Ok\":\"YWJjZGU=\"}", true, true},
    {"{\"Ok\":\"YWJjZA==\"}", true, true},
    {"{\"Ok\":\"YWJjZA\"}", true, false},
    {"{\"Ok\":\"\"}", true, false},
};

static void test_replies_read(void)
{
    for (size_t i = 0; i < sizeof replies_read / sizeof replies_read[0]; i++) {
        const char *line = replies_read[i].line;
        struct fault why = {0};
        int got = reply_check_read(line, strlen(line), 6, replies_read[i].base64, &why);

        ok(got == (replies_read[i].good ? 0 : -1) &&
               (got == 0 || (why.status == STATUS_INVALID && *why.what)),
           "reply %zu to a Read: %s", i, got == 0 ? "good" : why.what);
    }
}

static void test_depth(void)
{
    for (size_t depth = 127; depth <= 128; depth++) {
        char line[400] = "{\"Ok\":";
        struct fault why;

        memset(line + 6, '[', depth);
        memset(line + 6 + depth, ']', depth);
        line[6 + 2 * depth] = '}';
        ok(reply_check(line, 7 + 2 * depth, EVENT_CALL, &why) == (depth == 127 ? 0 : -1),
           "a reply whose value nests %zu deep", depth);
    }
}

/* Characters of three bytes, at each of the three places where a message's end can cut them. */
static void test_long_name(void)
{
    for (size_t shift = 0; shift < 3; shift++) {
        char line[4096] = "{\"xx";
        struct start s;
        struct fault why;
        size_t n = 2 + shift, len, cut = 0;

        for (size_t i = 0; i < 1000; i++, n += 3)
            memcpy(line + n, "\u20ac", 3);
        memcpy(line + n, "\":1}", 5);
        ok(parse(line, &s, &why) < 0, "a name of 3000 bytes");
        len = strlen(why.what);
        while (cut < len && !memcmp(why.what + len - 3 - 3 * (cut + 1), "\u20ac", 3))
            cut++;
        ok(cut > 400 && strcmp(why.what + len - 3, "...") == 0, "is cut between characters");
    }
}

int main(void)
{
    test_start();
    test_long_name();
    test_bad_start();
    test_keyring();
    test_replies();
    test_replies_base64();
    test_replies_read();
    test_depth();
    return done();
}
