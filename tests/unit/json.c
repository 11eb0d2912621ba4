/* schemas/json*.c: what is JSON and what is not, places in it, and what is built from it. */
#include "runtime/json/json.h"

#include <json-c/json.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/base/fd.h"
#include "runtime/base/str.h"
#include "runtime/json/text.h"
#include "runtime/json/utf8.h"
#include "tests/unit/repeat.h"
#include "tests/unit/tap.h"

static const char *const good[] = {
    "0",
    "-0",
    "1.5",
    "-1e3",
    "1E+2",
    "2e-400",
    "\"\"",
    "\"\\u0000\"",
    "{\"a\":\"\\u0000b\"}",
    "0e12345678901234567",
    "1e-000000000000000000012345678901234567",
    "\"a\\u00e9\\n\\/\"",
    "\"\\ud83d\\ude00\"",
    "\"\xf0\x9f\x98\x80\"",
    "\"\x7f\"",
    "null",
    "true",
    "false",
    "[]",
    "{}",
    " [ 1 , 2 ] ",
    "{\"a\":{\"b\":[1,{\"a\":2}]},\"b\":1}",
    "\t\r\n{ \"\" : 0 }\n",
    "18446744073709551616",
    "{\"a\":1,\"A\":2,\"\\u0061b\":3}",
    "\"12345678901234567890\xc3\xa9\"",
};

static const struct {
    const char *text;
    size_t offset;
} bad[] = {
    {"", 0},
    {" ", 1},
    {"nul", 0},
    {"nullx", 4},
    {"True", 0},
    {"01", 0},
    {"-", 0},
    {"1.", 0},
    {".5", 0},
    {"+1", 0},
    {"1e", 0},
    {"1e999", 0},
    {"-1e400", 0},
    {"NaN", 0},
    {"0x10", 1},
    {"\"a", 2},
    {"\"a\nb\"", 2},
    {"\"\\x\"", 1},
    {"\"\\u12g4\"", 1},
    {"{\"a\\u0000b\":1}", 1},
    {"[{\"x\":{\"\\u0000\":1}}]", 7},
    {"1e-123456789012345678", 0},
    {"\"\\ud800\"", 1},
    {"\"\\udc00\"", 1},
    {"\"\\ud800\\u0041\"", 1},
    {"\"\xff\"", 1},
    {"\"\xc0\x80\"", 1},
    {"\"\xed\xa0\x80\"", 1},
    {"\"\xf4\x90\x80\x80\"", 1},
    {"\"12345678\xe2\x82\"", 9},
    {"\xef\xbb\xbf{}", 0},
    {"[1,]", 3},
    {"[1 2]", 3},
    {"[", 1},
    {"[1", 2},
    {"{", 1},
    {"{\"a\"}", 4},
    {"{\"a\":}", 5},
    {"{\"a\":1,}", 7},
    {"{a:1}", 1},
    {"{'a':1}", 1},
    {"{\"a\":1,\"a\":2}", 7},
    {"{\"a\":1,\"\\u0061\":2}", 7},
    {"{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}", 18},
    {"[] []", 3},
    {"{} // no", 3},
};

static void test_verdicts(void)
{
    const char *error = "";
    size_t offset = 0;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int r = json_check(good[i], strlen(good[i]), &error, &offset);

        ok(r == 0, "accepted: good %zu (%s)", i, r ? error : "");
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int r = json_check(bad[i].text, strlen(bad[i].text), &error, &offset);

        ok(r < 0 && offset == bad[i].offset, "refused: bad %zu at %zu (%zu: %s)", i, bad[i].offset,
           offset, error);
    }
    ok(json_check("\"a\0b\"", 5, &error, &offset) < 0 && offset == 2, "a NUL byte is refused");
}

static char *nested(unsigned depth)
{
    char *text = malloc(2 * depth + 1);

    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    text[2 * depth] = '\0';
    return text;
}

static void test_depth(void)
{
    char *fits = nested(JSON_DEPTH_MAX), *over = nested(JSON_DEPTH_MAX + 1),
         *huge = nested(1000000);
    const char *error = "";
    size_t offset;

    ok(json_check(fits, strlen(fits), &error, &offset) == 0, "depth %d fits", JSON_DEPTH_MAX);
    ok(json_check(over, strlen(over), &error, &offset) < 0 && offset == JSON_DEPTH_MAX,
       "depth %d is too much", JSON_DEPTH_MAX + 1);
    ok(json_check(huge, strlen(huge), &error, &offset) < 0, "a million brackets do not recurse");
    free(fits);
    free(over);
    free(huge);
}

