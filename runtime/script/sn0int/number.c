/* Lua 5.2's habits with numbers, for modules written for it: all of its numbers are floats, 10/2 prints
 * as "5", and where a function wants an integer a fraction is cut off. The linker redirects Lua's own
 * calls here, in this program alone (HABITS in the Makefile). */
#include <lauxlib.h>
#include <lua.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The head of Lua's value (lobject.h, 5.4): sandbox_run() tries whether that holds. */
struct value {
    union {
        lua_Integer i;
        lua_Number n;
    } as;
    unsigned char tag;
};

#define TAG_INTEGER 0x03
#define TAG_FLOAT   0x13

void __real_luaO_tostring(lua_State *L, struct value *v);
const char *__real_luaL_tolstring(lua_State *L, int index, size_t *n);
lua_Integer __real_luaL_checkinteger(lua_State *L, int arg);

void number_tostring(lua_State *L, struct value *v);
const char *number_tolstring(lua_State *L, int index, size_t *n);
lua_Integer number_checkinteger(lua_State *L, int arg);
lua_Integer number_optinteger(lua_State *L, int arg, lua_Integer otherwise);

/* Whether Lua would print N as digits and ".0". -0 stays "-0.0": no integer prints so. */
static bool number_prints_whole(lua_Number n)
{
    char text[64];

    if (!isfinite(n) || fabs(n) >= 1e15 || (n == 0 && signbit(n)))
        return false;
    snprintf(text, sizeof text, LUA_NUMBER_FMT, n);
    return text[strspn(text, "-0123456789")] == '\0';
}

/* The integer that the digits of N are: LUA_NUMBER_FMT rounds, a half to even. */
static lua_Integer number_printed(lua_Number n)
{
    return llrint(n);
}

/* What .. and lua_tolstring(3) call: V becomes a string. */
void number_tostring(lua_State *L, struct value *v)
{
    if (v->tag == TAG_FLOAT && number_prints_whole(v->as.n)) {
        v->as.i = number_printed(v->as.n);
        v->tag = TAG_INTEGER;
    }
    __real_luaO_tostring(L, v);
}

/* What tostring, print and "%s" call. */
const char *number_tolstring(lua_State *L, int index, size_t *n)
{
    if (lua_type(L, index) == LUA_TNUMBER && !lua_isinteger(L, index) &&
        number_prints_whole(lua_tonumber(L, index))) {
        lua_pushinteger(L, number_printed(lua_tonumber(L, index)));
        return lua_tolstring(L, -1, n);
    }
    return __real_luaL_tolstring(L, index, n);
}

lua_Integer number_checkinteger(lua_State *L, int arg)
{
    int is_number;
    lua_Number n = lua_tonumberx(L, arg, &is_number);

    if (is_number && fabs(n) < 9223372036854775808.0 && n != trunc(n))
        return (lua_Integer)n;
    return __real_luaL_checkinteger(L, arg);
}

lua_Integer number_optinteger(lua_State *L, int arg, lua_Integer otherwise)
{
    return lua_isnoneornil(L, arg) ? otherwise : number_checkinteger(L, arg);
}
