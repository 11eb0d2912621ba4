/* schemas/schema*.c: verdicts by keyword, all failures at once, errors of schemas, hostile schemas
 * and instances in bounded time, defaults and options. */
#include "schemas/schema.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/unit/tap.h"

static const struct {
    const char *schema, *fit, *unfit;
} corpus[] = {
#include "tests/unit/schema_corpus.inc"
};

static struct json_object *build(const char *text)
{
    const char *error = "";
    size_t offset;
    int built;

    if (json_check(text, strlen(text), &error, &offset) < 0) {
        printf("# not JSON (%s): %s\n", error, text);
        exit(1);
    }
    return json_build(text, strlen(text), &built);
}

static void test_corpus(void)
{
    for (size_t i = 0; i < sizeof corpus / sizeof *corpus; i++) {
        struct json_object *json = build(corpus[i].schema), *values;
        struct findings f = {0};
        struct schema *s = schema_compile(json, NULL, &f);

        ok(s != NULL, "compiles: %s (%s)", corpus[i].schema, f.count ? f.item[0].message : "");
        for (int fits = 1; s && fits >= 0; fits--) {
            values = build(fits ? corpus[i].fit : corpus[i].unfit);
            for (size_t j = 0; j < json_object_array_length(values); j++) {
                struct json_object *value = json_object_array_get_idx(values, j);
                int r = schema_validate(s, value, NULL, &f);

                ok((r == 0) == fits && (r == 0) == (f.count == 0), "  %s: %s (%s)",
                   fits ? "fits" : "fails", json_object_to_json_string(value),
                   f.count ? f.item[0].message : "");
                findings_free(&f);
            }
            json_object_put(values);
        }
        findings_free(&f);
        schema_free(s);
        json_object_put(json);
    }
}

static const struct {
    const char *schema, *pointer, *part;
} errors[] = {
    {"5", "/arg", "must be a schema"},
    {"{\"type\":\"str\"}", "/arg/type", "\"string\""},
    {"{\"type\":[]}", "/arg/type", "\"string\""},
    {"{\"type\":[\"null\",\"null\"]}", "/arg/type", "different"},
    {"{\"type\":5}", "/arg/type", "not 5"},
    {"{\"enum\":1}", "/arg/enum", "a list"},
    {"{\"properties\":[]}", "/arg/properties", "an object of schemas"},
    {"{\"properties\":{\"a/b\":1}}", "/arg/properties/a~1b", "must be a schema"},
    {"{\"required\":[1]}", "/arg/required", "names"},
    {"{\"required\":[\"a\",\"a\"]}", "/arg/required", "different"},
    {"{\"minLength\":-1}", "/arg/minLength", "0 or more"},
    {"{\"minLength\":1.5}", "/arg/minLength", "whole"},
    {"{\"multipleOf\":0}", "/arg/multipleOf", "more than 0"},
    {"{\"minimum\":\"1\"}", "/arg/minimum", "a number"},
    {"{\"pattern\":\"(\"}", "/arg/pattern", "parenthes"},
    {"{\"pattern\":\"\\\\C\"}", "/arg/pattern", "regular expression"},
    {"{\"patternProperties\":{\"[\":{}}}", "/arg/patternProperties/[", "regular expression"},
    {"{\"items\":[{}]}", "/arg/items", "prefixItems"},
    {"{\"allOf\":[]}", "/arg/allOf", "not empty"},
    {"{\"allOf\":[true,3]}", "/arg/allOf/1", "must be a schema"},
    {"{\"uniqueItems\":1}", "/arg/uniqueItems", "true or false"},
    {"{\"dependentRequired\":{\"a\":\"b\"}}", "/arg/dependentRequired", "lists"},
    {"{\"$ref\":\"#/$defs/x\"}", "/arg/$ref", "leads to no subschema"},
    {"{\"$ref\":\"#/enum/0\",\"enum\":[{}]}", "/arg/$ref", "leads to no subschema"},
    {"{\"$ref\":\"other.json\"}", "/arg/$ref", "nothing is fetched"},
    {"{\"$ref\":\"#anchor\"}", "/arg/$ref", "leads to no subschema"},
    {"{\"$ref\":\"https://json-schema.org/draft/2020-12/schema#/none\"}", "/arg/$ref",
     "leads to no subschema"},
    {"{\"$anchor\":\"1a\"}", "/arg/$anchor", "a name"},
    {"{\"$anchor\":\"\"}", "/arg/$anchor", "a name"},
    {"{\"$defs\":{\"a\":{\"$anchor\":\"x\"},\"b\":{\"$dynamicAnchor\":\"x\"}}}",
     "/arg/$defs/b/$dynamicAnchor", "two subschemas"},
    {"{\"$dynamicRef\":\"#a\"}", "/arg/$dynamicRef", "leads to no subschema"},
    {"{\"$defs\":{\"a\":{\"$id\":\"urn:x\"},\"b\":{\"$id\":\"urn:x\"}}}", "/arg/$defs/b",
     "two subschemas"},
    {"{\"$id\":\"urn:x#y\"}", "/arg/$id", "without a fragment"},
    {"{\"$id\":7}", "/arg/$id", "a URI"},
    {"{\"$recursiveRef\":\"#\"}", "/arg/$recursiveRef", "not supported"},
    {"{\"$vocabulary\":{\"urn:v\":1}}", "/arg/$vocabulary", "true and false"},
    {"{\"$schema\":\"http://json-schema.org/draft-04/schema#\"}", "/arg/$schema", "draft-07"},
    {"{\"format\":1}", "/arg/format", "a string"},
    {"{\"unevaluatedItems\":1}", "/arg/unevaluatedItems", "must be a schema"},
    {"{\"dependencies\":{\"a\":[\"b\",\"b\"]}}", "/arg/dependencies", "different names"},
    {"{\"dependencies\":{\"a\":1}}", "/arg/dependencies/a", "must be a schema"},
    {"{\"pattern\":\"\\\\Ax\"}", "/arg/pattern", "ECMA-262"},
    {"{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"items\":[{\"type\":\"x\"}]}",
     "/arg/items/0/type", "\"string\""},
};

