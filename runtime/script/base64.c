/* Base64 for bytes that cross the wire: see base64.h. Strict: no white space, no missing padding.
 */
#include "runtime/script/base64.h"

#include <stdint.h>
#include <string.h>

static const char digits[64] __attribute__((nonstring)) =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(const char *bytes, size_t n, char *out)
{
    const unsigned char *in = (const unsigned char *)bytes;

    for (; n >= 3; n -= 3, in += 3, out += 4) {
        uint32_t v = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];

        out[0] = digits[v >> 18];
        out[1] = digits[v >> 12 & 63];
        out[2] = digits[v >> 6 & 63];
        out[3] = digits[v & 63];
    }
    if (n) {
        uint32_t v = (uint32_t)in[0] << 16 | (n == 2 ? (uint32_t)in[1] << 8 : 0);

        out[0] = digits[v >> 18];
        out[1] = digits[v >> 12 & 63];
        out[2] = n == 2 ? digits[v >> 6 & 63] : '=';
        out[3] = '=';
    }
}

static int digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

size_t base64_decode(const char *text, size_t n, char *out)
{
    char *to = out;

    if (n % 4)
        return (size_t)-1;
    for (size_t i = 0; i < n; i += 4) {
        int pad =
            i + 4 == n ? (text[i + 3] == '=') + (text[i + 2] == '=' && text[i + 3] == '=') : 0;
        uint32_t v = 0;

        for (int k = 0; k < 4; k++) {
            int d = k >= 4 - pad ? 0 : digit(text[i + (size_t)k]);

            if (d < 0)
                return (size_t)-1;
            v = v << 6 | (uint32_t)d;
        }
        *to++ = (char)(v >> 16);
        if (pad < 2)
            *to++ = (char)(v >> 8);
        if (pad < 1)
            *to++ = (char)v;
    }
    return (size_t)(to - out);
}
