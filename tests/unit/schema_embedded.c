/* The schemas that are compiled in: each is JSON, is what its $id says. */
#include "schemas/embedded.h"

#include <json-c/json.h>
#include <string.h>

#include "schemas/json.h"
#include "tests/unit/tap.h"

static void test_one(const struct embedded *e)
{
    struct json_object *json = NULL, *id = NULL;
    const char *error = "", *text;
    size_t n = (size_t)(e->end - e->text), offset;
    int built = 0;

    if (!ok(json_check(e->text, n, &error, &offset) == 0, "%s is JSON %s", e->uri, error))
        return;
    json = json_build(e->text, n, &built);
    json_object_object_get_ex(json, "$id", &id);
    text = id ? json_object_get_string(id) : "";
    ok(!strncmp(text, e->uri, strlen(e->uri)) && strchr("#", text[strlen(e->uri)]), "its $id: %s",
       text);
    ok(embedded_find(e->uri) == e, "it is found");
    json_object_put(json);
}

int main(void)
{
    for (size_t i = 0; i < embedded_count; i++)
        test_one(&embedded[i]);
    ok(!embedded_find("urn:runbox:schema:none"), "what is not there is not found");
    return done();
}
