/* UTF-8 one character at a time: see utf8.h. Reads the bytes given and nothing else. */
#include "runtime/script/utf8.h"

#include <stdint.h>
#include <string.h>

/* Bytes that the character beginning with C has, 0 if none begins so; the second byte's range. */
static int lead(unsigned char c, unsigned char *low, unsigned char *high)
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
    int want = lead((unsigned char)s[0], &low, &high);

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
        if (lead(c, &low, &high) <= (int)back)
            return 0;
        return utf8_step(s + n - back, back) == -(int)back ? back : 0;
    }
    return 0;
}