static void test_errors(void)
{
    const struct path at = {.name = "arg"};

    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        struct json_object *json = build(errors[i].schema);
        struct findings f = {0};
        struct schema *s = schema_compile(json, &at, &f);

        ok(!s && f.count == 1 && !strcmp(f.item[0].pointer, errors[i].pointer) &&
               strstr(f.item[0].message, errors[i].part),
           "%s: %s: %s", errors[i].schema, f.count ? f.item[0].pointer : "-",
           f.count ? f.item[0].message : "-");
        findings_free(&f);
        schema_free(s);
        json_object_put(json);
    }
}

static struct schema *compile(const char *text, struct json_object **json)
{
    struct findings f = {0};
    struct schema *s;

    *json = build(text);
    s = schema_compile(*json, NULL, &f);
    if (!s)
        ok(false, "must compile: %s: %s", text, f.count ? f.item[0].message : "");
    findings_free(&f);
    if (!s)
        exit(1);
    return s;
}

/* The six findings of test_findings() as the standard's output. */
static void test_basic(const struct findings *f)
{
    const struct findings none = {0};
    struct str out = {0};
    struct json_object *json, *list = NULL, *one, *text = NULL;

    findings_basic(&none, &out);
    ok(!out.failed && !strcmp(out.data, "{\"valid\":true}"), "no findings: %s", out.data);
    str_free(&out);
    findings_basic(f, &out);
    json = build(out.data);
    json_object_object_get_ex(json, "errors", &list);
    ok(list && json_object_array_length(list) == f->count, "basic: %s", out.data);
    one = list ? json_object_array_get_idx(list, 4) : NULL;
    json_object_object_get_ex(one, "instanceLocation", &text);
    ok(text && !strcmp(json_object_get_string(text), "/kind"), "basic: where in the instance");
    json_object_object_get_ex(one, "keywordLocation", &text);
    ok(text && !strcmp(json_object_get_string(text), "/properties/kind/enum"),
       "basic: where in the schema");
    json_object_object_get_ex(one, "error", &text);
    ok(text && strstr(json_object_get_string(text), "\"file\""), "basic: what is wrong");
    json_object_put(json);
    str_free(&out);
}

