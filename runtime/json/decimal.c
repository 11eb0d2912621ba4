/* Numbers as they are written: digits and a power of ten, compared exactly, whatever their length.
 * One may come from a box, the other from a bundle; json_check() bounded both. */
#include "runtime/json/decimal.h"

#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/json/brief.h"

/* Zeros behind the last other digit belong to the exponent. */
static void trim(struct decimal *d)
{
    while (d->count && d->digit[d->count - 1] == '0') {
        d->count--;
        d->exponent++;
    }
    if (!d->count)
        d->exponent = d->minus = 0;
}

void decimal_of(struct json_object *value, struct decimal *d)
{
    char room[JSON_NUMBER_TEXT];
    const char *text = json_number_text(value, room);
    bool fraction = false;

    d->count = 0;
    d->exponent = 0;
    d->minus = *text == '-';
    for (text += d->minus; *text == '.' || (*text >= '0' && *text <= '9'); text++) {
        if (*text == '.') {
            fraction = true;
            continue;
        }
        d->exponent -= fraction;
        if (d->count || *text != '0')
            d->digit[d->count++] = *text;
    }
    if (*text)
        d->exponent += strtol(text + 1, NULL, 10);
    trim(d);
}

/* Without signs: < 0, 0 or > 0. */
static int compare_sizes(const struct decimal *a, const struct decimal *b)
{
    long a_top = a->exponent + (long)a->count, b_top = b->exponent + (long)b->count;
    int order;

    if (!a->count || !b->count)
        return (a->count > 0) - (b->count > 0);
    if (a_top != b_top)
        return a_top < b_top ? -1 : 1;
    order = memcmp(a->digit, b->digit, a->count < b->count ? a->count : b->count);
    return order ? order : (a->count > b->count) - (a->count < b->count);
}

int decimal_compare(const struct decimal *a, const struct decimal *b)
{
    int order;

    if (a->minus != b->minus)
        return a->minus ? -1 : 1;
    order = compare_sizes(a, b);
    return a->minus ? -order : order;
}

/* A whole number is rounded to a whole one. */
bool json_is_whole(struct json_object *value)
{
    double rounded = json_object_get_double(value);
    struct decimal d;

    if (json_object_is_type(value, json_type_int))
        return true;
    if (floor(rounded) != rounded)
        return false;
    decimal_of(value, &d);
    return d.exponent >= 0;
}

int json_sign(struct json_object *value)
{
    struct decimal d;

    decimal_of(value, &d);
    return d.minus ? -1 : d.count > 0;
}

bool json_is_minus_zero(struct json_object *value)
{
    char room[JSON_NUMBER_TEXT];

    return json_object_is_type(value, json_type_double) &&
           strcmp(json_number_text(value, room), "-0") == 0;
}
