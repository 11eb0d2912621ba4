/* Integers that a script would get rounded: found before the run begins, and named. Depth is that of
 * a checked text. No error shows a value: it may be a secret. */
#include <json-c/json.h>
#include <string.h>

#include "runtime/json/brief.h"
#include "runtime/json/finding.h"
#include "runtime/json/text.h"
#include "runtime/wire/caller.h"
#include "runtime/wire/scan.h"
#include "runtime/wire/start_members.h"

static bool is_rounded(struct json_object *number)
{
    char room[JSON_NUMBER_TEXT];
    const char *text;
    size_t n;

    if (json_object_is_type(number, json_type_int) && json_object_get_uint64(number) <= INT64_MAX)
        return false;
    text = json_number_text(number, room);
    n = strlen(text);
    return n > 18 && !strpbrk(text, ".eE") && !json_is_exact(text, n);
}

static int exact_refuse(const struct path *at, struct fault *why)
{
    autostr struct str pointer = {0}, visible = {0};

    path_print(at, &pointer);
    visible_add(&visible, pointer.failed ? "" : pointer.data);
    return fault_set(why, STATUS_INVALID, 0, "start line", "%s: " SCAN_ROUNDED,
                     visible.failed ? "" : visible.data);
}

static int exact_check(struct json_object *value, const struct path *at, struct fault *why)
{
    int r = 0;

    switch (json_object_get_type(value)) {
    case json_type_int:
    case json_type_double:
        return is_rounded(value) ? exact_refuse(at, why) : 0;
    case json_type_array:
        for (size_t i = 0; i < json_object_array_length(value) && r == 0; i++)
            r = exact_check(json_object_array_get_idx(value, i),
                            &(struct path){.up = at, .index = i}, why);
        return r;
    case json_type_object: {
        json_object_object_foreach(value, name, member) if (r == 0) r =
            exact_check(member, &(struct path){.up = at, .name = name}, why);
        return r;
    }
    default:
        return 0;
    }
}

int start_exact(const struct start *s, struct fault *why)
{
    const struct path arg = {.name = "arg"}, options = {.name = "options"};

    return exact_check(s->arg, &arg, why) < 0 ? -1 : exact_check(s->options, &options, why);
}
