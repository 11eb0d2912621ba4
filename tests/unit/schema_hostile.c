/* Hostile schemas and instances are given up in bounded time; long but honest ones are not. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/base/str.h"
#include "runtime/json/schema/schema.h"
#include "tests/unit/repeat.h"
#include "tests/unit/schema_case.h"
#include "tests/unit/tap.h"

/* SCHEMA gives up on VALUE, quickly. VALUE is freed. */
static void costly(const char *schema, char *value_text, const char *name)
{
    struct json_object *json, *value = build(value_text);
    struct schema *s = compile(schema, &json);
    struct findings f = {0};
    clock_t begin = clock();
    int r = schema_validate(s, value, NULL, &f);
    double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;

    ok(r < 0 && f.count && strstr(f.item[f.count - 1].message, "too costly") && seconds < 8,
       "%s: %.2f s: %s", name, seconds, f.count ? f.item[f.count - 1].message : "it fits");
    findings_free(&f);
    schema_free(s);
    json_object_put(json);
    json_object_put(value);
    free(value_text);
}

static void test_hostile(void)
{
    char *many = repeat("[", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",", 20000, "0]");

    costly("{\"$ref\":\"#\"}", strdup("1"), "a reference to itself");
    costly("{\"not\":{\"$ref\":\"#\"}}", strdup("1"), "the same under not");
    costly("{\"allOf\":[{\"$ref\":\"#/allOf/1\"},{\"$ref\":\"#/allOf/0\"}]}", strdup("1"),
           "two in a circle");
    costly("{\"$ref\":\"#/$defs/a\",\"$defs\":{"
           "\"a\":{\"allOf\":[{\"$ref\":\"#/$defs/b\"},{\"$ref\":\"#/$defs/b\"},{\"$ref\":\"#/"
           "$defs/b\"}]},"
           "\"b\":{\"allOf\":[{\"$ref\":\"#/$defs/c\"},{\"$ref\":\"#/$defs/c\"},{\"$ref\":\"#/"
           "$defs/c\"}]},"
           "\"c\":{\"allOf\":[{\"$ref\":\"#/$defs/d\"},{\"$ref\":\"#/$defs/d\"},{\"$ref\":\"#/"
           "$defs/d\"}]},"
           "\"d\":{\"items\":{\"allOf\":[{\"$ref\":\"#/$defs/a\"},{\"$ref\":\"#/$defs/a\"}]}}}}",
           repeat("", "[", 20, "]]]]]]]]]]]]]]]]]]]]"), "a tree of references");
    costly("{\"pattern\":\"^(a+)+\\\\1c$\"}", repeat("\"", "a", 44, "b\""),
           "catastrophic backtracking");
    costly("{\"pattern\":\"^(?:(?:a|a){1,65535}){1,65535}b\"}", repeat("\"", "a", 44, "\""),
           "loops that count");
    costly("{\"pattern\":\"(?:a|aa)*$(?<!a)\"}", repeat("\"", "a", 900000, "\""),
           "over a long text");
    costly("{\"pattern\":\"[^x]*[yz]\"}", repeat("\"", "a", 900000, "\""), "a quadratic search");
    costly("{\"pattern\":\"(?:[^x]*[yz]|b)\"}", repeat("\"", "\xc3\xa9", 400000, "\""),
           "the same in UTF-8");
    costly("{\"items\":{\"not\":{\"pattern\":\"^(a?){12}a{20}\\\\1$(?<!a)\"}}}", many,
           "many costly matches");
    costly("{\"items\":{\"enum\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,"
           "25,26,27,28,29,30,31,32]}}",
           repeat("[", "32,", 500000, "32]"), "half a million times 32 values");
}

/* What is long but honest is not given up. */
/* Why each alternative fails is worded, and most of it dropped: a member's name makes that long. */
static void test_alternatives(void)
{
    struct str schema = {0};

    str_adds(&schema, "{\"additionalProperties\":{\"additionalProperties\":{\"anyOf\":[");
    for (int i = 0; i < 4000; i++)
        str_addf(&schema, "{\"const\":\"%d\"},", i);
    str_adds(&schema, "false]}}}");
    costly(schema.data, repeat("{\"a\":{\"", "n", 60000, "\":1}}"),
           "alternatives for a member with a long name");
    str_free(&schema);
}

