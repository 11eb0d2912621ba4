/* Equality and hashes of JSON values: numbers compare by mathematical value, the order of members
 * is ignored. Values come from a box: work is counted in steps, recursion is bounded by
 * JSON_DEPTH_MAX. */
#include <string.h>

#include "runtime/json/decimal.h"
#include "runtime/json/schema/run.h"

/* A long double has 64 bits of mantissa here (x87) or 113 (AArch64): every value is exact. */
_Static_assert(__LDBL_MANT_DIG__ >= 64, "int64, uint64 and double must convert exactly");

long double json_number_of(struct json_object *value)
{
    int64_t n;

    if (json_object_is_type(value, json_type_double))
        return (long double)json_object_get_double(value);
    n = json_object_get_int64(value);
    return n < 0 ? (long double)n : (long double)json_object_get_uint64(value);
}

/* Rounding keeps the order: only numbers that are equal as doubles need their digits. */
int json_compare(struct run *run, struct json_object *a, struct json_object *b)
{
    long double x = json_number_of(a), y = json_number_of(b);
    struct decimal m, n;

    if ((double)x != (double)y)
        return (double)x < (double)y ? -1 : 1;
    if (json_object_is_type(a, json_type_int) && json_object_is_type(b, json_type_int))
        return (x > y) - (x < y);
    decimal_of(a, &m);
    decimal_of(b, &n);
    run_steps(run, (m.count + n.count) / 16);
    return decimal_compare(&m, &n);
}

static bool is_number(enum json_type type)
{
    return type == json_type_int || type == json_type_double;
}

static bool equal_texts(struct run *run, struct json_object *a, struct json_object *b)
{
    int n = json_object_get_string_len(a);

    return n == json_object_get_string_len(b) && run_steps(run, (uint64_t)n / 256) &&
           memcmp(json_object_get_string(a), json_object_get_string(b), (size_t)n) == 0;
}

static bool equal_arrays(struct run *run, struct json_object *a, struct json_object *b)
{
    size_t n = json_object_array_length(a);

    if (n != json_object_array_length(b))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!json_equal(run, json_object_array_get_idx(a, i), json_object_array_get_idx(b, i)))
            return false;
    return true;
}

static bool equal_objects(struct run *run, struct json_object *a, struct json_object *b)
{
    struct json_object *other;

    if (json_object_object_length(a) != json_object_object_length(b))
        return false;
    json_object_object_foreach(a, name, value)
    {
        if (!run_lookups(run, b, 1 + strlen(name) / 32) ||
            !json_object_object_get_ex(b, name, &other) || !json_equal(run, value, other))
            return false;
    }
    return true;
}

bool json_equal(struct run *run, struct json_object *a, struct json_object *b)
{
    enum json_type type = json_object_get_type(a), other = json_object_get_type(b);

    if (!run_steps(run, 2))
        return false;
    if (is_number(type) && is_number(other))
        return json_compare(run, a, b) == 0;
    if (type != other)
        return false;
    switch (type) {
    case json_type_boolean:
        return json_object_get_boolean(a) == json_object_get_boolean(b);
    case json_type_string:
        return equal_texts(run, a, b);
    case json_type_array:
        return equal_arrays(run, a, b);
    case json_type_object:
        return equal_objects(run, a, b);
    default:
        return true;
    }
}

static uint64_t mix(uint64_t hash, uint64_t more)
{
    hash = (hash ^ more) * 0x9e3779b97f4a7c15ull;
    return hash ^ hash >> 29;
}

static uint64_t hash_bytes(struct run *run, const void *bytes, size_t n)
{
    const unsigned char *at = bytes;
    uint64_t hash = 0xcbf29ce484222325ull;

    if (!run_steps(run, 1 + n / 32))
        return 0;
    while (n-- > 0)
        hash = (hash ^ *at++) * 0x100000001b3ull;
    return hash;
}

/* Numbers that are equal exactly are also equal as doubles; -0.0 is 0. */
static uint64_t hash_number(struct run *run, struct json_object *value)
{
    double d = (double)json_number_of(value) + 0.0;

    return d == 0 ? 1 : hash_bytes(run, &d, sizeof d);
}

uint64_t json_hash(struct run *run, struct json_object *value)
{
    enum json_type type = json_object_get_type(value);
    uint64_t hash = (uint64_t)type;

    if (!run_steps(run, 2))
        return 0;
    switch (type) {
    case json_type_int:
    case json_type_double:
        return hash_number(run, value);
    case json_type_boolean:
        return mix(hash, (uint64_t)json_object_get_boolean(value));
    case json_type_string:
        return hash_bytes(run, json_object_get_string(value),
                          (size_t)json_object_get_string_len(value));
    case json_type_array:
        for (size_t i = 0; i < json_object_array_length(value); i++)
            hash = mix(hash, json_hash(run, json_object_array_get_idx(value, i)));
        return hash;
    case json_type_object: {
        json_object_object_foreach(value, name, member) hash +=
            mix(hash_bytes(run, name, strlen(name)), json_hash(run, member)); /* in any order */
        return hash;
    }
    default:
        return hash;
    }
}
