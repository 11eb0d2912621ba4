/* What tostring, %p and messages show of a table, a function, a thread or a userdata: a number of
 * this run, in the order of first use, never an address. The linker redirects every call of
 * lua_topointer() here, also in Lua's own libraries (Makefile). The same script with the same input
 * sees the same numbers. */
#include <lauxlib.h>
#include <lua.h>
#include <stdint.h>

#include "runtime/script/core/identity.h"

const void *__real_lua_topointer(lua_State *L, int index);

static const char numbers, last;

/* Weak keys: the number of a collected object is not reused. */
static void push_numbers(lua_State *L)
{
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &numbers) == LUA_TTABLE)
        return;
    lua_pop(L, 1);
    lua_createtable(L, 0, 1);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &numbers);
}

static lua_Integer next_number(lua_State *L)
{
    lua_Integer n;

    lua_rawgetp(L, LUA_REGISTRYINDEX, &last);
    n = lua_tointeger(L, -1) + 1;
    lua_pop(L, 1);
    lua_pushinteger(L, n);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &last);
    return n;
}

const void *identity_of(lua_State *L, int index)
{
    lua_Integer n;

    index = lua_absindex(L, index);
    if (!__real_lua_topointer(L, index)) /* a number, a boolean, nil: no pointer, as in Lua */
        return NULL;
    luaL_checkstack(L, 6, "too many values for their numbers");
    push_numbers(L);
    lua_pushvalue(L, index);
    if (lua_rawget(L, -2) == LUA_TNUMBER) {
        n = lua_tointeger(L, -1);
        lua_pop(L, 2);
        return (const void *)(uintptr_t)n;
    }
    lua_pop(L, 1);
    n = next_number(L);
    lua_pushvalue(L, index);
    lua_pushinteger(L, n);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    return (const void *)(uintptr_t)n;
}
