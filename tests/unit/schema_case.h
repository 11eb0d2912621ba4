/* A test's own JSON and schemas, which must be good: else the test ends. */
#ifndef SCHEMA_CASE_H
#define SCHEMA_CASE_H

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/json/json.h"
#include "runtime/json/schema/schema.h"
#include "tests/unit/tap.h"

__attribute__((unused)) static struct json_object *build(const char *text)
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

__attribute__((unused)) static struct schema *compile(const char *text, struct json_object **json)
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

#endif
