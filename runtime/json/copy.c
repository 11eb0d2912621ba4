/* Copies JSON values, charged before they are made: a bundle's default may be copied as often as
 * its schema refers to it. Depth is that of a checked text; a copy shares nothing with the
 * original. */
#include <json-c/json.h>
#include <string.h>

#include "runtime/base/meter.h"
#include "runtime/json/text.h"

static bool copy_cost(struct meter *m, size_t bytes)
{
    return meter_steps(m, 1 + bytes / 256) && meter_bytes(m, bytes);
}

static int copy_members(struct json_object *value, struct meter *m, struct json_object *to)
{
    json_object_object_foreach(value, name, member)
    {
        struct json_object *copy;

        if (!meter_steps(m, JSON_STEPS_MEMBER) || !copy_cost(m, JSON_COST_MEMBER + strlen(name)) ||
            json_copy(member, m, &copy) < 0)
            return -1;
        if (json_object_object_add_ex(to, name, copy, JSON_C_OBJECT_ADD_KEY_IS_NEW) < 0) {
            json_object_put(copy);
            return -1;
        }
    }
    return json_shrink(to);
}

static int copy_elements(struct json_object *value, struct meter *m, struct json_object *to)
{
    for (size_t i = 0; i < json_object_array_length(value); i++) {
        struct json_object *copy;

        if (!copy_cost(m, JSON_COST_ELEMENT) ||
            json_copy(json_object_array_get_idx(value, i), m, &copy) < 0)
            return -1;
        if (json_object_array_add(to, copy) < 0) {
            json_object_put(copy);
            return -1;
        }
    }
    return 0;
}

static int copy_list(struct json_object *value, struct meter *m, struct json_object **copy)
{
    bool object = json_object_is_type(value, json_type_object);

    if (!copy_cost(m, object ? JSON_COST_OBJECT : JSON_COST_ARRAY))
        return -1;
    *copy = object ? json_object_new_object() : json_object_new_array_ext(4);
    if (*copy && (object ? copy_members(value, m, *copy) : copy_elements(value, m, *copy)) == 0)
        return 0;
    json_object_put(*copy);
    *copy = NULL;
    return -1;
}

/* For scalars: json-c's own copy keeps a double's text. */
int json_copy(struct json_object *value, struct meter *m, struct json_object **copy)
{
    enum json_type type = json_object_get_type(value);
    size_t n = JSON_COST_SCALAR;

    *copy = NULL;
    if (type == json_type_object || type == json_type_array)
        return copy_list(value, m, copy);
    if (type == json_type_string)
        n += (size_t)json_object_get_string_len(value);
    else if (type == json_type_double)
        n = JSON_COST_DOUBLE + JSON_NUMBER_MAX;
    if (!copy_cost(m, n))
        return -1;
    return !value || json_object_deep_copy(value, copy, NULL) == 0 ? 0 : -1;
}
