/* Texts and bytes. Wherever sn0int does, accepts a list of numbers for bytes. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/json/base64.h"
#include "runtime/json/utf8.h"
#include "runtime/script/sn0int/sandbox.h"
#include "runtime/script/sn0int/text_out.h"

const char *sandbox_bytes(lua_State *L, int index, size_t *n)
{
    lua_Unsigned count;
    char *bytes;

    if (lua_type(L, index) == LUA_TSTRING) {
        lua_pushvalue(L, index);
        return lua_tolstring(L, -1, n);
    }
    if (lua_type(L, index) != LUA_TTABLE) {
        lua_pushfstring(L, "invalid type: expected a string or a list of bytes, not %s",
                        luaL_typename(L, index));
        return NULL;
    }
    count = lua_rawlen(L, index);
    bytes = lua_newuserdatauv(L, count + 1, 0);
    for (lua_Unsigned i = 0; i < count; i++) {
        int whole;

        lua_rawgeti(L, index, (lua_Integer)i + 1);
        lua_Integer byte = lua_tointegerx(L, -1, &whole);

        if (!whole || lua_type(L, -1) != LUA_TNUMBER || byte < 0 || byte > 255) {
            lua_pushfstring(L, "number is out of range: %s", luaL_tolstring(L, -1, NULL));
            return NULL;
        }
        bytes[i] = (char)byte;
        lua_pop(L, 1);
    }
    lua_pushlstring(L, bytes, count);
    return lua_tolstring(L, -1, n);
}

const char *sandbox_bytes_arg(lua_State *L, int arg, size_t *n)
{
    const char *bytes = sandbox_bytes(L, arg, n);
    lua_Debug call;

    if (bytes)
        return bytes;
    lua_getstack(L, 0, &call);
    lua_getinfo(L, "n", &call);
    luaL_where(L, 1);
    lua_pushfstring(L, "%sbad argument #%d to '%s' (%s)", lua_tostring(L, -1), arg,
                    call.name ? call.name : "?", lua_tostring(L, -2));
    return NULL;
}

static int sandbox_base64_encode(lua_State *L)
{
    size_t n;
    const char *bytes = sandbox_bytes_arg(L, 1, &n);

    if (!bytes)
        return sandbox_fail_top(L);

    char *coded = lua_newuserdatauv(L, base64_size(n) + 1, 0);

    base64_encode(bytes, n, coded);
    lua_pushlstring(L, coded, base64_size(n));
    return 1;
}

static int sandbox_base64_decode(lua_State *L)
{
    size_t n;
    const char *text = luaL_checklstring(L, 1, &n);
    char *bytes = lua_newuserdatauv(L, n / 4 * 3 + 3, 0);
    size_t len = base64_decode(text, n, bytes);

    if (len == (size_t)-1)
        return sandbox_fail(L, "base64_decode: not padded base64");
    lua_pushlstring(L, bytes, len);
    return 1;
}

static int hex(lua_State *L)
{
    static const char digits[] = "0123456789abcdef";
    size_t n;
    const char *bytes = sandbox_bytes_arg(L, 1, &n);
    struct text_out o;

    if (!bytes)
        return sandbox_fail_top(L);
    out_open(L, &o);
    for (size_t i = 0; i < n; i++) {
        out_char(&o, digits[(unsigned char)bytes[i] >> 4]);
        out_char(&o, digits[bytes[i] & 15]);
    }
    out_push(&o);
    return 1;
}

static int sandbox_utf8_decode(lua_State *L)
{
    size_t n;
    const char *bytes = sandbox_bytes_arg(L, 1, &n);

    if (!bytes)
        return sandbox_fail_top(L);
    if (!utf8_valid(bytes, n))
        return sandbox_fail(L, "utf8_decode: the bytes are not UTF-8");
    return 1;
}

static int str_find(lua_State *L)
{
    size_t n, len;
    const char *s = luaL_checklstring(L, 1, &n), *needle = luaL_checklstring(L, 2, &len);
    const char *at = len ? memmem(s, n, needle, len) : s;

    if (at)
        lua_pushinteger(L, at - s + 1);
    else
        lua_pushnil(L);
    return 1;
}

/* An empty pattern matches before every character and after the last. */
static int str_replace(lua_State *L)
{
    size_t n, len, by_len;
    const char *s = luaL_checklstring(L, 1, &n), *end = s + n, *at;
    const char *old = luaL_checklstring(L, 2, &len), *by = luaL_checklstring(L, 3, &by_len);
    struct text_out o;

    out_open(L, &o);
    while (s < end && len && (at = memmem(s, (size_t)(end - s), old, len))) {
        out_add(&o, s, (size_t)(at - s));
        out_add(&o, by, by_len);
        s = at + len;
    }
    while (s < end && !len) {
        int step = utf8_step(s, (size_t)(end - s));
        size_t part = (size_t)(step < 0 ? -step : step);

        out_add(&o, by, by_len);
        out_add(&o, s, part);
        s += part;
    }
    out_add(&o, s, (size_t)(end - s));
    if (!len)
        out_add(&o, by, by_len);
    out_push(&o);
    return 1;
}

static int intval(lua_State *L)
{
    const char *text, *digits;
    char *end;
    size_t n;

    switch (lua_type(L, 1)) {
    case LUA_TNIL:
        lua_settop(L, 1);
        return 1;
    case LUA_TNUMBER:
        if (!lua_isinteger(L, 1)) {
            lua_pushnumber(L, floor(lua_tonumber(L, 1)));
            lua_replace(L, 1);
        }
        lua_settop(L, 1);
        return 1;
    case LUA_TSTRING:
        break;
    default:
        return sandbox_fail(L, "Unsupported input for intval");
    }
    text = lua_tolstring(L, 1, &n);
    digits = text + (*text == '-' || *text == '+');
    errno = 0;

    long long value = strtoll(text, &end, 10);

    if (*digits < '0' || *digits > '9' || end != text + n || errno)
        return sandbox_fail(L, "intval: \"%s\" is not a 64-bit integer", text);
    lua_pushinteger(L, value);
    return 1;
}

void sandbox_open_text(lua_State *L)
{
    static const luaL_Reg functions[] = {{"base64_encode", sandbox_base64_encode},
                                         {"base64_decode", sandbox_base64_decode},
                                         {"hex", hex},
                                         {"utf8_decode", sandbox_utf8_decode},
                                         {"str_find", str_find},
                                         {"str_replace", str_replace},
                                         {"intval", intval},
                                         {NULL, NULL}};

    lua_pushglobaltable(L);
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}