/* Duplicates among many: the later one is named, in time that 200 000 members make visible. */
static void test_many_members(void)
{
    size_t cap = 32u << 20, n = 0, twin;
    char *text = malloc(cap);
    const char *error = "";
    size_t offset = 0;

    n += (size_t)sprintf(text, "{");
    for (int i = 0; i < 200000; i++)
        n += (size_t)sprintf(text + n, "\"%s%d\":%d,", i & 1 ? "a_common_prefix_" : "\\u0061_x", i,
                             i);
    twin = n;
    n += (size_t)sprintf(text + n, "\"\\u0061_common_prefix_777\":0,");
    ok(json_check(text, n, &error, &offset) < 0 && offset == n,
       "unfinished object ends at its end");
    n += (size_t)sprintf(text + n, "\"last\":0}");
    ok(json_check(text, n, &error, &offset) < 0 && offset == twin,
       "the twin is found: %zu, %zu (%s)", twin, offset, error);
    text[twin + 2] = '/'; /* "\/0061_...": another name */
    memcpy(text + twin + 2, "/0061", 5);
    ok(json_check(text, n, &error, &offset) == 0, "200 002 different members pass (%s)", error);
    free(text);
}

static const char place_text[] =
    "{\n  \"a\": [1, {\"x/y\": 2}],\n  \"\xc3\xa9~\": \"\xc3\xa9\", \"k\": 3,\n"
    "  \"\\u0065sc\": {\"\": 4}\n}\n";

static void test_places(void)
{
    static const struct {
        const char *pointer;
        int of_name;
        unsigned line, column;
    } rows[] = {
        {"", 0, 1, 1},           {"/a", 0, 2, 8},          {"/a", 1, 2, 3},
        {"/a/0", 0, 2, 9},       {"/a/1", 0, 2, 12},       {"/a/1/x~1y", 0, 2, 20},
        {"/a/1/x~1y", 1, 2, 13}, {"/\xc3\xa9~0", 0, 3, 9}, {"/k", 0, 3, 19},
        {"/k", 1, 3, 14},        {"/esc/", 0, 4, 20},      {"/esc", 1, 4, 3},
        {"/none", 0, 1, 1},      {"/a/7", 0, 2, 8},        {"/a/1/none", 1, 2, 12},
        {"/k/deeper", 0, 3, 19}, {"/a/x", 0, 2, 8},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct json_place p =
            json_locate(place_text, sizeof place_text - 1, rows[i].pointer, rows[i].of_name);

        ok(p.line == rows[i].line && p.column == rows[i].column, "%s \"%s\" is at %u:%u (%u:%u)",
           rows[i].of_name ? "name of" : "value of", rows[i].pointer, rows[i].line, rows[i].column,
           p.line, p.column);
    }

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) { /* what it knows misleads none */
        struct json_locator l = {.text = place_text, .n = sizeof place_text - 1};
        unsigned wrong = 0;

        for (size_t j = 0; j < sizeof rows / sizeof *rows; j++)
            for (int again = 0; again < 2; again++) {
                size_t k = again ? j : i;
                struct json_place p = json_locator_find(&l, rows[k].pointer, rows[k].of_name);

                wrong += p.line != rows[k].line || p.column != rows[k].column;
            }
        ok(wrong == 0, "the same between searches for \"%s\": %u wrong", rows[i].pointer, wrong);
    }
}

/* Hundreds of places in a long text: it is not walked again for each. */
static void test_many_places(void)
{
    char *text = repeat("[\"", "long ", 3000000, "\",1,2,3,4,5,6,7,8,9]");
    struct json_locator l = {.text = text, .n = strlen(text)};
    clock_t begin = clock();
    unsigned wrong = 0;
    double seconds;

    for (unsigned i = 0; i < 2000; i++) {
        char pointer[] = "/0";

        pointer[1] = (char)('1' + i * 9 / 2000);
        wrong += json_locator_find(&l, pointer, 0).column != 15000005 + 2 * (i * 9 / 2000);
    }
    seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    ok(wrong == 0 && seconds < 8, "2000 places in 15 MB: %u wrong, %.2f s", wrong, seconds);
    free(text);
}

