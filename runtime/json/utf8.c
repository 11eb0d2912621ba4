/* UTF-8, checked and decoded one character at a time. Trusts no byte; reads only those given. */
#include "runtime/json/utf8.h"

#include <string.h>

/* Length of a character that begins with C; 0 if none does. The range of the second byte excludes
 * overlong forms and surrogates (Unicode 15, table 3-7). */
static int utf8_lead(unsigned char c, unsigned char *low, unsigned char *high)
{
    *low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    *high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    if (c < 0x80)
        return 1;
    if (c < 0xc2 || c > 0xf4)
        return 0;
    return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

int utf8_step(const char *s, size_t n)
{
    unsigned char low, high;
    int want = utf8_lead((unsigned char)s[0], &low, &high);

    if (!want)
        return -1;
    for (int i = 1; i < want; i++) {
        unsigned char c = (size_t)i < n ? (unsigned char)s[i] : 0;

        if (c < low || c > high)
            return -i;
        low = 0x80;
        high = 0xbf;
    }
    return want;
}

bool utf8_valid(const char *s, size_t n)
{
    for (size_t i = 0; i < n;) {
        uint64_t eight;

        if (n - i >= sizeof eight) {
            memcpy(&eight, s + i, sizeof eight);
            if (!(eight & 0x8080808080808080ull)) {
                i += sizeof eight;
                continue;
            }
        }

        int step = utf8_step(s + i, n - i);

        if (step < 0)
            return false;
        i += (size_t)step;
    }
    return true;
}

size_t utf8_unfinished(const char *s, size_t n)
{
    for (size_t back = 1; back <= 3 && back <= n; back++) {
        unsigned char low, high, c = (unsigned char)s[n - back];

        if ((c & 0xc0) == 0x80)
            continue;
        if (utf8_lead(c, &low, &high) <= (int)back)
            return 0;
        return utf8_step(s + n - back, back) == -(int)back ? back : 0;
    }
    return 0;
}

size_t utf8_decode(const char *at, const char *end, uint32_t *cp)
{
    int len = at < end ? utf8_step(at, (size_t)(end - at)) : 0;

    if (len <= 0)
        return 0;
    *cp = (unsigned char)at[0];
    if (len > 1)
        *cp &= 0xffu >> (len + 1);
    for (int i = 1; i < len; i++)
        *cp = *cp << 6 | ((unsigned char)at[i] & 0x3fu);
    return (size_t)len;
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
        eight = eight >> 7 & ~eight >> 6 & 0x0101010101010101u; /* 1 for a continuation byte */
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
