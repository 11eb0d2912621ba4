/* From checked text to json-c's objects. json-c's own parser is not used: it is lenient, clamps
 * integers that do not fit, and costs more. Here an integer beyond 64 bits becomes a double, and
 * every double keeps its text, so that it is printed as it was read. Runs only on text that
 * json_check() accepted. */
#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/fd.h"
#include "schemas/json_text.h"

/* Keys and strings that need a copy are short as a rule; longer ones are allocated for the moment.
 */
#define SHORT 512

static int build(struct json_scan *s, struct json_object **value);

static int build_string(struct json_scan *s, struct json_object **value)
{
    struct json_key key;
    char small[SHORT];
    autofree char *large = NULL;
    char *text;

    if (json_key(s, &key) < 0)
        return -1;
    if (!key.escaped) {
        *value = json_object_new_string_len(key.raw, (int)key.n);
        return *value ? 0 : -1;
    }
    if (key.n > sizeof small)
        large = malloc(key.n);
    text = key.n > sizeof small ? large : small;
    if (!text)
        return -1;
    *value = json_object_new_string_len(text, (int)json_unescape(key.raw, key.n, text));
    explicit_bzero(text, key.n); /* it may be a secret: no copy of one stays where nobody knows */
    return *value ? 0 : -1;
}

static struct json_object *integer(const char *text)
{
    long long value;
    unsigned long long large;

    errno = 0;
    value = strtoll(text, NULL, 10);
    if (errno == 0)
        return json_object_new_int64(value);
    errno = 0;
    large = strtoull(text, NULL, 10);
    if (errno == 0 && *text != '-')
        return json_object_new_uint64(large);
    return json_object_new_double_s(strtod(text, NULL), text);
}

static int build_number(struct json_scan *s, struct json_object **value)
{
    const char *begin = s->at;
    char text[JSON_NUMBER_MAX + 1];
    bool real;

    if (json_number(s, &real) < 0)
        return -1;
    memcpy(text, begin, (size_t)(s->at - begin));
    text[s->at - begin] = '\0';
    *value = real ? json_object_new_double_s(strtod(text, NULL), text) : integer(text);
    return *value ? 0 : -1;
}

/* At a member's name: add it and its value to OBJECT, which owns both from then on. */
static int build_member(struct json_scan *s, struct json_object *object)
{
    struct json_object *value = NULL;
    struct json_key key;
    char small[SHORT];
    autofree char *large = NULL;
    char *name;

    if (json_key(s, &key) < 0)
        return -1;
    if (key.n >= sizeof small)
        large = malloc(key.n + 1);
    name = key.n >= sizeof small ? large : small;
    if (!name)
        return -1;
    name[json_unescape(key.raw, key.n, name)] = '\0';
    json_space(s);
    s->at++; /* ':' */
    if (build(s, &value) < 0 ||
        json_object_object_add_ex(object, name, value, JSON_C_OBJECT_ADD_KEY_IS_NEW) < 0) {
        json_object_put(value);
        return -1;
    }
    return 0;
}

static int build_element(struct json_scan *s, struct json_object *array)
{
    struct json_object *value = NULL;

    if (build(s, &value) < 0 || json_object_array_add(array, value) < 0) {
        json_object_put(value);
        return -1;
    }
    return 0;
}

static int build_list(struct json_scan *s, struct json_object **value, char close)
{
    *value = close == '}' ? json_object_new_object() : json_object_new_array_ext(4);
    if (!*value)
        return -1;
    do {
        s->at++;
        json_space(s);
        if (*s->at == close) /* only an empty list has its end here: the text was checked */
            break;
        if ((close == '}' ? build_member(s, *value) : build_element(s, *value)) < 0)
            return -1;
        json_space(s);
    } while (*s->at == ',');
    s->at++;
    return 0;
}

static int build_word(struct json_scan *s, struct json_object **value)
{
    char c = *s->at;

    s->at += c == 'f' ? 5 : 4;
    if (c == 'n')
        return 0;
    *value = json_object_new_boolean(c == 't');
    return *value ? 0 : -1;
}

/* *VALUE is NULL on entry, and may hold a part on failure. Depth was bounded by the check. */
static int build(struct json_scan *s, struct json_object **value)
{
    json_space(s);
    switch (*s->at) {
    case '{':
        return build_list(s, value, '}');
    case '[':
        return build_list(s, value, ']');
    case '"':
        return build_string(s, value);
    case 't':
    case 'f':
    case 'n':
        return build_word(s, value);
    default:
        return build_number(s, value);
    }
}

struct json_object *json_build(const char *text, size_t n, int *ok)
{
    struct json_scan s = {.at = text, .end = text + n};
    struct json_object *value = NULL;

    *ok = n <= INT_MAX && build(&s, &value) == 0; /* json-c counts bytes in int */
    if (*ok)
        return value;
    json_object_put(value);
    return NULL;
}

void json_free(struct json_object *value)
{
    json_object_put(value);
}

/* Depth is bounded where VALUE was built from checked text. */
static void wipe(struct json_object *value)
{
    const char *text;

    if (json_object_is_type(value, json_type_string)) {
        text = json_object_get_string(value); /* json-c's own bytes, not a copy */
        explicit_bzero((void *)(uintptr_t)text, (size_t)json_object_get_string_len(value));
    } else if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++)
            wipe(json_object_array_get_idx(value, i));
    } else if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, name, member)
        {
            (void)name;
            wipe(member);
        }
    }
}

void json_wipe(struct json_object *value)
{
    wipe(value);
    json_object_put(value);
}
