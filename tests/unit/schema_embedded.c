/* The schemas that are compiled in: each is JSON, and is what its $id says. */
#include "schemas/embedded.h"

#include <json-c/json.h>
#include <string.h>

#include "runtime/json/json.h"
#include "tests/unit/tap.h"

static void test_one(const struct embedded *e, const char *uri)
{
    struct json_object *json = NULL, *id = NULL;
    const char *error = "", *text;
    size_t n = e ? (size_t)(e->end - e->text) : 0, offset;
    int built = 0;

    if (!ok(e && json_check(e->text, n, &error, &offset) == 0, "%s is there, JSON %s", uri, error))
        return;
    json = json_build(e->text, n, &built);
    if (!json_object_object_get_ex(json, "$id", &id))
        json_object_object_get_ex(json, "id", &id); /* draft-04's */
    text = id ? json_object_get_string(id) : "";
    ok(!strncmp(text, uri, strlen(uri)) && strchr("#", text[strlen(uri)]), "its $id: %s", text);
    json_object_put(json);
}

#define DIALECT      "https://json-schema.org/draft/2020-12/"
#define DIALECT_2019 "https://json-schema.org/draft/2019-09/"

static const char *const uris[] = {
#define SCHEMA(id, name, file) "urn:runbox:schema:" name,
#define META(id, uri, file)    uri,
#include "schemas/embedded.def"
};

int main(void)
{
    for (size_t i = 0; i < sizeof uris / sizeof *uris; i++)
        test_one(embedded_uri(uris[i]), uris[i]);
    for (size_t i = 0; i < embedded_count; i++)
        ok(embedded_find(embedded_schemas[i].name) == &embedded_schemas[i], "%s has its name",
           embedded_schemas[i].name);
    ok(!embedded_find("none") && !embedded_uri("urn:runbox:schema:none") &&
           !embedded_uri("manifest"),
       "what is not there is not found");
    return done();
}
