/* Lua values as sn0int prints them: all numbers as floats, strings as by Rust's {:?}. Tables are
 * read raw: no metamethod of a module runs here. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/json/utf8.h"
#include "runtime/script/core/json.h"
#include "runtime/script/core/sort.h"
#include "runtime/script/sn0int/sandbox.h"
#include "runtime/script/sn0int/text_out.h"

/* Print the N DIGITS, with a point after the first, times 10 to the power of EXPONENT. */
static void positional(struct text_out *o, const char *digits, int n, int exponent)
{
    if (exponent < 0) {
        out_text(o, "0.");
        for (int i = exponent; i < -1; i++)
            out_char(o, '0');
        out_add(o, digits, (size_t)n);
        return;
    }
    for (int i = 0; i <= exponent; i++)
        out_char(o, i < n ? digits[i] : '0');
    out_char(o, '.');
    if (n <= exponent + 1)
        out_char(o, '0');
    else
        out_add(o, digits + exponent + 1, (size_t)(n - exponent - 1));
}

/* The shortest digits that read back as the same number; with an 'e' below 1e-4 and from 1e16. */
static void format_number(struct text_out *o, double d)
{
    char text[32], digits[20], *e;
    int n = 0, precision = 0;

    if (isnan(d) || isinf(d)) {
        out_text(o, isnan(d) ? "NaN" : d < 0 ? "-inf" : "inf");
        return;
    }
    do
        snprintf(text, sizeof text, "%.*e", precision, fabs(d));
    while (strtod(text, NULL) != fabs(d) && ++precision < 17);
    e = strchr(text, 'e');
    for (const char *p = text; p < e; p++)
        if (*p != '.')
            digits[n++] = *p;

    int exponent = (int)strtol(e + 1, NULL, 10);

    if (signbit(d))
        out_char(o, '-');
    if (d == 0.0 || (fabs(d) >= 1e-4 && fabs(d) < 1e16)) {
        positional(o, digits, n, exponent);
        return;
    }
    out_add(o, text, (size_t)(e - text));
    snprintf(text, sizeof text, "e%d", exponent);
    out_text(o, text);
}

/* Characters that are invisible, or reorder what is displayed. */
static bool is_hidden(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

static uint32_t code_point(const char *s, int n)
{
    static const unsigned char mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t c = (unsigned char)s[0] & mask[n];

    for (int i = 1; i < n; i++)
        c = c << 6 | ((unsigned char)s[i] & 0x3f);
    return c;
}

static void format_character(struct text_out *o, const char *s, int n)
{
    static const char shorts[] = "\"\"\\\\\nn\rr\tt";
    uint32_t c = code_point(s, n);
    char code[16];

    for (const char *p = shorts; *p; p += 2)
        if ((uint32_t)(unsigned char)*p == c) {
            out_char(o, '\\');
            out_char(o, p[1]);
            return;
        }
    if (!c) {
        out_text(o, "\\0");
    } else if (is_hidden(c)) {
        snprintf(code, sizeof code, "\\u{%x}", c);
        out_text(o, code);
    } else {
        out_add(o, s, (size_t)n);
    }
}

static void format_bytes(struct text_out *o, const char *s, size_t n)
{
    char number[8];

    out_char(o, '[');
    for (size_t i = 0; i < n; i++) {
        snprintf(number, sizeof number, "%s%u", i ? ", " : "", (unsigned)(unsigned char)s[i]);
        out_text(o, number);
    }
    out_char(o, ']');
}

static void format_string(struct text_out *o, const char *s, size_t n)
{
    if (!utf8_valid(s, n)) {
        format_bytes(o, s, n);
        return;
    }
    out_char(o, '"');
    for (size_t i = 0; i < n;) {
        int step = utf8_step(s + i, n - i);

        format_character(o, s + i, step);
        i += (size_t)step;
    }
    out_char(o, '"');
}

static void format(struct text_out *o, int index, int depth);

/* Format the key and value on top; pop the value. */
static void format_pair(struct text_out *o, int depth, bool *first)
{
    int key = lua_gettop(o->L) - 1;

    out_text(o, *first ? "" : ", ");
    *first = false;
    format(o, key, depth);
    out_text(o, ": ");
    format(o, key + 1, depth);
    lua_pop(o->L, 1);
}

struct name *sandbox_names(lua_State *L, int table, size_t *count)
{
    struct name *names;

    lua_newtable(L);

    int kept = lua_gettop(L);

    *count = 0;
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1))
        if (lua_type(L, -2) == LUA_TSTRING) {
            lua_pushvalue(L, -2);
            lua_rawseti(L, kept, (lua_Integer)++ * count);
        }
    names = lua_newuserdatauv(L, *count * sizeof *names + 1, 0);
    for (size_t i = 0; i < *count; i++) {
        lua_rawgeti(L, kept, (lua_Integer)i + 1);
        names[i].at = lua_tolstring(L, -1, &names[i].n);
        lua_pop(L, 1);
    }
    sort_names(names, *count);
    return names;
}

static void format_table(struct text_out *o, int table, int depth)
{
    lua_State *L = o->L;
    int top = lua_gettop(L);
    bool first = true;
    size_t count;

    out_char(o, '{');
    for (lua_pushnil(L); lua_next(L, table);)
        if (lua_type(L, -2) == LUA_TSTRING)
            lua_pop(L, 1);
        else
            format_pair(o, depth, &first);

    struct name *names = sandbox_names(L, table, &count);

    for (size_t i = 0; i < count; i++) {
        lua_pushlstring(L, names[i].at, names[i].n);
        lua_pushvalue(L, -1);
        lua_rawget(L, table);
        format_pair(o, depth, &first);
        lua_pop(L, 1);
    }
    out_char(o, '}');
    lua_settop(L, top);
}

static void format(struct text_out *o, int index, int depth)
{
    lua_State *L = o->L;
    const char *s;
    size_t n;

    luaL_checkstack(L, 12, "too many values");
    switch (lua_type(L, index)) {
    case LUA_TNIL:
        out_text(o, "null");
        break;
    case LUA_TBOOLEAN:
        out_text(o, lua_toboolean(L, index) ? "true" : "false");
        break;
    case LUA_TNUMBER:
        format_number(o, (double)lua_tonumber(L, index));
        break;
    case LUA_TSTRING:
        s = lua_tolstring(L, index, &n);
        format_string(o, s, n);
        break;
    case LUA_TTABLE:
        if (depth == 0)
            luaL_error(L, "a table is nested too deeply");
        format_table(o, index, depth - 1);
        break;
    default:
        out_text(o, "LuaOther");
    }
}

void sandbox_format(struct text_out *o, int index)
{
    format(o, index, JSON_DEPTH);
}
