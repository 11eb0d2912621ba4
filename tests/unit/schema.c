/* schemas/schema*.c: verdicts by keyword, all failures at once, errors of schemas,
 * places in both. */
#include "runtime/json/schema/schema.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/schema_case.h"
#include "tests/unit/tap.h"

static const struct {
    const char *schema, *fit, *unfit;
} corpus[] = {
#include "tests/unit/schema_corpus.inc"
};

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

#define D4  "{\"$schema\":\"http://json-schema.org/draft-04/schema#\","
#define D19 "{\"$schema\":\"https://json-schema.org/draft/2019-09/schema\","

static const struct {
    const char *schema, *pointer, *part;
} errors[] = {
    {"5", "/arg", "must be a schema"},
    {"{\"type\":\"str\"}", "/arg/type", "\"string\""},
    {"{\"type\":[]}", "/arg/type", "\"string\""},
    {"{\"type\":[\"null\",\"null\"]}", "/arg/type/1", "\"null\" is listed twice"},
    {"{\"type\":5}", "/arg/type", "not 5"},
    {"{\"enum\":1}", "/arg/enum", "a list"},
    {"{\"properties\":[]}", "/arg/properties", "an object of schemas"},
    {"{\"properties\":{\"a/b\":1}}", "/arg/properties/a~1b", "must be a schema"},
    {"{\"required\":[1]}", "/arg/required/0", "a member's name"},
    {"{\"required\":[\"a\",\"a\"]}", "/arg/required/1", "\"a\" is listed twice"},
    {"{\"required\":[\"a\",\"a\\u0000b\"]}", "/arg/required/1", "\"a\\u0000b\" holds \\u0000"},
    {"{\"type\":\"null\\u0000\"}", "/arg/type", "not \"null\\u0000\""},
    {"{\"type\":[\"null\",\"nul\"]}", "/arg/type/1", "not \"nul\""},
    {"{\"$ref\":\"#\\u0000/x\"}", "/arg/$ref", "a reference"},
    {"{\"$id\":\"urn:x\\u0000y\"}", "/arg/$id", "a URI"},
    {"{\"$anchor\":\"x\\u0000\"}", "/arg/$anchor", "a name"},
    {"{\"minLength\":9007199254740992.5}", "/arg/minLength", "whole"},
    {"{\"multipleOf\":-1e-400}", "/arg/multipleOf", "greater than 0"},
    {"{\"minLength\":-1}", "/arg/minLength", "0 or more"},
    {"{\"minLength\":1.5}", "/arg/minLength", "whole"},
    {"{\"multipleOf\":0}", "/arg/multipleOf", "greater than 0"},
    {"{\"minimum\":\"1\"}", "/arg/minimum", "a number"},
    {"{\"pattern\":\"(\"}", "/arg/pattern", "( without a )"},
    {"{\"pattern\":\"\\\\C\"}", "/arg/pattern", "regular expression"},
    {"{\"patternProperties\":{\"[\":{}}}", "/arg/patternProperties/[", "regular expression"},
    {"{\"items\":[{}]}", "/arg/items", "prefixItems"},
    {"{\"allOf\":[]}", "/arg/allOf", "non-empty"},
    {"{\"allOf\":[true,3]}", "/arg/allOf/1", "must be a schema"},
    {"{\"uniqueItems\":1}", "/arg/uniqueItems", "true or false"},
    {"{\"dependentRequired\":{\"a\":\"b\"}}", "/arg/dependentRequired/a", "a list of unique names"},
    {"{\"dependentRequired\":{\"a\":[\"b\",\"b\"]}}", "/arg/dependentRequired/a/1", "listed twice"},
    {"{\"$ref\":\"#/$defs/x\"}", "/arg/$ref", "refers to no subschema"},
    {"{\"$ref\":\"#/enum/0\",\"enum\":[5]}", "/arg/$ref", "refers to no subschema"},
    {"{\"$ref\":\"#/x/y\",\"x\":{\"y\":{\"type\":\"int\"}}}", "/arg/x/y/type", "\"string\""},
    {"{\"$ref\":\"#/$defs/a%00b\",\"$defs\":{\"a\":{}}}", "/arg/$ref", "refers to no subschema"},
    {"{\"$ref\":\"other.json\"}", "/arg/$ref", "fetches nothing"},
    {"{\"$ref\":\"#anchor\"}", "/arg/$ref", "refers to no subschema"},
    {"{\"$ref\":\"https://json-schema.org/draft/2020-12/schema#/none\"}", "/arg/$ref",
     "refers to no subschema"},
    {"{\"$anchor\":\"1a\"}", "/arg/$anchor", "a name"},
    {"{\"$anchor\":\"\"}", "/arg/$anchor", "a name"},
    {"{\"$defs\":{\"a\":{\"$anchor\":\"x\"},\"b\":{\"$dynamicAnchor\":\"x\"}}}",
     "/arg/$defs/b/$dynamicAnchor", "two subschemas"},
    {"{\"$dynamicRef\":\"#a\"}", "/arg/$dynamicRef", "refers to no subschema"},
    {"{\"$defs\":{\"a\":{\"$id\":\"urn:x\"},\"b\":{\"$id\":\"urn:x\"}}}", "/arg/$defs/b",
     "two subschemas"},
    {"{\"$id\":\"urn:x#y\"}", "/arg/$id", "without a fragment"},
    {"{\"$id\":7}", "/arg/$id", "a URI"},
    {"{\"$recursiveRef\":\"#\"}", "/arg/$recursiveRef", "is draft 2019-09's: "},
    {"{\"$vocabulary\":{\"urn:v\":1}}", "/arg/$vocabulary", "true or false"},
    {"{\"$schema\":\"http://json-schema.org/draft-03/schema#\"}", "/arg/$schema", "draft-07"},
    {"{\"$schema\":\"ftp://json-schema.org/draft-04/schema#\"}", "/arg/$schema", "draft-04"},
    {"{\"$schema\":\"https://json-schema.org/draft/2019-09/schema#x\"}", "/arg/$schema", "2019-09"},
    {D4 "\"minimum\":1,\"exclusiveMinimum\":0}", "/arg/exclusiveMinimum",
     "true or false, since \"$schema\" is draft-04's"},
    {"{\"minimum\":1,\"exclusiveMinimum\":true}", "/arg/exclusiveMinimum",
     "a number (true and false are draft-04's"},
    {"{\"minimum\":true}", "/arg/minimum", "a number, not"},
    {"{\"properties\":{\"a\":{\"required\":true}}}", "/arg/properties/a/required",
     "are draft-03's), not true"},
    {"{\"not\":[{}]}", "/arg/not", "a schema (several are one as"},
    {D4 "\"properties\":{\"a\":true}}", "/arg/properties/a", "(an object), not true"},
    {D4 "\"properties\":{\"additionalItems\":false}}", "/arg/properties/additionalItems",
     "an object"},
    {D19 "\"$recursiveRef\":\"#/x\"}", "/arg/$recursiveRef", "\"#\""},
    {D19 "\"$recursiveAnchor\":\"a\"}", "/arg/$recursiveAnchor", "true or false"},
    {D19 "\"$dynamicRef\":\"#\"}", "/arg/$dynamicRef", "is draft 2020-12's: "},
    {D19 "\"$id\":\"#a\"}", "/arg/$id", "without a fragment"},
    {D19 "\"$anchor\":\"_a\"}", "/arg/$anchor", "a name"},
    {"{\"format\":1}", "/arg/format", "a string"},
    {"{\"unevaluatedItems\":1}", "/arg/unevaluatedItems", "must be a schema"},
    {"{\"dependencies\":{\"a\":[\"b\",\"b\"]}}", "/arg/dependencies/a/1", "\"b\" is listed twice"},
    {"{\"dependencies\":{\"a\":1}}", "/arg/dependencies/a", "must be a schema"},
    {"{\"pattern\":\"\\\\Ax\"}", "/arg/pattern", "ECMA-262"},
    {"{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"items\":[{\"type\":\"x\"}]}",
     "/arg/items/0/type", "\"string\""},
};

