/* json_write(): what was read, back to the same text; and indented, to one that reads the same. */
#include "runtime/json/write.h"

#include <json-c/json.h>
#include <string.h>

#include "runtime/json/json.h"
#include "tests/unit/tap.h"

static const char *const texts[] = {
    "null",
    "true",
    "false",
    "0",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1.50",
    "1e5",
    "-2.5E-3",
    "1.0",
    "\"\"",
    "\"a/b\"",
    "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"",
    "\"\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e\"",
    "[]",
    "{}",
    "[[],{},[{}]]",
    "{\"a\":1,\"b\":[1,2.25,\"x\",null,true],\"\":{\"\\n\":{}}}",
};

static void same(const char *text)
{
    struct meter one = {0}, two = {0};
    autostr struct str line = {0}, lines = {0};
    struct json_object *value, *again = NULL;
    struct json_error e;
    int r = json_read(text, strlen(text), &one, &value, &e);

    ok(r == 0, "%s is read", text);
    json_write(&line, value, false);
    ok(!line.failed && strcmp(line.data, text) == 0, "%s -> %s", text, line.data);
    json_write(&lines, value, true);
    ok(json_read(lines.data, lines.len, &two, &again, &e) == 0 && json_object_equal(value, again),
       "indented, it reads the same: %s", text);
    json_object_put(value);
    json_object_put(again);
}

static void indented(void)
{
    const char *text = "{\"a\":[1,{\"b\":[]}],\"c\":{}}";
    autostr struct str out = {0};
    struct meter m = {0};
    struct json_object *value;
    struct json_error e;

    ok(json_read(text, strlen(text), &m, &value, &e) == 0, "read");
    json_write(&out, value, true);
    ok(strcmp(out.data,
              "{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    }\n  ],\n  \"c\": {}\n}") == 0,
       "indented, as a person would");
    json_object_put(value);
}

static void no_room(void)
{
    char room[8];
    struct str out = {.data = room, .cap = sizeof room, .fixed = true};

    json_write_text(&out, "longer than that", 16);
    ok(out.failed, "what does not fit is said");
}

int main(void)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        same(texts[i]);
    indented();
    no_room();
    return done();
}
