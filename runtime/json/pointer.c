/* Walks a value by the names of a pointer. Nothing is built. */
#include "runtime/json/pointer.h"

#include <json-c/json.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool pointer_next(const char **pointer, char *name, size_t size)
{
    const char *at = *pointer + 1;
    size_t n = 0;

    for (; *at && *at != '/' && n + 1 < size; at++) {
        bool escaped = *at == '~' && (at[1] == '0' || at[1] == '1');

        at += escaped;
        name[n++] = escaped ? "~/"[*at - '0'] : *at;
    }
    name[n] = '\0';
    *pointer = at;
    return !*at || *at == '/';
}

/* SIZE_MAX: it is none. */
static size_t pointer_index(const char *name)
{
    size_t digits = strspn(name, "0123456789");

    return digits && digits < 10 && !name[digits] && (*name != '0' || digits == 1)
               ? strtoul(name, NULL, 10)
               : SIZE_MAX;
}

bool pointer_find(struct json_object *value, const char *name, struct json_object **found)
{
    size_t i = pointer_index(name);

    if (json_object_is_type(value, json_type_object))
        return json_object_object_get_ex(value, name, found);
    if (!json_object_is_type(value, json_type_array) || i >= json_object_array_length(value))
        return false;
    *found = json_object_array_get_idx(value, i);
    return true;
}
