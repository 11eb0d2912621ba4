/* How long one job's argument takes to validate: a schema such as a manifest has, compiled once, and an
 * argument that fits it. Prints one JSON object: medians over rounds of some milliseconds each. */
#include "runtime/json/schema/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS      201
#define VALIDATIONS 1000 /* in a round */

static const char schema_text[] =
    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"type\":\"object\","
    "\"required\":[\"id\",\"customer\",\"lines\"],\"additionalProperties\":false,\"properties\":{"
    "\"id\":{\"type\":\"string\",\"pattern\":\"^[A-Z]{2}-[0-9]{6}$\"},"
    "\"placed\":{\"type\":\"string\",\"format\":\"date-time\"},"
    "\"priority\":{\"enum\":[\"low\",\"normal\",\"high\"],\"default\":\"normal\"},"
    "\"customer\":{\"$ref\":\"#/$defs/customer\"},"
    "\"lines\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":100,"
    "\"items\":{\"$ref\":\"#/$defs/line\"}},"
    "\"note\":{\"type\":[\"string\",\"null\"],\"maxLength\":500}},"
    "\"$defs\":{\"customer\":{\"type\":\"object\",\"required\":[\"name\",\"email\"],\"properties\":"
    "{"
    "\"name\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":100},"
    "\"email\":{\"type\":\"string\",\"format\":\"email\"},"
    "\"tags\":{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"type\":\"string\"}}}},"
    "\"line\":{\"type\":\"object\",\"required\":[\"sku\",\"count\",\"price\"],\"properties\":{"
    "\"sku\":{\"type\":\"string\",\"pattern\":\"^[a-z0-9-]+$\"},"
    "\"count\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000},"
    "\"price\":{\"type\":\"number\",\"minimum\":0,\"multipleOf\":0.01},"
    "\"options\":{\"type\":\"object\",\"propertyNames\":{\"maxLength\":20},"
    "\"additionalProperties\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"boolean\"}]}}},"
    "\"additionalProperties\":false}}}";

static const char value_text[] =
    "{\"id\":\"AB-123456\",\"placed\":\"2024-02-29T12:00:00Z\",\"priority\":\"high\",\"customer\":"
    "{\"name\":\"Ada Lovelace\",\"email\":\"ada@example.org\",\"tags\":[\"a\",\"b\",\"c\"]},"
    "\"lines\":[{\"sku\":\"engine-1\",\"count\":2,\"price\":19.99,\"options\":{\"brass\":true}},"
    "{\"sku\":\"card-7\",\"count\":40,\"price\":0.25},{\"sku\":\"lamp\",\"count\":1,\"price\":12,"
    "\"options\":{\"colour\":\"green\",\"tall\":false}}],\"note\":null}";

static double now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_value(const void *x, const void *y)
{
    const double *a = x, *b = y;

    return (*a > *b) - (*a < *b);
}

static struct json_object *build(const char *text)
{
    const char *error;
    size_t offset;
    int built = 0;
    struct json_object *json = NULL;

    if (json_check(text, strlen(text), &error, &offset) == 0)
        json = json_build(text, strlen(text), &built);
    if (!built) {
        fprintf(stderr, "schema: not JSON: %.60s\n", text);
        exit(1);
    }
    return json;
}

static double compile_us(struct json_object *json)
{
    struct findings f = {0};
    double begin = now_us();

    for (int i = 0; i < VALIDATIONS / 10; i++)
        schema_free(schema_compile(json, NULL, &f));
    return (now_us() - begin) / (VALIDATIONS / 10);
}

int main(void)
{
    static double us[ROUNDS];
    struct json_object *json = build(schema_text), *value = build(value_text);
    struct findings f = {0};
    struct schema *s = schema_compile(json, NULL, &f);

    if (!s || schema_validate(s, value, NULL, &f) < 0) {
        fprintf(stderr, "schema: %s\n", f.count ? f.item[0].message : "no memory");
        return 1;
    }
    for (size_t i = 0; i < ROUNDS; i++) {
        double begin = now_us();

        for (int j = 0; j < VALIDATIONS; j++)
            schema_validate(s, value, NULL, &f);
        us[i] = (now_us() - begin) / VALIDATIONS;
    }
    qsort(us, ROUNDS, sizeof *us, by_value);
    printf("{\"bytes\":%zu,\"compile_us\":%.1f,\"validate_us\":%.2f,\"validations_per_second\":%."
           "0f}\n",
           sizeof value_text - 1, compile_us(json), us[ROUNDS / 2], 1e6 / us[ROUNDS / 2]);
    schema_free(s);
    json_free(json);
    json_free(value);
    return 0;
}