/* One schema that each draft reads in its own way: which of them it refuses VALUE in. */
static const struct {
    const char *members, *value, *refuse; /* a letter for each: 4, 6, 7, 9 (2019-09), 2 (2020-12) */
} by_draft[] = {
    {"\"const\":1", "2", "6792"},
    {"\"contains\":{\"type\":\"null\"}", "[2]", "6792"},
    {"\"propertyNames\":{\"maxLength\":1}", "{\"ab\":1}", "6792"},
    {"\"if\":{},\"then\":{\"type\":\"null\"}", "1", "792"},
    {"\"dependentRequired\":{\"a\":[\"b\"]}", "{\"a\":1}", "92"},
    {"\"prefixItems\":[{\"type\":\"null\"}]", "[1]", "2"},
    {"\"additionalItems\":{\"type\":\"null\"},\"items\":{}", "[1]", ""},
    {"\"unevaluatedProperties\":{\"type\":\"null\"}", "{\"a\":1}", "92"},
    {"\"unevaluatedItems\":{\"type\":\"null\"},\"contains\":{\"type\":\"integer\"}", "[1]", "9"},
    {"\"type\":\"integer\"", "1.0", "4"},
    {"\"type\":\"integer\"", "1e2", "4"},
    {"\"type\":\"integer\"", "100000000000000000000000000", ""},
    {"\"allOf\":[{\"$ref\":\"#/definitions/a\",\"type\":\"null\"}],\"definitions\":{\"a\":{}}", "1",
     "92"},
    {"\"allOf\":[{\"$ref\":\"#/x/0\"}],\"x\":[{\"type\":\"null\"}]", "1", "46792"},
    {"\"dependencies\":{\"a\":[\"b\"]}", "{\"a\":1}", "46792"},
};

