/* The strict scanner and what builds on it, schemas/json*.c: what is accepted is built, printed and read
 * again as the same value; every place in it can be found; json-c and the box read it too. */
#include "runtime/json/json.h"

#include <json-c/json.h>
#include <string.h>

#include "runtime/base/str.h"
#include "tests/fuzz/judge/judge.h"

static bool place_is_inside(struct json_place at, const char *text, size_t n)
{
    unsigned lines = 1;

    for (size_t i = 0; i < n; i++)
        lines += text[i] == '\n';
    return at.line >= 1 && at.line <= lines && at.column >= 1 && at.column <= n + 1;
}

/* json-c reads more than JSON, never less; it counts a level for scalars, and its own end is a NUL. */
static bool library_accepts(const char *text, size_t n)
{
    struct json_tokener *tok = json_tokener_new_ex(JSON_DEPTH_MAX + 2);
    bool accepts;

    json_tokener_set_flags(tok, JSON_TOKENER_VALIDATE_UTF8);
    json_object_put(json_tokener_parse_ex(tok, text, (int)n));
    accepts = json_tokener_get_error(tok) == json_tokener_success ||
              json_tokener_get_error(tok) == json_tokener_continue; /* a number at the very end */
    json_tokener_free(tok);
    return accepts;
}

static void check_value(const char *text, size_t n)
{
    int built;
    struct json_object *value = json_build(text, n, &built);
    const char *again;

    must(built, "accepted, but not built");
    again = json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN);
    must(judge_json(again, strlen(again), JSON_DEPTH_MAX), "printed, it is no JSON: %s", again);
    must(judge_equal(text, n, again, strlen(again)), "printed, it is another value: %s", again);
    json_object_put(value);
}

/* Any bytes are a pointer: of one that leads nowhere, the place is the nearest parent's. */
static void check_places(const char *text, size_t n)
{
    static const char *const pointers[] = {"",     "/",     "/0", "/a", "/a/b",
                                           "/1/0", "/~0~1", "/~", "//"};

    struct json_locator l = {.text = text, .n = n};

    for (size_t i = 0; i < sizeof pointers / sizeof *pointers; i++)
        for (int of_name = 0; of_name < 2; of_name++) {
            struct json_place one = json_locate(text, n, pointers[i], of_name),
                              next = json_locator_find(&l, pointers[i], of_name);

            must(place_is_inside(one, text, n), "%s is outside", pointers[i]);
            must(one.line == next.line && one.column == next.column, "%s is at %u:%u, and %u:%u",
                 pointers[i], one.line, one.column, next.line, next.column);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *text = (const char *)data, *error = NULL;
    struct json_scan s = {.at = text, .end = text + n};
    autostr struct str said = {0};
    size_t offset = 0;

    if (json_check(text, n, &error, &offset) < 0) {
        must(error && *error && offset <= n, "refused at %zu of %zu", offset, n);
        must(place_is_inside(json_place(text, n, offset), text, n), "the error is outside");
        json_error_add(text, n, &(struct json_error){.what = error, .offset = offset}, &said);
        must(said.len >= strlen(error) && strlen(said.data) == said.len, "said: %s", said.data);
        return 0;
    }
    must(json_skip(&s, JSON_DEPTH_MAX) == 0 && (s.rounded || judge_line(text, n)),
         "the box cannot read it");
    must(library_accepts(text, n), "json-c cannot read it");
    check_value(text, n);
    check_places(text, n);
    return 0;
}
