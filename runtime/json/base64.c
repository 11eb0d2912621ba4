/* base64: see base64.h. Trusts no character of a text. Accesses only the bytes that it is given. */
#include "runtime/json/base64.h"

#include <stdint.h>

static const char alphabet[64] __attribute__((nonstring)) =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* One more than the digit's value; 0: not a digit. */
/* clang-format off */
static const uint8_t place[256] = {
    ['A'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
    25, 26,
    ['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48,
    49, 50, 51, 52,
    ['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62,
    ['+'] = 63, ['/'] = 64,
};
/* clang-format on */

void base64_encode(const void *bytes, size_t n, char *out)
{
    const unsigned char *in = bytes;

    for (; n >= 3; n -= 3, in += 3, out += 4) {
        uint32_t group = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];

        out[0] = alphabet[group >> 18];
        out[1] = alphabet[group >> 12 & 63];
        out[2] = alphabet[group >> 6 & 63];
        out[3] = alphabet[group & 63];
    }
    if (n) {
        uint32_t group = (uint32_t)in[0] << 16 | (n == 2 ? (uint32_t)in[1] << 8 : 0);

        out[0] = alphabet[group >> 18];
        out[1] = alphabet[group >> 12 & 63];
        out[2] = n == 2 ? alphabet[group >> 6 & 63] : '=';
        out[3] = '=';
    }
}

static size_t base64_padding(const char *text, size_t n)
{
    if (n == 0 || text[n - 1] != '=')
        return 0;
    return text[n - 2] == '=' ? 2 : 1;
}

bool base64_check(const char *text, size_t n)
{
    size_t pad, digits;
    unsigned last;

    if (n % 4)
        return false;
    pad = base64_padding(text, n);
    digits = n - pad;
    for (size_t i = 0; i < digits; i++)
        if (!place[(unsigned char)text[i]])
            return false;
    last = pad ? place[(unsigned char)text[digits - 1]] - 1u : 0;
    return (last & (pad == 1 ? 0x3 : 0xf)) == 0;
}

/* Padding counts as zero. */
static uint32_t base64_value(char c)
{
    uint32_t one_more = place[(unsigned char)c];

    return one_more ? one_more - 1 : 0;
}

size_t base64_decode(const char *text, size_t n, char *out)
{
    size_t left;

    if (!base64_check(text, n))
        return (size_t)-1;
    left = n / 4 * 3 - base64_padding(text, n);
    for (size_t i = 0; i < n; i += 4) {
        uint32_t group = 0;

        for (size_t k = 0; k < 4; k++)
            group = group << 6 | base64_value(text[i + k]);
        for (int shift = 16; shift >= 0 && left; shift -= 8, left--)
            *out++ = (char)(group >> shift & 0xff);
    }
    return n / 4 * 3 - base64_padding(text, n);
}