static void test_drafts(void)
{
    static const char *const spelled[][2] = {{"http://json-schema.org/draft-04/schema", "4"},
                                             {"http://json-schema.org/draft-06/schema", "6"},
                                             {"http://json-schema.org/draft-07/schema", "7"},
                                             {"https://json-schema.org/draft/2019-09/schema", "9"},
                                             {"https://json-schema.org/draft/2020-12/schema", "2"}};

    for (size_t i = 0; i < sizeof by_draft / sizeof *by_draft; i++) {
        struct json_object *value = build(by_draft[i].value);

        for (size_t j = 0; j < 20; j++) { /* either scheme, with '#' and without */
            const char *uri = strchr(spelled[j / 4][0], ':'), *draft = spelled[j / 4][1];
            struct findings f = {0};
            struct json_object *json;
            struct schema *s;
            char text[1024];
            bool fits;

            snprintf(text, sizeof text, "{\"$schema\":\"http%s%s%s\",%s}", j & 1 ? "s" : "", uri,
                     j & 2 ? "#" : "", by_draft[i].members);
            json = build(text);
            s = schema_compile(json, NULL, &f);
            fits = s && schema_validate(s, value, NULL, &f) == 0;
            ok(s && fits == !strstr(by_draft[i].refuse, draft), "%s: %s: %s", text,
               by_draft[i].value, f.count ? f.item[0].message : "fits");
            findings_free(&f);
            schema_free(s);
            json_object_put(json);
        }
        json_object_put(value);
    }
}

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

/* What is said of a value that does not fit. */
static const struct {
    const char *schema, *value, *right;
} messages[] = {
    {"{\"minLength\":1e300}", "\"a\"", "too few characters: 1, at least 1e300 required"},
    {"{\"maxItems\":1.0}", "[1,2]", "too many elements: 2, at most 1.0 allowed"},
    {"{\"minProperties\":18446744073709551617}", "{}",
     "too few members: 0, at least 18446744073709551617 required"},
    {"{\"contains\":{\"type\":\"null\"}}", "[1]",
     "too few elements match \"contains\": 0, at least 1 required"},
    {"{\"contains\":{},\"maxContains\":1}", "[1,2]",
     "too many elements match \"contains\": 2, at most 1 allowed"},
    {"{\"propertyNames\":{\"enum\":[\"alpha\",\"beta\"]}}", "{\"alpa\":1}",
     "the name \"alpa\" is not allowed here: \"alpa\" is not one of \"alpha\", \"beta\": did you "
     "mean \"alpha\"?"},
    {"{\"propertyNames\":{\"anyOf\":[{\"const\":\"alpha\"},{\"maxLength\":1}]}}", "{\"alpa\":1}",
     "the name \"alpa\" is not allowed here: \"alpa\" matches none of the 2 alternatives: did you "
     "mean \"alpha\"?"},
    {"{\"propertyNames\":false}", "{\"a\":1}", "the name \"a\" is not allowed here"},
    {"{\"anyOf\":[{\"propertyNames\":{\"const\":\"alpha\"}},false]}", "{\"alpa\":1}",
     "an object matches none of the 2 alternatives"},
    {"{\"anyOf\":[{\"type\":\"null\"}]}", "1", "1 does not match the only alternative"},
    {"{\"oneOf\":[{\"const\":1},{\"const\":2},{\"const\":3},{\"const\":4},{\"const\":5},{\"const\":"
     "6},"
     "{\"const\":7},{\"const\":8},{\"const\":9}]}",
     "0", "0 matches none of the 9 alternatives (the nearest 8 follow)"},
};

