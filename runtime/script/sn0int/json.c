/* Converts between Lua values and JSON as sn0int does; and its json_* functions. */
#include <math.h>
#include <string.h>

#include "runtime/json/utf8.h"
#include "runtime/script/core/json.h"
#include "runtime/script/core/json_reader.h"
#include "runtime/script/sn0int/sandbox.h"

static void plain(lua_State *L, int index, int depth);

void sandbox_push_bytes(lua_State *L, const char *s, size_t n)
{
    lua_createtable(L, n < 65536 ? (int)n : 65536, 0);
    json_push_array_mark(L);
    lua_setmetatable(L, -2);
    for (size_t i = 0; i < n; i++) {
        lua_pushinteger(L, (unsigned char)s[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/* Append the value on top, which is popped, to the list of COUNT at RESULT, unless it is nil. */
static void plain_append(lua_State *L, int result, lua_Integer *count, int depth)
{
    if (!lua_isnil(L, -1)) {
        plain(L, lua_gettop(L), depth);
        lua_rawseti(L, result, ++*count);
    }
    lua_pop(L, 1);
}

/* Append what has a number for its key: the sequence, and then what lies beyond a hole in it. Returns
 * how many there are. */
static lua_Integer plain_list(lua_State *L, int table, int result, int depth)
{
    lua_Integer n = (lua_Integer)lua_rawlen(L, table), count = 0;

    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, table, i);
        plain_append(L, result, &count, depth);
    }
    for (lua_pushnil(L); lua_next(L, table);) {
        int whole;
        lua_Integer i = lua_tointegerx(L, -2, &whole);

        if (lua_type(L, -2) != LUA_TNUMBER || (whole && i >= 1 && i <= n))
            lua_pop(L, 1);
        else
            plain_append(L, result, &count, depth);
    }
    return count;
}

static void plain_table(lua_State *L, int table, int depth)
{
    int result = lua_gettop(L) + 1;

    lua_newtable(L);
    if (lua_getmetatable(L, table)) {
        json_push_array_mark(L);
        if (lua_rawequal(L, -1, -2)) /* an array stays one, even if empty */
            lua_setmetatable(L, -3);
        lua_settop(L, result);
    }
    if (plain_list(L, table, result, depth))
        return;
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1))
        if (lua_type(L, -2) == LUA_TSTRING) {
            lua_pushvalue(L, -2);
            plain(L, lua_gettop(L) - 1, depth);
            lua_rawset(L, result);
        }
}

static void plain(lua_State *L, int index, int depth)
{
    double d;
    size_t n;
    const char *s;

    luaL_checkstack(L, 12, "too many values");
    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
        d = lua_tonumber(L, index);
        if (lua_isinteger(L, index) || d != floor(d) || fabs(d) >= 9223372036854775808.0)
            lua_pushvalue(L, index);
        else
            lua_pushinteger(L, (lua_Integer)d);
        break;
    case LUA_TSTRING:
        s = lua_tolstring(L, index, &n);
        if (utf8_valid(s, n))
            lua_pushvalue(L, index);
        else
            sandbox_push_bytes(L, s, n);
        break;
    case LUA_TTABLE:
        if (depth == 0)
            luaL_error(L, "a table is nested too deeply");
        plain_table(L, index, depth - 1);
        break;
    case LUA_TBOOLEAN:
        lua_pushvalue(L, index);
        break;
    default:
        lua_pushlightuserdata(L, NULL);
    }
}

void sandbox_plain(lua_State *L, int index)
{
    plain(L, lua_absindex(L, index), JSON_DEPTH);
}

void sandbox_strip(lua_State *L, int index)
{
    int table = lua_absindex(L, index);

    luaL_checkstack(L, 8, "too many values");
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        if (lua_istable(L, -1)) {
            sandbox_strip(L, -1);
        } else if (lua_islightuserdata(L, -1)) { /* lua_next() allows clearing fields meanwhile */
            lua_pushvalue(L, -2);
            lua_pushnil(L);
            lua_rawset(L, table);
        }
    }
}

/* Remove every null from the decoded value on top. */
static void json_plain(lua_State *L)
{
    if (lua_islightuserdata(L, -1)) {
        lua_pop(L, 1);
        lua_pushnil(L);
    } else if (lua_istable(L, -1)) {
        sandbox_strip(L, -1);
    }
}

static int sn0int_json_decode(lua_State *L)
{
    size_t n;
    const char *text = lua_tolstring(L, 1, &n);

    json_decode(L, text, n, JSON_DEPTH);
    json_plain(L);
    return 1;
}

static int sandbox_json_decode(lua_State *L)
{
    luaL_checkstring(L, 1);
    lua_settop(L, 1);
    return sandbox_try(L, sn0int_json_decode, 1);
}

struct json_stream {
    const char *at, *end;
};

/* Push the next value, without what it cannot hold; or nothing, at the end. */
static int decode_one(lua_State *L)
{
    struct json_stream *s = lua_touserdata(L, 1);

    s->at = json_decode_next(L, s->at, s->end, JSON_DEPTH);
    if (!s->at)
        return 0;
    json_plain(L);
    return 1;
}

/* Consecutive values, up to one that is none: nothing marks where the next would begin. */
static int sandbox_json_decode_stream(lua_State *L)
{
    size_t n;
    const char *text = luaL_checklstring(L, 1, &n);
    struct json_stream s = {text, text + n};

    lua_settop(L, 1);
    lua_newtable(L);
    for (lua_Integer i = 1; s.at; i++) {
        lua_pushcfunction(L, decode_one);
        lua_pushlightuserdata(L, &s);

        int status = lua_pcall(L, 1, LUA_MULTRET, 0);

        if (status != LUA_OK && status != LUA_ERRRUN)
            return lua_error(L);
        if (status != LUA_OK || !s.at)
            break;
        lua_rawseti(L, 2, i);
    }
    lua_settop(L, 2);
    return 1;
}

static int sn0int_json_encode(lua_State *L)
{
    size_t n;

    sandbox_plain(L, 1);

    const char *json = json_encode(L, 2, "value", JSON_SCRIPT, &n);

    lua_pushlstring(L, json, n);
    return 1;
}

static int sandbox_json_encode(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    return sandbox_try(L, sn0int_json_encode, 1);
}

/* strval: whole numbers without a decimal point, tables as JSON. */
static int strval(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    switch (lua_type(L, 1)) {
    case LUA_TBOOLEAN:
    case LUA_TNUMBER:
    case LUA_TTABLE:
        return sandbox_try(L, sn0int_json_encode, 1);
    default:
        return 1;
    }
}

void sandbox_open_json(lua_State *L)
{
    static const luaL_Reg functions[] = {{"json_decode", sandbox_json_decode},
                                         {"json_decode_stream", sandbox_json_decode_stream},
                                         {"json_encode", sandbox_json_encode},
                                         {"strval", strval},
                                         {NULL, NULL}};

    lua_pushglobaltable(L);
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}
