/* JSON Schema, schemas/schema*.c: both the schema and the instance are hostile. Whatever compiles decides in
 * bounded time, and decides the same where the verdict alone is wanted. The first byte is the mode; schema,
 * instance and the text of an option follow, each ended by a NUL. */
#include "runtime/json/schema/schema.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "tests/fuzz/judge/judge.h"

struct text {
    const char *at;
    size_t n;
};

static struct text next(const char **at, const char *end)
{
    const char *stop = memchr(*at, '\0', (size_t)(end - *at));
    struct text t = {*at, (size_t)((stop ? stop : end) - *at)};

    *at = stop ? stop + 1 : end;
    return t;
}

/* *OK: there is a value, which may be null. */
static struct json_object *build(struct text t, int *ok)
{
    const char *error;
    size_t offset;

    *ok = 0;
    return json_check(t.at, t.n, &error, &offset) == 0 ? json_build(t.at, t.n, ok) : NULL;
}

static bool is_costly(const struct findings *f)
{
    return f->count && strstr(f->item[f->count - 1].message, "too costly");
}

static void print_all(struct findings *f, struct text instance)
{
    autostr struct str out = {0};

    findings_locate(f, instance.at, instance.n);
    findings_detailed(f, &out);
    must(!out.failed && judge_json(out.data, out.len, JSON_DEPTH_MAX), "findings are no JSON: %s",
         out.data);
    for (size_t i = 0; i < f->count; i++)
        finding_print(&f->item[i], "instance", &out);
}

static bool validate(const struct schema *s, struct json_object *value, struct text instance,
                     bool *costly)
{
    struct findings f = {0};
    bool fits = schema_validate(s, value, NULL, &f) == 0;

    must(fits == !findings_any(&f), "a verdict without its findings, or with too many");
    *costly = is_costly(&f);
    print_all(&f, instance);
    findings_free(&f);
    return fits;
}

/* {"not":{"not":SCHEMA}} adds no finding on its way. "#" would mean another schema there. */
static void check_twice(struct json_object *schema, struct schema_mode mode,
                        struct json_object *value, bool fits)
{
    struct json_object *negated = json_object_new_object(), *outer = json_object_new_object();
    struct findings f = {0};
    struct schema *twice;

    json_object_object_add(negated, "not", json_object_get(schema));
    json_object_object_add(outer, "not", negated);
    twice = strchr(json_object_to_json_string(schema), '#')
                ? NULL
                : schema_compile_as(outer, mode, NULL, &f);
    findings_free(&f);
    if (twice) {
        bool again = schema_validate(twice, value, NULL, &f) == 0;

        must(again == fits || is_costly(&f), "the verdict depends on whether findings are wanted");
        findings_free(&f);
    }
    schema_free(twice);
    json_object_put(outer);
}

static void check_option(const struct schema *s, struct text text)
{
    struct json_object *value = NULL, *object = json_object_new_object();
    struct findings f = {0};
    struct meter meter = {0};
    char option[64];
    struct fault why;
    bool none = false;

    snprintf(option, sizeof option, "%.*s", (int)text.n, text.at);
    if (schema_convert_option(s, "a", option, &value, &why) == 0)
        json_object_put(value);
    else
        must(*why.what, "an option is refused without a word");
    schema_type_of(s, "a", &none);
    if (schema_defaults(s, object, &meter, &f) == 0)
        must(strlen(json_object_to_json_string(object)) > 0, "defaults that do not print");
    else
        must(findings_any(&f), "defaults are refused without a word");
    findings_free(&f);
    json_object_put(object);
}

static void judge(struct json_object *schema, struct schema_mode mode, struct text instance,
                  struct text option)
{
    struct findings f = {0};
    struct schema *s = schema_compile_as(schema, mode, NULL, &f);
    int built;
    struct json_object *value = build(instance, &built);
    bool costly, fits;

    must(!s == findings_any(&f), "compiled with findings, or refused without");
    findings_free(&f);
    if (s && built) {
        fits = validate(s, value, instance, &costly);
        if (!costly)
            check_twice(schema, mode, value, fits);
    }
    if (s)
        check_option(s, option);
    schema_free(s);
    json_object_put(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *at = (const char *)data + 1, *end = (const char *)data + n;
    struct text schema, instance;
    struct json_object *document;
    int built;

    if (n < 2)
        return 0;
    schema = next(&at, end);
    instance = next(&at, end);
    document = build(schema, &built);
    if (built)
        judge(document,
              (struct schema_mode){
                  .format = data[0] & 1,
                  .draft = (const int[]){2020, 7, 2019, 4, 6, 7, 2019, 4}[data[0] >> 1 & 7]},
              instance, next(&at, end));
    json_object_put(document);
    return 0;
}