static void test_findings(void)
{
    static const char text[] =
        "{\"properties\":{\"name\":{\"type\":\"string\",\"minLength\":3},\"list\":{\"items\":"
        "{\"$ref\":\"#/$defs/n\"}},\"kind\":{\"enum\":[\"file\",\"dir\"]}},\"required\":[\"id\"],"
        "\"additionalProperties\":false,\"$defs\":{\"n\":{\"maximum\":9}}}";
    static const char value_text[] =
        "{\"name\":\"x\",\n\"list\":[1,10,11],\n\"kind\":\"fiel\",\"nme\":1}";
    static const struct {
        const char *pointer, *schema, *part;
        unsigned line, column;
    } rows[] = {
        {"", "/required", "\"id\" is missing", 1, 1},
        {"/name", "/properties/name/minLength", "too few", 1, 9},
        {"/list/1", "/$defs/n/maximum", "at most 9", 2, 11},
        {"/list/2", "/$defs/n/maximum", "11", 2, 14},
        {"/kind", "/properties/kind/enum", "did you mean \"file\"?", 3, 8},
        {"/nme", "/additionalProperties", "did you mean \"name\"?", 3, 15},
    };
    struct json_object *json, *value = build(value_text);
    struct schema *s = compile(text, &json);
    struct findings f = {0};

    ok(schema_validate(s, value, NULL, &f) < 0 && f.count == 6, "every failure is found (%zu)",
       f.count);
    findings_locate(&f, value_text, strlen(value_text));
    for (size_t i = 0; i < f.count && i < 6; i++)
        ok(!strcmp(f.item[i].pointer, rows[i].pointer) &&
               !strcmp(f.item[i].schema, rows[i].schema) &&
               strstr(f.item[i].message, rows[i].part) && f.item[i].place.line == rows[i].line &&
               f.item[i].place.column == rows[i].column,
           "%u:%u: %s: %s (%s)", f.item[i].place.line, f.item[i].place.column, f.item[i].pointer,
           f.item[i].message, f.item[i].schema);
    test_basic(&f);
    findings_free(&f);
    schema_free(s);
    json_object_put(json);
    json_object_put(value);
}

static const char *member(struct json_object *json, const char *name)
{
    struct json_object *value = NULL;

    json_object_object_get_ex(json, name, &value);
    return value ? json_object_get_string(value) : "(none)";
}

/* Where a keyword stands, and which way through references leads there (core, 12.3.2 and 12.3.3). */
static void test_locations(void)
{
    struct json_object *json, *value = build("{\"a\":[{\"n\":\"x\"}]}"), *output, *list, *one;
    struct schema *s = compile(
        "{\"$id\":\"http://e.org/s\",\"properties\":{\"a\":{\"$ref\":\"#/$defs/l%20s\"}},\"$defs\":"
        "{\"l s\":{\"items\":{\"$ref\":\"t\"}},\"o\":{\"$id\":\"t\",\"properties\":{\"n\":"
        "{\"allOf\":[{\"type\":\"integer\"}]}}}}}",
        &json);
    struct findings f = {0};
    struct str out = {0};

    ok(schema_validate(s, value, NULL, &f) < 0 && f.count == 1 &&
           !strcmp(f.item[0].schema, "/$defs/o/properties/n/allOf/0/type"),
       "a finding behind two references: %s", f.count ? f.item[0].schema : "-");
    findings_basic(&f, &out);
    output = build(out.data);
    json_object_object_get_ex(output, "errors", &list);
    one = json_object_array_get_idx(list, 0);
    ok(!strcmp(member(one, "instanceLocation"), "/a/0/n"), "in the instance: %s",
       member(one, "instanceLocation"));
    ok(!strcmp(member(one, "keywordLocation"),
               "/properties/a/$ref/items/$ref/properties/n/allOf/0/type"),
       "the way: %s", member(one, "keywordLocation"));
    ok(!strcmp(member(one, "absoluteKeywordLocation"), "http://e.org/t#/properties/n/allOf/0/type"),
       "the place: %s", member(one, "absoluteKeywordLocation"));
    json_object_put(output);
    str_free(&out);
    findings_free(&f);
    schema_free(s);
    json_object_put(json);
    json_object_put(value);
}

static char *repeat(const char *head, const char *piece, size_t count, const char *tail)
{
    size_t n = strlen(piece);
    char *text = malloc(strlen(head) + n * count + strlen(tail) + 1), *to;

    to = stpcpy(text, head);
    for (size_t i = 0; i < count; i++)
        to = stpcpy(to, piece);
    strcpy(to, tail);
    return text;
}

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
    costly("{\"pattern\":\"^(a+)+$\"}", strdup("\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\""),
           "catastrophic backtracking");
    costly("{\"pattern\":\"(?:a|aa)*$(?<!a)\"}", repeat("\"", "a", 900000, "\""),
           "over a long text");
    costly("{\"pattern\":\"[^x]*+[yz]\"}", repeat("\"", "a", 900000, "\""), "a quadratic search");
    costly("{\"pattern\":\"(?:[^x]*+[yz]|b)\"}", repeat("\"", "\xc3\xa9", 400000, "\""),
           "the same in UTF-8");
    costly("{\"items\":{\"not\":{\"pattern\":\"^(a?){12}a{30}$(?<!a)\"}}}", many,
           "many costly matches");
    costly("{\"items\":{\"enum\":[1,2,3,4,5,6,7,8,9,10]}}", repeat("[", "10,", 500000, "10]"),
           "half a million times ten values");
}

