/* A schema as the description of options: their defaults, types and texts. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/json/schema/schema.h"
#include "tests/unit/schema_case.h"
#include "tests/unit/tap.h"

static const char options_schema[] =
    "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\",\"default\":3},\"name\":{"
    "\"type\":\"string\"},"
    "\"on\":{\"type\":\"boolean\"},\"ratio\":{\"type\":\"number\"},\"list\":{\"type\":\"array\"},"
    "\"any\":{},"
    "\"either\":{\"type\":[\"integer\",\"string\"]},\"ref\":{\"$ref\":\"#/$defs/"
    "t\"},\"nil\":{\"type\":\"null\"},\"maybe\":{\"type\":[\"null\",\"integer\"]},"
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
    {"list", "1,2", NULL, "array: JSON is wanted, such as -o 'list=[\"1\",\"2\"]'"},
    {"list", "a\"b", NULL, "such as -o 'list=[\"a\\\"b\"]'"},
    {"list", "", NULL, "such as -o 'list=[]'"},
    {"sub", "x", NULL, "such as -o 'sub={\"name\":\"value\"}'"},
    {"nil", "x", NULL, "null: JSON is wanted"},
    {"any", "7", "7", NULL},
    {"any", "x", "\"x\"", NULL},
    {"either", "7", "7", NULL},
    {"either", "true", "\"true\"", NULL},
    {"ref", "7", "\"7\"", NULL},
    {"nil", "null", "null", NULL},
    {"maybe", "x", NULL,
     "\"x\" is not of type integer or null: JSON is wanted, such as -o maybe=5"},
    {"more", "1", "1", NULL},
    {"nam", "x", NULL, "did you mean \"name\"?"},
    {"name", "\xff", NULL, "UTF-8"},
    {"zzz", "1", NULL, "known: n, name, on"},
};

#define LONG    "0123456789012345678901234567890123456789012345678901234567"
#define MANY(c) "\"" c LONG "0\":{},\"" c LONG "1\":{},"

/* What is said of an option that SCHEMA does not name. */
static void test_unknown(const char *schema, const char *part)
{
    struct json_object *json, *value;
    struct schema *s = compile(schema, &json);
    struct fault why;

    ok(schema_convert_option(s, "n", "5", &value, &why) < 0 && strstr(why.what, part),
       "no such option: %s", why.what);
    schema_free(s);
    json_object_put(json);
}

static void test_options(void)
{
    bool none = false;
    struct json_object *json, *object = build("{\"n\":1}"), *value;
    struct schema *s = compile(options_schema, &json);
    const char *text;
    struct meter meter = {0};
    struct findings f = {0};
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
    ok(schema_defaults(s, object, &meter, &f) == 0 && !findings_any(&f), "defaults are added");
    text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN);
    ok(!strcmp(text, "{\"n\":1,\"sub\":{\"deep\":[1.50]},\"more\":null}"), "defaults: %s", text);
    ok(!strcmp(schema_type_of(s, "ref", &none), "string") &&
           !strcmp(schema_type_of(s, "either", &none), "") && !schema_type_of(s, "zzz", &none) &&
           !none,
       "types of properties");
    schema_free(s);
    json_object_put(json);
    json_object_put(object);
}

static void test_endless_defaults(void)
{
    struct meter meter = {0};
    struct findings f = {0};
    struct json_object *json, *object = build("{}");
    struct schema *s = compile("{\"properties\":{\"a\":{\"$ref\":\"#\",\"default\":{}},"
                               "\"b\":{\"$ref\":\"#\",\"default\":{}}}}",
                               &json);

    ok(schema_defaults(s, object, &meter, &f) < 0 && f.count == 1,
       "defaults that nest without end are refused: %s", f.count ? f.item[0].message : "");
    findings_free(&f);
    schema_free(s);
    json_object_put(json);
    json_object_put(object);
}

int main(void)
{
    test_options();
    test_unknown("{\"properties\":{" MANY("a") MANY("b") MANY("c") MANY("d") MANY("e") "\"z\":{}}}",
                 LONG "0, ...)");
    test_unknown("{\"additionalProperties\":true}", "this bundle names no options");
    test_endless_defaults();
    return done();
}