static void test_messages(void)
{
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        struct json_object *json, *value = build(messages[i].value);
        struct schema *s = compile(messages[i].schema, &json);
        struct findings f = {0};

        schema_validate(s, value, NULL, &f);
        ok(f.count == 1 && !strcmp(f.item[0].message, messages[i].right), "%s: %s",
           messages[i].schema, f.count ? f.item[0].message : "it fits");
        findings_free(&f);
        schema_free(s);
        json_object_put(json);
        json_object_put(value);
    }
}

/* An enum is told as far as there is room. */
static void test_long_enum(void)
{
    struct str schema = {0};
    struct json_object *json, *value = build("\"x\"");
    struct findings f = {0};
    struct schema *s;

    for (int i = 0; i < 200; i++)
        str_addf(&schema, "%s\"colour%03d\"", i ? "," : "{\"enum\":[", i);
    str_adds(&schema, "]}");
    s = compile(schema.data, &json);
    schema_validate(s, value, NULL, &f);
    ok(f.count == 1 && strstr(f.item[0].message, "\"colour030\" and 169 more"), "a long enum: %s",
       f.count ? f.item[0].message : "it fits");
    str_free(&schema);
    findings_free(&f);
    schema_free(s);
    json_object_put(json);
    json_object_put(value);
}

/* The six findings of test_findings() as the standard's output. */
static void test_detailed(const struct findings *f)
{
    const struct findings none = {0};
    struct str out = {0};
    struct json_object *json, *list = NULL, *one, *text = NULL;

    findings_detailed(&none, &out);
    ok(!out.failed && !strcmp(out.data, "{\"valid\":true}"), "no findings: %s", out.data);
    str_free(&out);
    findings_detailed(f, &out);
    json = build(out.data);
    json_object_object_get_ex(json, "errors", &list);
    ok(list && json_object_array_length(list) == f->count, "detailed: %s", out.data);
    one = list ? json_object_array_get_idx(list, 4) : NULL;
    json_object_object_get_ex(one, "instanceLocation", &text);
    ok(text && !strcmp(json_object_get_string(text), "/kind"), "detailed: where in the instance");
    json_object_object_get_ex(one, "keywordLocation", &text);
    ok(text && !strcmp(json_object_get_string(text), "/properties/kind/enum"),
       "detailed: where in the schema");
    json_object_object_get_ex(one, "error", &text);
    ok(text && strstr(json_object_get_string(text), "\"file\""), "detailed: what is wrong");
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
        {"", "/required", "missing member \"id\"", 1, 1},
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
    test_detailed(&f);
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
    findings_detailed(&f, &out);
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

/* One message says what the nearest alternatives lack. */
static void test_alternatives(void)
{
    struct json_object *json, *value = build("{\"a\":{\"nme\":1,\"size\":-1}}");
    struct schema *s =
        compile("{\"properties\":{\"a\":{\"anyOf\":[{\"type\":\"null\"},{\"properties\":{"
                "\"name\":true,\"size\":{\"minimum\":0}},\"additionalProperties\":false}]"
                "}}}",
                &json);
    struct findings f = {0};
    struct fault why;

    ok(schema_validate(s, value, NULL, &f) < 0 && f.count == 1 && f.item[0].within,
       "one finding for the keyword");
    ok(f.deep == 4 && f.item[0].within->count == 2 && f.item[0].within->item[0].alternative == 2 &&
           f.item[0].within->item[0].within && f.item[0].within->item[1].alternative == 1,
       "the nearest is first: %zu", f.deep);
    findings_fault(&f, "arg", &why);
    ok(!strcmp(why.what,
               "/a: an object matches none of the 2 alternatives; alternative 2: /a/size: -1 is "
               "not at least 0; alternative 2: /a/nme: unknown member \"nme\": did you mean "
               "\"name\"?; alternative 1: an object is not of type null"),
       "%s", why.what);
    findings_free(&f);
    schema_free(s);
    json_object_put(json);
    json_object_put(value);
}

int main(void)
{
    test_alternatives();
    test_messages();
    test_long_enum();
    test_corpus();
    test_errors();
    test_drafts();
    test_findings();
    test_locations();
    return done();
}
