/* In Lua a C function without upvalues is its bare address, which decides its place in a table
 * (hashpointer, Lua's ltable.c): from the order of next() a script could work out where this
 * program is loaded. So each gets an upvalue, which makes it an object in the arena. The linker
 * redirects all callers here, Lua's own libraries too (Makefile). */
#include "runtime/script/core/closures.h"

#include <stdint.h>

void __real_lua_pushcclosure(lua_State *L, lua_CFunction f, int upvalues);
void __real_luaL_setfuncs(lua_State *L, const luaL_Reg *list, int upvalues);

static const void *key_of(lua_CFunction f)
{
    return (const void *)(uintptr_t)f;
}

/* Keep one object per function, so that it stays equal to itself, and pushing it again is free, as
 * pairs() and ipairs() do. */
void closures_push(lua_State *L, lua_CFunction f, int upvalues)
{
    if (upvalues > 0) {
        __real_lua_pushcclosure(L, f, upvalues);
        return;
    }
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, key_of(f)) == LUA_TFUNCTION)
        return;
    luaL_checkstack(L, 1, NULL);
    __real_lua_pushcclosure(L, f, 1); /* the upvalue is the nil just found */
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, key_of(f));
}

void closures_set(lua_State *L, const luaL_Reg *list, int upvalues)
{
    if (upvalues == 0)
        lua_pushnil(L);
    __real_luaL_setfuncs(L, list, upvalues > 0 ? upvalues : 1);
}

void closures_known(lua_State *L, int index)
{
    lua_pushvalue(L, index);
    lua_rawsetp(L, LUA_REGISTRYINDEX, key_of(lua_tocfunction(L, index)));
}

void closures_push_hidden(lua_State *L, lua_CFunction f)
{
    __real_lua_pushcclosure(L, f, 0);
}
