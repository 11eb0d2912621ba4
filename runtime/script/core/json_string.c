/* JSON strings, and a reader's position: see json_reader.h. Every byte of a string is checked:
 * escapes, surrogates, control characters, UTF-8. */
#include "runtime/script/core/json_reader.h"

#include <lauxlib.h>
#include <string.h>

#include "runtime/json/utf8.h"

_Noreturn void reader_fail(struct reader *r, const char *what)
{
    int line = 1, column = 1;

    for (const char *p = r->begin; p < r->at; p++) {
        if (*p == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)*p & 0xc0) != 0x80) {
            column++;
        }
    }
    luaL_error(r->L, "json: %d:%d: %s", line, column, what);
    __builtin_unreachable();
}

void reader_space(struct reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r'))
        r->at++;
}

bool reader_accept(struct reader *r, char c)
{
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

static unsigned hex4(struct reader *r)
{
    unsigned v = 0;

    for (int i = 0; i < 4; i++, r->at++) {
        char c = r->at < r->end ? *r->at : 0;

        if (c >= '0' && c <= '9')
            v = v * 16 + (unsigned)(c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            v = v * 16 + (unsigned)((c | 32) - 'a' + 10);
        else
            reader_fail(r, "\\u must be followed by four hexadecimal digits");
    }
    return v;
}

static void add_character(luaL_Buffer *b, unsigned long c)
{
    char out[4];
    int n = 0;

    if (c < 0x80) {
        out[n++] = (char)c;
    } else if (c < 0x800) {
        out[n++] = (char)(0xc0 | c >> 6);
        out[n++] = (char)(0x80 | (c & 63));
    } else if (c < 0x10000) {
        out[n++] = (char)(0xe0 | c >> 12);
        out[n++] = (char)(0x80 | (c >> 6 & 63));
        out[n++] = (char)(0x80 | (c & 63));
    } else {
        out[n++] = (char)(0xf0 | c >> 18);
        out[n++] = (char)(0x80 | (c >> 12 & 63));
        out[n++] = (char)(0x80 | (c >> 6 & 63));
        out[n++] = (char)(0x80 | (c & 63));
    }
    luaL_addlstring(b, out, (size_t)n);
}

static void unicode_escape(struct reader *r, luaL_Buffer *b)
{
    unsigned long c = hex4(r);

    if (c >= 0xd800 && c < 0xdc00) {
        if (r->end - r->at < 2 || r->at[0] != '\\' || r->at[1] != 'u')
            reader_fail(r, "a lone surrogate is not a character");
        r->at += 2;

        unsigned long low = hex4(r);

        if (low < 0xdc00 || low > 0xdfff)
            reader_fail(r, "a lone surrogate is not a character");
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    } else if (c >= 0xdc00 && c < 0xe000) {
        reader_fail(r, "a lone surrogate is not a character");
    }
    add_character(b, c);
}

/* After a backslash. */
static void escaped(struct reader *r, luaL_Buffer *b)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = r->at < r->end ? *r->at : 0;
    const char *found = c ? strchr(from, c) : NULL;

    if (!found && c != 'u')
        reader_fail(r, "unknown escape in a string");
    r->at++;
    if (found)
        luaL_addchar(b, to[found - from]);
    else
        unicode_escape(r, b);
}

/* Step to the next quote or backslash, checking the text between. */
static size_t stretch(struct reader *r)
{
    const char *from = r->at;

    while (r->at < r->end && *r->at != '"' && *r->at != '\\') {
        unsigned char c = (unsigned char)*r->at;
        int step = c < 0x80 ? 1 : utf8_step(r->at, (size_t)(r->end - r->at));

        if (c < 0x20)
            reader_fail(r, "a control character in a string must be escaped");
        if (step < 0)
            reader_fail(r, "not UTF-8");
        r->at += step;
    }
    if (r->at == r->end)
        reader_fail(r, "a string does not end");
    return (size_t)(r->at - from);
}

void reader_string(struct reader *r)
{
    const char *from = r->at;
    size_t n = stretch(r);
    luaL_Buffer b;

    if (reader_accept(r, '"')) {
        lua_pushlstring(r->L, from, n);
        return;
    }
    luaL_buffinit(r->L, &b);
    luaL_addlstring(&b, from, n);
    while (!reader_accept(r, '"')) {
        if (reader_accept(r, '\\'))
            escaped(r, &b);
        from = r->at;
        n = stretch(r);
        luaL_addlstring(&b, from, n);
    }
    luaL_pushresult(&b);
}
