/* UTF-8, decoded and checked one character at a time. Trusts nothing about its bytes; never
 * allocates. */
#include "schemas/utf8.h"

#include <string.h>

/* The second byte's range is what forbids overlong forms and surrogates (Unicode, table 3-7). */
size_t utf8_decode(const char *at, const char *end, uint32_t *cp)
{
    const unsigned char *p = (const unsigned char *)at;
    unsigned char low = 0x80, high = 0xbf;
    size_t len;

    if (at >= end)
        return 0;
    if (p[0] < 0x80) {
        *cp = p[0];
        return 1;
    }
    if (p[0] < 0xc2 || p[0] > 0xf4)
        return 0;
    len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if ((size_t)(end - at) < len)
        return 0;
    if (p[0] == 0xe0)
        low = 0xa0;
    else if (p[0] == 0xed)
        high = 0x9f;
    else if (p[0] == 0xf0)
        low = 0x90;
    else if (p[0] == 0xf4)
        high = 0x8f;
    if (p[1] < low || p[1] > high)
        return 0;
    *cp = p[0] & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        *cp = *cp << 6 | (p[i] & 0x3fu);
    }
    return len;
}

size_t utf8_encode(uint32_t cp, char *out)
{
    size_t len = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;

    if (len == 1) {
        out[0] = (char)cp;
        return 1;
    }
    for (size_t i = len - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (cp & 0x3f));
        cp >>= 6;
    }
    out[0] = (char)((0xf00u >> len & 0xff) | cp);
    return len;
}

size_t utf8_count(const char *text, size_t n)
{
    size_t count = n, i = 0;

    for (uint64_t eight; n - i >= sizeof eight; i += sizeof eight) {
        memcpy(&eight, text + i, sizeof eight);
        eight = eight >> 7 & ~eight >> 6 & 0x0101010101010101u; /* 1 where a byte continues */
        count -= eight * 0x0101010101010101u >> 56;
    }
    for (; i < n; i++)
        count -= ((unsigned char)text[i] & 0xc0) == 0x80;
    return count;
}

bool utf8_printable(const char *text, size_t n)
{
    const char *end = text + n;
    uint32_t cp;
    size_t len;

    for (; text < end; text += len) {
        len = utf8_decode(text, end, &cp);
        if (len == 0 || cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
            return false;
    }
    return true;
}
