/* A number as it is written: digits and a power of ten, which compare exactly. */
#ifndef JSON_DECIMAL_H
#define JSON_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/json/text.h"

struct decimal { /* digits * 10^exponent; the first digit and the last are no '0'; 0 has none */
    bool minus;
    size_t count;
    long exponent;
    char digit[JSON_NUMBER_MAX];
};

/* Of VALUE, an int or a double. */
void decimal_of(struct json_object *value, struct decimal *d);

/* < 0, 0 or > 0. */
int decimal_compare(const struct decimal *a, const struct decimal *b);

/* Whether VALUE, an int or a double, has no fraction; -1, 0 or 1: its sign. */
bool json_is_whole(struct json_object *value);
int json_sign(struct json_object *value);

/* Whether VALUE, of any type, was written as -0: an integer, though json_read() builds a double. */
bool json_is_minus_zero(struct json_object *value);

#endif
