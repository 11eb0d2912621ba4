/* Strict JSON to Lua values. The text may come from a script or a reply: every byte is checked, the
 * depth is bounded, a duplicate member is an error. */
#include <lauxlib.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/json/text.h"
#include "runtime/script/core/json.h"
#include "runtime/script/core/json_reader.h"
#include "runtime/script/core/ref.h"

static void value(struct reader *r, int depth);

static void expect(struct reader *r, char c, const char *what)
{
    reader_space(r);
    if (!reader_accept(r, c))
        reader_fail(r, what);
}

static void digits(struct reader *r)
{
    const char *from = r->at;

    while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
        r->at++;
    if (r->at == from)
        reader_fail(r, "a digit is missing in a number");
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

/* The number that begins at FROM, and ends at the cursor. */
static _Noreturn void number_fail(struct reader *r, const char *from, const char *why)
{
    size_t n = (size_t)(r->at - from), most = 40;

    lua_pushlstring(r->L, from, n < most ? n : most);
    lua_pushfstring(r->L, "the number %s%s %s", lua_tostring(r->L, -1), n < most ? "" : "...", why);
    r->at = from;
    reader_fail(r, lua_tostring(r->L, -1));
}

static void json_read_number(struct reader *r)
{
    const char *from = r->at;
    lua_Integer i;

    reader_accept(r, '-');
    if (!reader_accept(r, '0'))
        digits(r);
    bool whole = true;

    if (reader_accept(r, '.')) {
        whole = false;
        digits(r);
    }
    if (r->at < r->end && (*r->at | 32) == 'e') {
        whole = false;
        r->at++;
        if (!reader_accept(r, '+'))
            reader_accept(r, '-');
        digits(r);
    }
    if (whole && to_integer(from, r->at, &i) && (i || *from != '-')) {
        lua_pushinteger(r->L, i);
        return;
    }

    double d = strtod(from, NULL);

    if (isinf(d))
        number_fail(r, from, "is out of range");
    if (whole && d != 0 && !json_is_exact(from, (size_t)(r->at - from)))
        number_fail(r, from, "has more than 64 bits, and no float equals it");
    lua_pushnumber(r->L, d);
}

static void word(struct reader *r, const char *text)
{
    size_t n = strlen(text);

    if ((size_t)(r->end - r->at) < n || memcmp(r->at, text, n) != 0)
        reader_fail(r, "expected a value");
    r->at += n;
}

static void json_read_array(struct reader *r, int depth)
{
    lua_Integer i = 0;

    lua_newtable(r->L);
    lua_pushvalue(r->L, r->array_mark);
    lua_setmetatable(r->L, -2);
    reader_space(r);
    if (reader_accept(r, ']'))
        return;
    for (;;) {
        value(r, depth - 1);
        lua_rawseti(r->L, -2, ++i);
        reader_space(r);
        if (reader_accept(r, ']'))
            return;
        expect(r, ',', "expected ',' or ']' in an array");
    }
}

/* The name whose quote is at AT is below the top of the stack. */
static _Noreturn void name_fail(struct reader *r, const char *at)
{
    lua_pushfstring(r->L, "the member \"%s\" stands twice", lua_tostring(r->L, -2));
    r->at = at;
    reader_fail(r, lua_tostring(r->L, -1));
}

static void json_read_object(struct reader *r, int depth)
{
    lua_newtable(r->L);
    reader_space(r);
    if (reader_accept(r, '}'))
        return;
    for (bool only = r->refs;; only = false) {
        expect(r, '"', "expected a member's name");

        const char *name = r->at - 1;

        reader_string(r);
        lua_pushvalue(r->L, -1);
        if (lua_rawget(r->L, -3) != LUA_TNIL)
            name_fail(r, name);
        lua_pop(r->L, 1);
        expect(r, ':', "expected ':' after a member's name");
        value(r, depth - 1);
        lua_rawset(r->L, -3);
        reader_space(r);
        if (reader_accept(r, '}')) {
            if (only)
                ref_take(r->L);
            return;
        }
        expect(r, ',', "expected ',' or '}' in an object");
    }
}

static void value(struct reader *r, int depth)
{
    luaL_checkstack(r->L, 8, "json");
    reader_space(r);

    char c = r->at < r->end ? *r->at : 0;

    if ((c == '[' || c == '{') && depth == 0)
        reader_fail(r, "nested too deeply");
    if (reader_accept(r, '"'))
        reader_string(r);
    else if (reader_accept(r, '{'))
        json_read_object(r, depth);
    else if (reader_accept(r, '['))
        json_read_array(r, depth);
    else if (c == '-' || (c >= '0' && c <= '9'))
        json_read_number(r);
    else if (c == 't' || c == 'f') {
        word(r, c == 't' ? "true" : "false");
        lua_pushboolean(r->L, c == 't');
    } else {
        word(r, "null");
        lua_pushlightuserdata(r->L, NULL);
    }
}

static void json_read_decode(struct reader *r, int depth)
{
    luaL_checkstack(r->L, 8, "json");
    json_push_array_mark(r->L);
    r->array_mark = lua_gettop(r->L);
    value(r, depth);
    reader_space(r);
    if (r->at != r->end)
        reader_fail(r, "text after the value");
    lua_remove(r->L, r->array_mark);
}

void json_decode(lua_State *L, const char *text, size_t n, int depth)
{
    struct reader r = {.L = L, .begin = text, .at = text, .end = text + n};

    json_read_decode(&r, depth);
}

void json_decode_refs(lua_State *L, const char *text, size_t n, int depth)
{
    struct reader r = {.L = L, .begin = text, .at = text, .end = text + n, .refs = true};

    json_read_decode(&r, depth);
}

static const char *decode_next(struct reader *r, int depth)
{
    reader_space(r);
    if (r->at == r->end)
        return NULL;
    luaL_checkstack(r->L, 8, "json");
    json_push_array_mark(r->L);
    r->array_mark = lua_gettop(r->L);
    value(r, depth);
    lua_remove(r->L, r->array_mark);
    return r->at;
}

const char *json_decode_next(lua_State *L, const char *text, const char *end, int depth)
{
    struct reader r = {.L = L, .begin = text, .at = text, .end = end};

    return decode_next(&r, depth);
}

const char *json_decode_next_refs(lua_State *L, const char *text, const char *end, int depth)
{
    struct reader r = {.L = L, .begin = text, .at = text, .end = end, .refs = true};

    return decode_next(&r, depth);
}
