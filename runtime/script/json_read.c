/* Strict JSON to Lua values. The text may be a script's or a reply's: every byte is looked at, the
 * depth is bounded, a member that stands twice is an error. */
#include <lauxlib.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/script/json.h"
#include "runtime/script/utf8.h"

struct reader {
    lua_State *L;
    const char *begin, *at, *end;
    int array_mark; /* stack index */
};

static void value(struct reader *r, int depth);

static _Noreturn void fail(struct reader *r, const char *what)
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

static void space(struct reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r'))
        r->at++;
}

static bool accept(struct reader *r, char c)
{
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

static void expect(struct reader *r, char c, const char *what)
{
    space(r);
    if (!accept(r, c))
        fail(r, what);
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
            fail(r, "\\u is followed by four hexadecimal digits");
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
            fail(r, "a lone surrogate is not a character");
        r->at += 2;

        unsigned long low = hex4(r);

        if (low < 0xdc00 || low > 0xdfff)
            fail(r, "a lone surrogate is not a character");
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    } else if (c >= 0xdc00 && c < 0xe000) {
        fail(r, "a lone surrogate is not a character");
    }
    add_character(b, c);
}

/* Behind a backslash. */
static void escaped(struct reader *r, luaL_Buffer *b)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = r->at < r->end ? *r->at : 0;
    const char *found = c ? strchr(from, c) : NULL;

    if (!found && c != 'u')
        fail(r, "an unknown escape in a string");
    r->at++;
    if (found)
        luaL_addchar(b, to[found - from]);
    else
        unicode_escape(r, b);
}

/* To the next quote or backslash; what lies between is valid text. */
static size_t stretch(struct reader *r)
{
    const char *from = r->at;

    while (r->at < r->end && *r->at != '"' && *r->at != '\\') {
        unsigned char c = (unsigned char)*r->at;
        int step = c < 0x80 ? 1 : utf8_step(r->at, (size_t)(r->end - r->at));

        if (c < 0x20)
            fail(r, "a control character in a string must be escaped");
        if (step < 0)
            fail(r, "not UTF-8");
        r->at += step;
    }
    if (r->at == r->end)
        fail(r, "a string does not end");
    return (size_t)(r->at - from);
}

/* Behind the opening quote; pushes the string. */
static void string(struct reader *r)
{
    const char *from = r->at;
    size_t n = stretch(r);
    luaL_Buffer b;

    if (accept(r, '"')) {
        lua_pushlstring(r->L, from, n);
        return;
    }
    luaL_buffinit(r->L, &b);
    luaL_addlstring(&b, from, n);
    while (!accept(r, '"')) {
        if (accept(r, '\\'))
            escaped(r, &b);
        from = r->at;
        n = stretch(r);
        luaL_addlstring(&b, from, n);
    }
    luaL_pushresult(&b);
}

static void digits(struct reader *r)
{
    const char *from = r->at;

    while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
        r->at++;
    if (r->at == from)
        fail(r, "a digit is missing in a number");
}

static bool to_integer(const char *from, const char *end, lua_Integer *out)
{
    bool minus = *from == '-';
    uint64_t v = 0, most = (uint64_t)INT64_MAX + minus;

    for (from += minus; from < end; from++) {
        uint64_t d = (uint64_t)(*from - '0');

        if (v > (most - d) / 10)
            return false;
        v = v * 10 + d;
    }
    *out = (lua_Integer)(minus ? 0 - v : v);
    return true;
}

static void number(struct reader *r)
{
    const char *from = r->at;
    lua_Integer i;

    accept(r, '-');
    if (!accept(r, '0'))
        digits(r);
    bool whole = true;

    if (accept(r, '.')) {
        whole = false;
        digits(r);
    }
    if (r->at < r->end && (*r->at | 32) == 'e') {
        whole = false;
        r->at++;
        if (!accept(r, '+'))
            accept(r, '-');
        digits(r);
    }
    if (whole && to_integer(from, r->at, &i)) {
        lua_pushinteger(r->L, i);
        return;
    }

    double d = strtod(from, NULL);

    if (isinf(d))
        fail(r, "a number is out of range");
    lua_pushnumber(r->L, d);
}

static void word(struct reader *r, const char *text)
{
    size_t n = strlen(text);

    if ((size_t)(r->end - r->at) < n || memcmp(r->at, text, n) != 0)
        fail(r, "a value was expected");
    r->at += n;
}

static void array(struct reader *r, int depth)
{
    lua_Integer i = 0;

    lua_newtable(r->L);
    lua_pushvalue(r->L, r->array_mark);
    lua_setmetatable(r->L, -2);
    space(r);
    if (accept(r, ']'))
        return;
    for (;;) {
        value(r, depth - 1);
        lua_rawseti(r->L, -2, ++i);
        space(r);
        if (accept(r, ']'))
            return;
        expect(r, ',', "expected ',' or ']' in an array");
    }
}

static void object(struct reader *r, int depth)
{
    lua_newtable(r->L);
    space(r);
    if (accept(r, '}'))
        return;
    for (;;) {
        expect(r, '"', "expected a member's name");
        string(r);
        lua_pushvalue(r->L, -1);
        if (lua_rawget(r->L, -3) != LUA_TNIL)
            fail(r, "a member stands twice");
        lua_pop(r->L, 1);
        expect(r, ':', "expected ':' behind a member's name");
        value(r, depth - 1);
        lua_rawset(r->L, -3);
        space(r);
        if (accept(r, '}'))
            return;
        expect(r, ',', "expected ',' or '}' in an object");
    }
}

static void value(struct reader *r, int depth)
{
    luaL_checkstack(r->L, 8, "json");
    space(r);

    char c = r->at < r->end ? *r->at : 0;

    if ((c == '[' || c == '{') && depth == 0)
        fail(r, "nested too deeply");
    if (accept(r, '"'))
        string(r);
    else if (accept(r, '{'))
        object(r, depth);
    else if (accept(r, '['))
        array(r, depth);
    else if (c == '-' || (c >= '0' && c <= '9'))
        number(r);
    else if (c == 't' || c == 'f') {
        word(r, c == 't' ? "true" : "false");
        lua_pushboolean(r->L, c == 't');
    } else {
        word(r, "null");
        lua_pushlightuserdata(r->L, NULL);
    }
}

void json_decode(lua_State *L, const char *text, size_t n)
{
    struct reader r = {.L = L, .begin = text, .at = text, .end = text + n};

    luaL_checkstack(L, 8, "json");
    json_push_array_mark(L);
    r.array_mark = lua_gettop(L);
    value(&r, JSON_DEPTH);
    space(&r);
    if (r.at != r.end)
        fail(&r, "text after the value");
    lua_remove(L, r.array_mark);
}
