/* runtime/wire/handles.c: functions and objects are found in every spelling that JSON has for them, and
 * nothing else is taken for one. */
#include "runtime/wire/handles.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/tap.h"

static const struct {
    const char *json;
    const char *found; /* numbers and ids, each with a space behind; '!': a number that is none */
} cases[] = {
    {"1", ""},
    {"{}", ""},
    {"{\"$fn\":1}", "1 "},
    {" { \"$fn\" : 12 } ", "12 "},
    {"{\"$fn\":9007199254740991}", "9007199254740991 "},
    {"[{\"$fn\":1},{\"a\":{\"$fn\":2}},3,{\"$ref\":\"a\"}]", "1 2 a "},
    {"{\"$ref\":\"door:1\"}", "door:1 "},
    {"{\"a\":{\"$ref\":\"A-9_.:x\"},\"b\":\"$ref\"}", "A-9_.:x "},
    {"{\"\\u0024ref\":\"d\\u006Fo\\u0072\"}", "door "},
    {"{\"$\\u0066n\":7}", "7 "},
    {"{\"\\u0024f\\u006e\":7}", "7 "},
    {"{\"$fn\":0}", "! "},
    {"{\"$fn\":-1}", "! "},
    {"{\"$fn\":1.0}", "! "},
    {"{\"$fn\":1e0}", "! "},
    {"{\"$fn\":10E-1}", "! "},
    {"{\"$fn\":9007199254740992}", "! "},
    {"{\"$fn\":99999999999999999999}", "! "},
    {"[{\"$fn\":1.5},{\"$ref\":\"a\"}]", "! a "},
    {"{\"$fn\":\"1\"}", ""},
    {"{\"$fn\":null}", ""},
    {"{\"$fn\":[1]}", ""},
    {"{\"$fn\":{\"$fn\":3}}", "3 "},
    {"{\"$ref\":{\"$ref\":\"a\"}}", "a "},
    {"{\"$fn\":1,\"a\":2}", ""},
    {"{\"a\":2,\"$fn\":1}", ""},
    {"{\"$ref\":\"a\",\"b\":{\"$ref\":\"c\"}}", "c "},
    {"{\"$ref\":1}", ""},
    {"{\"$ref\":\"\"}", ""},
    {"{\"$ref\":\":a\"}", ""},
    {"{\"$ref\":\"#/$defs/a\"}", ""},
    {"{\"$ref\":\"a b\"}", ""},
    {"{\"$ref\":\"a\\u0000\"}", ""},
    {"{\"$Ref\":\"a\"}", ""},
    {"{\"$refs\":\"a\"}", ""},
    {"{\"ref\":\"$a\"}", ""},
    {"\"{\\\"$fn\\\":1}\"", ""},
    {"[\"{\",\"$fn\",1,\"}\"]", ""},
    {"{\"a\":\"\\\\\",\"b\":{\"$fn\":4}}", "4 "},
};

static void found(const char *json, size_t n, char *out, size_t room)
{
    const char *at = json, *end = json + n;
    struct handle h;
    size_t used = 0;
    int is;

    *out = '\0';
    while ((is = handle_next(&at, end, &h)) != 0 && used < room - HANDLE_ID_MAX - 2)
        if (is < 0)
            used += (size_t)snprintf(out + used, room - used, "! ");
        else if (h.fn)
            used += (size_t)snprintf(out + used, room - used, "%llu ", (unsigned long long)h.fn);
        else
            used += (size_t)snprintf(out + used, room - used, "%.*s ", (int)h.id.len, h.id.at);
}

static void test_cases(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t n = strlen(cases[i].json);
        char *exact = malloc(n), out[512]; /* so that reading past the end is seen */

        if (!exact)
            continue;
        memcpy(exact, cases[i].json, n);
        found(exact, n, out, sizeof out);
        ok(strcmp(out, cases[i].found) == 0, "%s: \"%s\"", cases[i].json, out);
        free(exact);
    }
}

/* LEN characters, each written plainly or as an escape. */
static void test_length(size_t len, bool escaped, bool is_id)
{
    char json[HANDLE_ID_MAX * 6 + 64] = "{\"$ref\":\"", out[512];

    for (size_t i = 0; i < len; i++)
        strcat(json, escaped ? "\\u0061" : "a");
    strcat(json, "\"}");
    found(json, strlen(json), out, sizeof out);
    ok(strlen(out) == (is_id ? len + 1 : 0), "an id of %zu characters%s", len,
       escaped ? ", each escaped" : "");
}

int main(void)
{
    test_cases();
    test_length(HANDLE_ID_MAX, false, true);
    test_length(HANDLE_ID_MAX + 1, false, false);
    test_length(HANDLE_ID_MAX, true, true);
    test_length(HANDLE_ID_MAX + 1, true, false);
    return done();
}
