/* multipleOf, exactly: 0.07 is a multiple of 0.01, though a double can represent neither. One
 * number comes from a box, the other from a bundle. */
#include <string.h>

#include "runtime/json/decimal.h"
#include "runtime/json/schema/run.h"

#define SHORT_MAX 18 /* digits that fit in 64 bits */
#define LIMB      1000000000000000000ull
#define LIMBS     ((JSON_NUMBER_MAX + SHORT_MAX - 1) / SHORT_MAX + 1)

static uint64_t multiple_digits(const char *digit, size_t n)
{
    uint64_t value = 0;

    for (size_t i = 0; i < n; i++)
        value = value * 10 + (uint64_t)(digit[i] - '0');
    return value;
}

/* Whether N * 10^ZEROS is a multiple of M, which is not 0. */
static bool small_multiple(uint64_t n, size_t zeros, uint64_t m)
{
    __uint128_t rest = m ? n % m : 1;

    while (m && zeros-- > 0)
        rest = rest * 10 % m;
    return rest == 0;
}

/* R = (R * 10 + DIGIT) modulo M, where R < M. */
static void push(uint64_t *r, const uint64_t *m, size_t limbs, unsigned digit)
{
    uint64_t carry = digit;

    for (size_t i = 0; i < limbs; i++) {
        r[i] = r[i] * 10 + carry;
        carry = r[i] / LIMB;
        r[i] %= LIMB;
    }
    for (;;) {
        size_t i = limbs;
        uint64_t borrow = 0;

        while (i > 0 && r[i - 1] == m[i - 1])
            i--;
        if (i > 0 && r[i - 1] < m[i - 1])
            return;
        for (i = 0; i < limbs; i++) {
            uint64_t take = m[i] + borrow;

            borrow = r[i] < take;
            r[i] += (borrow ? LIMB : 0) - take;
        }
    }
}

/* The same for more digits: the lowest limb first, one more than OF needs. */
static bool large_multiple(const struct decimal *n, size_t zeros, const struct decimal *of)
{
    uint64_t m[LIMBS] = {0}, r[LIMBS] = {0}, any = 0;
    size_t limbs = 0;

    for (size_t left = of->count; left > 0; limbs++) {
        size_t some = left < SHORT_MAX ? left : SHORT_MAX;

        left -= some;
        m[limbs] = multiple_digits(of->digit + left, some);
    }
    limbs++;
    for (size_t i = 0; i < n->count + zeros; i++)
        push(r, m, limbs, i < n->count ? (unsigned)(n->digit[i] - '0') : 0);
    for (size_t i = 0; i < limbs; i++)
        any |= r[i];
    return any == 0;
}

bool json_multiple(struct run *run, struct json_object *value, struct json_object *of)
{
    struct decimal n, m;
    size_t zeros;

    decimal_of(value, &n);
    decimal_of(of, &m);
    if (!run_steps(run, (n.count + m.count) / 16))
        return false;
    if (n.count == 0)
        return true;
    if (n.exponent < m.exponent) /* N would have to end in a 0 */
        return false;
    /* M has fewer than 4 factors of 2 or 5 for each digit: more zeros add nothing. */
    zeros = 4 * m.count;
    if (n.exponent - m.exponent < (long)zeros)
        zeros = (size_t)(n.exponent - m.exponent);
    if (n.count <= SHORT_MAX && m.count <= SHORT_MAX)
        return run_steps(run, zeros / 2) && small_multiple(multiple_digits(n.digit, n.count), zeros,
                                                           multiple_digits(m.digit, m.count));
    return run_steps(run, (n.count + zeros) * (1 + m.count / SHORT_MAX) / 4) &&
           large_multiple(&n, zeros, &m);
}
