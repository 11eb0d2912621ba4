/* Text between a box, a JSON string and a terminal. Trusts no byte and no character; spells out
 * what a terminal could act on; what is not UTF-8 becomes U+FFFD (one for each maximal part of a
 * character: Unicode, chapter 3, table 3-7 and "U+FFFD Substitution of Maximal Subparts"). */
#include "runtime/wire/text.h"

#include <stdint.h>
#include <string.h>

#include "runtime/json/json.h"
#include "runtime/json/utf8.h"

#define REPLACEMENT "\xef\xbf\xbd"

/* Length in bytes of the character that begins with LEAD; 0 if none does. */
static size_t length_of(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || lead > 0xf4)
        return 0;
    return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* P holds N > 0 bytes that form no whole character: how many could begin one, 1 if none could.
 * Found by completing them with the lowest and the highest continuation byte: 0x80 and 0xbf. */
static size_t broken_length(const char *p, size_t n)
{
    size_t whole = length_of((unsigned char)*p), part;
    uint32_t cp;

    for (part = n < whole ? n : whole - (whole > 0); part > 1; part--) {
        char low[4] = {(char)0x80, (char)0x80, (char)0x80, (char)0x80};
        char high[4] = {(char)0xbf, (char)0xbf, (char)0xbf, (char)0xbf};

        memcpy(low, p, part);
        memcpy(high, p, part);
        if (utf8_decode(low, low + whole, &cp) || utf8_decode(high, high + whole, &cp))
            return part;
    }
    return 1;
}

/* The character at P: its length and *CP; if invalid, the length to be replaced, and *BAD. */
static size_t step(const char *p, const char *end, uint32_t *cp, bool *bad)
{
    size_t len = utf8_decode(p, end, cp);

    *bad = len == 0;
    return len ? len : broken_length(p, (size_t)(end - p));
}

size_t text_whole(const char *bytes, size_t n)
{
    for (size_t back = 1; back <= 3 && back <= n; back++) {
        const char *p = bytes + n - back;
        size_t whole = length_of((unsigned char)*p);

        if (whole > back && broken_length(p, back) == back)
            return n - back;
        if (whole > 0)
            break;
    }
    return n;
}

/* Controls, and the format characters that reorder, hide or annotate text (Unicode, 23.2 and
 * 23.8; UAX #9). The joiners U+200C and U+200D are kept: scripts and emoji need them, and
 * they move nothing. */
static bool is_hidden(uint32_t cp)
{
    static const struct {
        uint32_t first, last;
    } range[] = {
        {0x00, 0x08},     {0x0b, 0x1f},     {0x7f, 0x9f},       {0xad, 0xad},     {0x061c, 0x061c},
        {0x180e, 0x180e}, {0x200b, 0x200b}, {0x200e, 0x200f},   {0x2028, 0x202e}, {0x2060, 0x206f},
        {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
    };

    for (size_t i = 0; i < sizeof range / sizeof range[0] && cp >= range[i].first; i++)
        if (cp <= range[i].last)
            return true;
    return false;
}

void text_visible(struct str *out, const char *bytes, size_t n)
{
    const char *p = bytes, *end = bytes + n, *plain = bytes;
    uint32_t cp;
    bool bad;

    while (p < end) {
        size_t len = step(p, end, &cp, &bad);

        if (bad || is_hidden(cp)) {
            str_add(out, plain, (size_t)(p - plain));
            if (bad)
                str_adds(out, REPLACEMENT);
            else
                str_addf(out, "<U+%04X>", (unsigned)cp);
            plain = p + len;
        }
        p += len;
    }
    str_add(out, plain, (size_t)(end - plain));
}

void text_line(struct str *out, const char *bytes, size_t n)
{
    const char *newline;

    while ((newline = memchr(bytes, '\n', n))) {
        text_visible(out, bytes, (size_t)(newline - bytes));
        str_adds(out, "<U+000A>");
        n -= (size_t)(newline + 1 - bytes);
        bytes = newline + 1;
    }
    text_visible(out, bytes, n);
}

static void add_hexadecimal(struct str *out, uint32_t cp)
{
    if (cp >= 0x10000)
        str_addf(out, "\\u%04x", (unsigned)(0xd800 + ((cp - 0x10000) >> 10)));
    str_addf(out, "\\u%04x", (unsigned)(cp < 0x10000 ? cp : 0xdc00 + ((cp - 0x10000) & 0x3ff)));
}

void text_json_visible(struct str *out, struct span json)
{
    const char *p = json.at, *end = p + json.len, *plain = p;
    uint32_t cp;
    bool bad;

    while (p < end) {
        size_t len = step(p, end, &cp, &bad);

        if (!bad && cp >= 0x7f && is_hidden(cp)) {
            str_add(out, plain, (size_t)(p - plain));
            add_hexadecimal(out, cp);
            plain = p + len;
        }
        p += len;
    }
    str_add(out, plain, (size_t)(end - plain));
}

void text_plain(struct str *out, struct span escaped, bool visible)
{
    autostr struct str copy = {0};
    struct str *to = visible ? &copy : out;

    if (visible && !memchr(escaped.at, '\\', escaped.len)) {
        text_visible(out, escaped.at, escaped.len);
        return;
    }
    if (str_reserve(to, escaped.len) < 0) {
        out->failed = true;
        return;
    }
    to->len += json_unescape(escaped.at, escaped.len, to->data + to->len);
    to->data[to->len] = '\0';
    if (visible)
        text_visible(out, copy.data, copy.len);
}

void text_c_plain(struct str *out, struct span escaped)
{
    size_t begin = out->len;

    text_plain(out, escaped, false);
    if (out->failed || !memchr(out->data + begin, '\0', out->len - begin))
        return;
    out->len = begin;
    text_plain(out, escaped, true);
}

static void add_escape(struct str *out, uint32_t cp)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    const char *simple = cp < 0x80 ? strchr(from, (int)cp) : NULL;

    if (cp && simple)
        str_addf(out, "\\%c", to[simple - from]);
    else
        add_hexadecimal(out, cp);
}

void text_quote(struct str *out, const char *bytes, size_t n)
{
    const char *p = bytes, *end = bytes + n, *plain = bytes;
    uint32_t cp;
    bool bad;

    str_addc(out, '"');
    while (p < end) {
        size_t len = step(p, end, &cp, &bad);

        if (bad || cp < 0x20 || cp == '"' || cp == '\\' || (cp >= 0x7f && is_hidden(cp))) {
            str_add(out, plain, (size_t)(p - plain));
            if (bad)
                str_adds(out, REPLACEMENT);
            else
                add_escape(out, cp);
            plain = p + len;
        }
        p += len;
    }
    str_add(out, plain, (size_t)(end - plain));
    str_addc(out, '"');
}