/* What is long but honest is not given up. */
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

static const char options_schema[] =
    "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\",\"default\":3},\"name\":{"
    "\"type\":\"string\"},"
    "\"on\":{\"type\":\"boolean\"},\"ratio\":{\"type\":\"number\"},\"list\":{\"type\":\"array\"},"
    "\"any\":{},"
    "\"either\":{\"type\":[\"integer\",\"string\"]},\"ref\":{\"$ref\":\"#/$defs/"
    "t\"},\"nil\":{\"type\":\"null\"},"
    "\"sub\":{\"type\":\"object\",\"default\":{},\"properties\":{\"deep\":{\"default\":[1.50]}}}},"
    "\"allOf\":[{\"properties\":{\"more\":{\"type\":\"integer\",\"default\":null}}}],"
    "\"$defs\":{\"t\":{\"type\":\"string\"}}}";

static const struct {
    const char *name, *text, *result; /* NULL: an error with this part: */
    const char *part;
} options[] = {
    {"n", "5", "5", NULL},
    {"n", "5.0", "5.0", NULL},
    {"n", "5x", NULL, "integer"},
    {"n", "5.5", NULL, "integer"},
    {"n", "", NULL, "integer"},
    {"name", "5", "\"5\"", NULL},
    {"name", "", "\"\"", NULL},
    {"on", "true", "true", NULL},
    {"on", "yes", NULL, "boolean"},
    {"ratio", "1.50", "1.50", NULL},
    {"list", "[1, 2]", "[1,2]", NULL},
    {"list", "1,2", NULL, "array"},
    {"any", "7", "7", NULL},
    {"any", "x", "\"x\"", NULL},
    {"either", "7", "7", NULL},
    {"either", "true", "\"true\"", NULL},
    {"ref", "7", "\"7\"", NULL},
    {"nil", "null", "null", NULL},
    {"more", "1", "1", NULL},
    {"nam", "x", NULL, "did you mean \"name\"?"},
    {"name", "\xff", NULL, "UTF-8"},
    {"zzz", "1", NULL, "known: n, name, on"},
};

static void test_options(void)
{
    struct json_object *json, *object = build("{\"n\":1}"), *value;
    struct schema *s = compile(options_schema, &json);
    const char *text;
    struct fault why;

    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        int r = schema_convert_option(s, options[i].name, options[i].text, &value, &why);

        if (options[i].result)
            ok(r == 0 && !strcmp(json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN),
                                 options[i].result),
               "-o %s=%s", options[i].name, options[i].text);
        else
            ok(r < 0 && strstr(why.what, options[i].part), "-o %s=...: %s", options[i].name,
               why.what);
        if (r == 0)
            json_object_put(value);
    }
    ok(schema_convert_option(NULL, "n", "5", &value, &why) < 0 && strstr(why.what, "no options"),
       "a bundle without options: %s", why.what);
    ok(schema_defaults(s, object) == 0, "defaults are added");
    text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN);
    ok(!strcmp(text, "{\"n\":1,\"sub\":{\"deep\":[1.50]},\"more\":null}"), "defaults: %s", text);
    ok(!strcmp(schema_type_of(s, "ref"), "string") && !strcmp(schema_type_of(s, "either"), "") &&
           !schema_type_of(s, "zzz"),
       "types of properties");
    schema_free(s);
    json_object_put(json);
    json_object_put(object);
}

static void test_endless_defaults(void)
{
    struct json_object *json, *object = build("{}");
    struct schema *s = compile("{\"properties\":{\"a\":{\"$ref\":\"#\",\"default\":{}},"
                               "\"b\":{\"$ref\":\"#\",\"default\":{}}}}",
                               &json);

    ok(schema_defaults(s, object) < 0, "defaults that nest without end are refused");
    schema_free(s);
    json_object_put(json);
    json_object_put(object);
}

int main(void)
{
    test_corpus();
    test_errors();
    test_findings();
    test_locations();
    test_hostile();
    test_honest();
    test_deep();
    test_options();
    test_endless_defaults();
    return done();
}