static void test_honest(void)
{
    char *list = repeat("[", "\"some-name_42\",", 60000, "\"x\"]"),
         *text = repeat("[\"", "a\xc3\xa9 ", 200000, "z\"]");
    struct json_object *json, *json2, *values = build(list), *value = build(text);
    struct schema *s = compile("{\"items\":{\"type\":\"string\",\"pattern\":\"^[a-z][a-z0-9_-]*$\"}"
                               ",\"uniqueItems\":false}",
                               &json);
    struct schema *t =
        compile("{\"items\":{\"allOf\":[{\"pattern\":\"z$\"},{\"pattern\":\"[y-z]\"}]}}", &json2);
    struct findings f = {0};
    clock_t begin = clock();
    int r = schema_validate(s, values, NULL, &f);

    ok(r == 0, "60000 texts with a pattern: %.3f s", (double)(clock() - begin) / CLOCKS_PER_SEC);
    begin = clock();
    r = schema_validate(t, value, NULL, &f);
    ok(r == 0, "a search in 800 KB: %.3f s", (double)(clock() - begin) / CLOCKS_PER_SEC);
    findings_free(&f);
    schema_free(s);
    schema_free(t);
    json_object_put(json);
    json_object_put(json2);
    json_object_put(values);
    json_object_put(value);
    free(list);
    free(text);
}

static void test_deep(void)
{
    char *deep = repeat("", "{\"not\":", 120, "{}");
    char *schema = repeat(deep, "}", 120, ""), *flat = repeat("{\"allOf\":[", "{},", 5000, "{}]}");
    struct findings f = {0};
    struct json_object *json = build(schema), *wide = build(flat);
    struct schema *s = schema_compile(json, NULL, &f);

    ok(s && schema_validate(s, NULL, NULL, &f) == 0, "120 times not");
    ok(!schema_compile(wide, NULL, &f) && f.count == 1, "5001 subschemas are too many: %s",
       f.count ? f.item[0].message : "");
    findings_free(&f);
    schema_free(s);
    json_object_put(json);
    json_object_put(wide);
    free(deep);
    free(schema);
    free(flat);
}

/* HEAD, then for each number below COUNT the text of FORMAT, where it stands for each '@', then TAIL. */
static char *numbered(const char *head, const char *format, size_t count, const char *tail)
{
    struct str text = {0};

    str_adds(&text, head);
    for (size_t i = 0; i < count; i++) {
        for (const char *at = format; *at; at++) {
            if (*at == '@')
                str_addf(&text, "%zu", i);
            else
                str_addc(&text, *at);
        }
    }
    str_adds(&text, tail);
    return text.data;
}

/* TEXT (freed) compiles, and VALUE (freed) is judged, both in bounded time. */
static void bounded(char *text, char *value_text, const char *name)
{
    struct json_object *json = build(text), *value = build(value_text);
    struct findings f = {0};
    clock_t begin = clock();
    struct schema *s = schema_compile(json, NULL, &f);
    double compiled = (double)(clock() - begin) / CLOCKS_PER_SEC, judged;
    int r;

    begin = clock();
    r = s ? schema_validate(s, value, NULL, &f) : 0;
    judged = (double)(clock() - begin) / CLOCKS_PER_SEC;
    ok(s && compiled < 8 && judged < 8, "%s: compiled in %.2f s, judged in %.2f s: %s", name,
       compiled, judged, r ? f.count ? f.item[f.count - 1].message : "no memory" : "it fits");
    findings_free(&f);
    schema_free(s);
    json_object_put(json);
    json_object_put(value);
    free(text);
    free(value_text);
}

/* What is looked up by name, and what is evaluated and forgotten, is costly in numbers. */
static void test_names(void)
{
    bounded(numbered("{\"items\":{\"$dynamicRef\":\"#a0\"},\"$defs\":{",
                     "\"@\":{\"$dynamicAnchor\":\"a@\"},", 4000, "\"x\":true}}"),
            repeat("[", "1,", 100000, "1]"),
            "a dynamic scope of 4000 names, looked up 100000 times");
    bounded(numbered("{\"$defs\":{", "\"@\":{\"$anchor\":\"a@\",\"$ref\":\"#a0\"},", 4000,
                     "\"x\":true}}"),
            strdup("1"), "4000 anchors and references");
    bounded(numbered("{\"$defs\":{", "\"@\":{\"$id\":\"urn:x:@\",\"$ref\":\"urn:x:0\"},", 4000,
                     "\"x\":true}}"),
            strdup("1"), "4000 resources and references");
    bounded(numbered("{\"allOf\":[", "{\"properties\":{\"a@\":{}},\"unevaluatedProperties\":true},",
                     1000, "{}],\"unevaluatedProperties\":false}"),
            numbered("{", "\"a@\":1,", 1000, "\"b\":2}"), "1000 times unevaluatedProperties");
    bounded(repeat("", "{\"unevaluatedItems\":{\"type\":\"null\"},\"allOf\":[", 60,
                   "{\"contains\":true}"
                   "]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}"
                   "]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}"
                   "]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}"),
            repeat("[", "1,", 200000, "1]"), "60 times unevaluatedItems");
}

int main(void)
{
    test_hostile();
    test_alternatives();
    test_honest();
    test_deep();
    test_names();
    return done();
}
