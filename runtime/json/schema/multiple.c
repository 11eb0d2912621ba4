/* multipleOf, exactly: 0.07 is a multiple of 0.01, though a double can represent neither. Numbers
 * are taken as written, digits and a power of ten; one comes from a box, the other from a
 * bundle. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "runtime/json/schema/run.h"

#define EXPONENT_MAX 100000

struct decimal { /* digits * 10^exponent, without sign; no trailing 0 in digits */
    uint64_t digits;
    long exponent;
};

static bool push(struct decimal *d, unsigned digit)
{
    if (d->digits > (UINT64_MAX - 9) / 10)
        return false;
    d->digits = d->digits * 10 + digit;
    return true;
}

/* Parse a number's JSON text. False if it has more digits than fit. */
static bool multiple_parse(const char *text, struct decimal *d)
{
    bool fraction = false;
    long zeros = 0, exponent = 0; /* zeros not yet in .digits */

    *d = (struct decimal){0};
    for (text += *text == '-'; *text == '.' || (*text >= '0' && *text <= '9'); text++) {
        if (*text == '.') {
            fraction = true;
            continue;
        }
        d->exponent -= fraction;
        if (*text == '0') {
            zeros += d->digits != 0;
            continue;
        }
        for (; zeros > 0; zeros--)
            if (!push(d, 0))
                return false;
        if (!push(d, (unsigned)(*text - '0')))
            return false;
    }
    if (*text)
        exponent = strtol(text + 1, NULL, 10);
    d->exponent += zeros + exponent;
    return exponent > -EXPONENT_MAX && exponent < EXPONENT_MAX;
}

/* 10^EXPONENT modulo M. */
static uint64_t power_of_ten(long exponent, uint64_t m)
{
    __uint128_t result = 1 % m, square = 10 % m;

    for (; exponent > 0; exponent /= 2) {
        if (exponent % 2)
            result = result * square % m;
        square = square * square % m;
    }
    return (uint64_t)result;
}

/* For numbers with too many digits: accept a quotient within rounding of a whole number, unless the
 * rounding error hides everything. */
static bool nearly(long double n, long double of)
{
    long double quotient = n / of, error = fabsl(quotient) * 4 * (long double)DBL_EPSILON;

    if (fmodl(n, of) == 0)
        return true;
    if (floorl(n) == n && floorl(of) == of)
        return false;
    return error < 0.25L && fabsl(quotient - roundl(quotient)) <= error;
}

bool json_multiple(struct json_object *value, struct json_object *of)
{
    char value_room[JSON_NUMBER_TEXT], of_room[JSON_NUMBER_TEXT];
    const char *value_text, *of_text;
    struct decimal n, m;

    if (json_object_is_type(value, json_type_int) && json_object_is_type(of, json_type_int))
        return fmodl(json_number_of(value), json_number_of(of)) == 0;
    value_text = json_number_text(value, value_room);
    of_text = json_number_text(of, of_room);
    if (!multiple_parse(value_text, &n) || !multiple_parse(of_text, &m) || m.digits == 0)
        return nearly(json_number_of(value), json_number_of(of));
    if (n.digits == 0)
        return true;
    if (n.exponent < m.exponent) /* N would have to end in a 0 */
        return false;
    return (__uint128_t)(n.digits % m.digits) * power_of_ten(n.exponent - m.exponent, m.digits) %
               m.digits ==
           0;
}