static void test_build(void)
{
    static const char text[] =
        "{\"i\":9223372036854775807,\"u\":18446744073709551615,\"b\":-9223372036854775809,"
        "\"z\":-0,\"h\":1E+2,\"n\":\"a\\u0000b\",\"d\":1.0,\"s\":\"\\u00e9\\ud83d\\ude00\\\\\","
        "\"\\u006b\":[null,true,{}]}";
    static const char back[] =
        "{\"i\":9223372036854775807,\"u\":18446744073709551615,\"b\":-9223372036854775809,"
        "\"z\":-0,\"h\":1E+2,\"n\":\"a\\u0000b\",\"d\":1.0,\"s\":\"\xc3\xa9\xf0\x9f\x98\x80\\\\\","
        "\"k\":[null,true,{}]}";
    struct json_object *o, *v;
    const char *printed;
    int built;

    o = json_build(text, sizeof text - 1, &built);
    ok(built && o, "a text becomes objects");
    printed = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
    ok(strcmp(printed, back) == 0, "and back: %s", printed);
    ok(json_object_object_get_ex(o, "b", &v) && json_object_is_type(v, json_type_double),
       "an integer beyond 64 bits is a double");
    ok(json_object_object_get_ex(o, "u", &v) && json_object_get_uint64(v) == UINT64_MAX,
       "a uint64 is not clamped");
    json_object_put(o);
    o = json_build(" null ", 6, &built);
    ok(built && !o, "null is told apart from failure");
}

static void test_errors(void)
{
    static const struct {
        const char *text, *error;
    } wrong[] = {
        {"{\"a\":1,\"a\":2}", "duplicate member \"a\" (the first is at column 2)"},
        {"[{\"x\":{\"b\\n\":1,\n\"c\":2,\"b\\u000a\":2}}]",
         "duplicate member \"b\\u000a\" (the first is at line 1, column 8)"},
        {"{\"1\":0,\"2\":0,\"3\":0,\"4\":0,\"5\":0,\"6\":0,\"7\":0,\"8\":0,\"9\":0,\"10\":0,\"11\":"
         "0,"
         "\"12\":0,\"13\":0,\"14\":0,\"\\u0036\":0,\"6\":0}",
         "duplicate member \"6\" (the first is at column 32)"},
        {"{\"a\\u0000b\":1}", "a member's name must not hold \\u0000: \"a\\u0000b\""},
        {"[1,]", "not a JSON value"},
        {"{\"a\":1,\"a\":", "duplicate member \"a\" (the first is at column 2)"},
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *text = wrong[i].text;
        autostr struct str said = {0};
        struct json_error e = {0};

        ok(json_check(text, strlen(text), &e.what, &e.offset) < 0, "refused: %s", text);
        json_error_add(text, strlen(text), &e, &said);
        ok(strcmp(said.data, wrong[i].error) == 0, "named: %s", said.data);
    }
}

static void test_rounded(void)
{
    static const struct {
        const char *text;
        long at; /* -1: nothing is rounded */
    } of[] = {
        {"[9223372036854775807,-9223372036854775808,18446744073709551616,1e30,0.1]", -1},
        {"[-9223372036854775808,9223372036854775808,100000000000000000000000]", 42},
        {"[1,18446744073709551615,18446744073709551617]", 3},
        {"[-9223372036854775809]", 1},
    };

    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        struct json_scan s = {.at = of[i].text, .end = of[i].text + strlen(of[i].text)};

        long at = json_skip(&s, 9) < 0 ? -2 : s.rounded ? s.rounded - of[i].text : -1;

        ok(at == of[i].at, "what a double rounds: %s (%ld)", of[i].text, at);
    }
}

static void test_unescape(void)
{
    static const char raw[] = "a\\u00e9\\t\\\"\\ud83d\\ude00z";
    char out[sizeof raw];
    size_t n = json_unescape(raw, sizeof raw - 1, out);

    ok(n == 10 && memcmp(out, "a\xc3\xa9\t\"\xf0\x9f\x98\x80z", 10) == 0,
       "escapes are undone (%zu)", n);
}

/* Every text that passes can be built, printed and read again; none of the mutants may crash. */
static void test_mutants(void)
{
    char text[sizeof place_text];
    unsigned passed = 0, wrong = 0, seed = 1;
    const char *error;
    size_t offset, n = sizeof place_text - 1;

    for (int round = 0; round < 20000; round++) {
        struct json_object *o;
        int built;

        memcpy(text, place_text, sizeof text);
        for (int i = 0; i <= round % 3; i++) {
            seed = seed * 1103515245 + 12345;
            text[(seed >> 8) % n] = "\"\\{}[],:0u \xc3"[(seed >> 24) % 12];
        }
        if (json_check(text, n, &error, &offset) < 0) {
            wrong += offset > n;
            continue;
        }
        passed++;
        o = json_build(text, n, &built);
        wrong += !built;
        json_object_put(o);
        json_locate(text, n, "/a/1/x~1y", 0);
    }
    ok(wrong == 0 && passed > 100, "20000 mutants: %u passed, %u wrong", passed, wrong);
}

int main(void)
{
    test_verdicts();
    test_depth();
    test_many_members();
    test_places();
    test_many_places();
    test_build();
    test_errors();
    test_rounded();
    test_unescape();
    test_mutants();
    return done();
}
