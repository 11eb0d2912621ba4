/* Builds json-c objects from checked text. json-c's own parser is not used: it is lenient, clamps
 * integers that do not fit, and costs more. Here an integer beyond 64 bits, or -0, becomes a
 * double, and every double keeps its text, so that it is printed as it was read. Runs only on text that
 * json_check() accepted. */
#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/fd.h"
#include "runtime/base/meter.h"
#include "runtime/json/text.h"

/* Keys and strings that must be copied are usually short; longer ones are allocated temporarily. */
#define SHORT 512

/* From this text size on, shrinking objects' tables pays off: json-c makes each for 16 members. */
#define LARGE 4096

struct builder {
    struct json_scan s;
    struct meter *meter; /* NULL: not counted */
    bool large;
};

static int build(struct builder *b, struct json_object **value);

/* Charge one more value of BYTES. 0 or -1. */
static int build_cost(struct builder *b, size_t bytes)
{
    return b->meter && !(meter_steps(b->meter, 1 + bytes / 256) && meter_bytes(b->meter, bytes))
               ? -1
               : 0;
}

static int build_string(struct builder *b, struct json_object **value)
{
    struct json_scan *s = &b->s;
    const char *begin = s->at;
    struct json_key key;
    char small[SHORT];
    autofree char *large = NULL;
    char *text;

    if (json_key(s, &key) < 0)
        return -1;
    if (build_cost(b, JSON_COST_SCALAR + key.n) < 0) {
        s->at = begin;
        return -1;
    }
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
    explicit_bzero(text, key.n); /* it may be a secret: leave no copy behind */
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

static int build_number(struct builder *b, struct json_object **value)
{
    struct json_scan *s = &b->s;
    const char *begin = s->at;
    char text[JSON_NUMBER_MAX + 1];
    bool real;

    if (json_number(s, &real) < 0)
        return -1;
    /* An integer of 19 digits may exceed 64 bits and become a double, as -0 does. */
    real |= s->at - begin == 2 && memcmp(begin, "-0", 2) == 0;
    if (build_cost(b, real || s->at - begin > 18 ? JSON_COST_DOUBLE + (size_t)(s->at - begin)
                                                 : JSON_COST_SCALAR) < 0) {
        s->at = begin;
        return -1;
    }
    memcpy(text, begin, (size_t)(s->at - begin));
    text[s->at - begin] = '\0';
    *value = real ? json_object_new_double_s(strtod(text, NULL), text) : integer(text);
    return *value ? 0 : -1;
}

/* At a member's name: add it and its value to OBJECT, which then owns both. */
static int build_member(struct builder *b, struct json_object *object)
{
    struct json_scan *s = &b->s;
    struct json_object *value = NULL;
    const char *begin = s->at;
    struct json_key key;
    char small[SHORT];
    autofree char *large = NULL;
    char *name;

    if (json_key(s, &key) < 0)
        return -1;
    if ((b->meter && !meter_steps(b->meter, JSON_STEPS_MEMBER)) ||
        build_cost(b, JSON_COST_MEMBER + key.n) < 0) {
        s->at = begin;
        return -1;
    }
    if (key.n >= sizeof small)
        large = malloc(key.n + 1);
    name = key.n >= sizeof small ? large : small;
    if (!name)
        return -1;
    name[json_unescape(key.raw, key.n, name)] = '\0';
    json_space(s);
    s->at++; /* ':' */
    if (build(b, &value) < 0 ||
        json_object_object_add_ex(object, name, value, JSON_C_OBJECT_ADD_KEY_IS_NEW) < 0) {
        json_object_put(value);
        return -1;
    }
    return 0;
}

static int build_element(struct builder *b, struct json_object *array)
{
    struct json_object *value = NULL;

    if (build_cost(b, JSON_COST_ELEMENT) < 0)
        return -1;
    if (build(b, &value) < 0 || json_object_array_add(array, value) < 0) {
        json_object_put(value);
        return -1;
    }
    return 0;
}

int json_shrink(struct json_object *object)
{
    struct lh_table *table = json_object_get_object(object);
    /* The last insertion must stay below json-c's load factor, or the table grows again. */
    int n = lh_table_length(table), size = n < 2 ? 1 : (n - 1) * 100 / 66 + 1;

    return size < table->size ? lh_table_resize(table, size) : 0;
}

static int build_list(struct builder *b, struct json_object **value, char close)
{
    struct json_scan *s = &b->s;

    if (build_cost(b, close == '}' ? JSON_COST_OBJECT : JSON_COST_ARRAY) < 0)
        return -1;
    *value = close == '}' ? json_object_new_object() : json_object_new_array_ext(4);
    if (!*value)
        return -1;
    do {
        s->at++;
        json_space(s);
        if (*s->at == close) /* only an empty list can end here: the text was checked */
            break;
        if ((close == '}' ? build_member(b, *value) : build_element(b, *value)) < 0)
            return -1;
        json_space(s);
    } while (*s->at == ',');
    s->at++;
    return close == '}' && b->large ? json_shrink(*value) : 0;
}

static int build_word(struct builder *b, struct json_object **value)
{
    char c = *b->s.at;

    if (build_cost(b, JSON_COST_WORD) < 0)
        return -1;
    b->s.at += c == 'f' ? 5 : 4;
    if (c == 'n')
        return 0;
    *value = json_object_new_boolean(c == 't');
    return *value ? 0 : -1;
}

/* *VALUE is NULL on entry and may hold a partial value on failure. The check bounded the depth. */
static int build(struct builder *b, struct json_object **value)
{
    json_space(&b->s);
    switch (*b->s.at) {
    case '{':
        return build_list(b, value, '}');
    case '[':
        return build_list(b, value, ']');
    case '"':
        return build_string(b, value);
    case 't':
    case 'f':
    case 'n':
        return build_word(b, value);
    default:
        return build_number(b, value);
    }
}

int json_build_within(const char *text, size_t n, struct meter *m, struct json_object **value,
                      size_t *offset)
{
    struct builder b = {.s = {.at = text, .end = text + n}, .meter = m, .large = n > LARGE};

    *value = NULL;
    if (n <= INT_MAX && build(&b, value) == 0) /* json-c counts bytes in an int */
        return 0;
    *offset = (size_t)(b.s.at - text);
    json_object_put(*value);
    *value = NULL;
    return -1;
}

struct json_object *json_build(const char *text, size_t n, int *ok)
{
    struct json_object *value;
    size_t offset;

    *ok = json_build_within(text, n, NULL, &value, &offset) == 0;
    return value;
}

int json_read(const char *text, size_t n, struct meter *m, struct json_object **value,
              struct json_error *e)
{
    *e = (struct json_error){0};
    *value = NULL;
    if (json_check(text, n, &e->what, &e->offset) < 0)
        return -1;
    if (json_build_within(text, n, m, value, &e->offset) == 0)
        return 0;
    e->spent = m->spent;
    if (m->spent)
        e->what = meter_why(m);
    return -1;
}

void json_free(struct json_object *value)
{
    json_object_put(value);
}

/* Depth is bounded if VALUE was built from checked text. */
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

void json_seed(void)
{
    struct json_object *o = json_object_new_object();

    if (o)
        json_object_object_add(o, "", NULL);
    json_object_put(o);
}

void json_wipe(struct json_object *value)
{
    wipe(value);
    json_object_put(value);
}

const char *json_library(void)
{
    return json_c_version();
}
