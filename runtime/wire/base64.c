/* base64 (RFC 4648, section 4) of artifacts and of binary input. Checking trusts no byte; decoding
 * runs only on what was checked. */
#include "runtime/wire/base64.h"

#include <stdint.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* One more than the digit's value; 0 is no digit. */
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

static bool is_digit(char c)
{
    return place[(unsigned char)c] != 0;
}

/* Padding counts as zero. */
static uint32_t value(char c)
{
    return is_digit(c) ? place[(unsigned char)c] - 1u : 0;
}

static size_t padding(struct span text)
{
    if (text.len == 0 || text.at[text.len - 1] != '=')
        return 0;
    return text.at[text.len - 2] == '=' ? 2 : 1;
}

bool base64_check(struct span text)
{
    size_t pad, digits;

    if (text.len % 4)
        return false;
    pad = padding(text);
    digits = text.len - pad;
    for (size_t i = 0; i < digits; i++)
        if (!is_digit(text.at[i]))
            return false;
    /* Bits that no byte takes must be zero (RFC 4648, 3.5): else two texts would mean the same. */
    return pad == 0 || (value(text.at[digits - 1]) & (pad == 1 ? 0x3 : 0xf)) == 0;
}

void base64_decode(struct str *out, struct span text)
{
    size_t pad = padding(text), left = text.len / 4 * 3 - pad;

    if (str_reserve(out, left) < 0)
        return;
    for (size_t i = 0; i < text.len; i += 4) {
        uint32_t group = 0;
        char bytes[3];
        size_t n = left < 3 ? left : 3;

        for (size_t k = 0; k < 4; k++)
            group = group << 6 | value(text.at[i + k]);
        for (size_t k = 0; k < 3; k++)
            bytes[k] = (char)(group >> (16 - 8 * k) & 0xff);
        str_add(out, bytes, n);
        left -= n;
    }
}

/* HAVE (1 to 3) bytes as four digits. */
static void add_group(struct str *out, const unsigned char *in, size_t have)
{
    unsigned char b[3] = {0};
    uint32_t group;
    char digits[4];

    memcpy(b, in, have);
    group = (uint32_t)b[0] << 16 | (uint32_t)b[1] << 8 | b[2];
    for (size_t k = 0; k < 4; k++)
        digits[k] = k <= have ? alphabet[group >> (18 - 6 * k) & 0x3f] : '=';
    str_add(out, digits, 4);
}

void base64_encode(struct str *out, const void *bytes, size_t n)
{
    const unsigned char *in = bytes;

    if (str_reserve(out, (n + 2) / 3 * 4) < 0)
        return;
    for (; n > 3; n -= 3, in += 3)
        add_group(out, in, 3);
    if (n > 0)
        add_group(out, in, n);
}
