/* os: time, clock, date and difftime from Lua's own library, and a getenv that knows only the
 * manifest's environment, nothing of the host's. The time zone is UTC. */
#include <lualib.h>

#include "runtime/script/core/box.h"
#include "runtime/script/lib/lib.h"

static int os_getenv(lua_State *L)
{
    size_t n;
    const char *name = luaL_checklstring(L, 1, &n);
    struct text value;

    if (boot_env(&box_of(L)->boot, name, n, &value))
        lua_pushlstring(L, value.at, value.n);
    else
        luaL_pushfail(L);
    return 1;
}

void lib_open_os(lua_State *L)
{
    static const char *const keep[] = {"time", "clock", "date", "difftime", NULL};

    lua_pushcfunction(L, luaopen_os);
    lua_call(L, 0, 1);
    lua_createtable(L, 0, 5);
    for (const char *const *name = keep; *name; name++) {
        lua_getfield(L, -2, *name);
        lua_setfield(L, -2, *name);
    }
    lua_pushcfunction(L, os_getenv);
    lua_setfield(L, -2, "getenv");
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, "os");
    lua_pop(L, 1);
    lua_setglobal(L, "os");
    lua_pop(L, 1);
}
