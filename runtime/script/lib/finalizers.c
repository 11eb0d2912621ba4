/* Finalizers under an instructions limit. Lua runs __gc with hooks off, in whatever thread is
 * running; so no object of a script is ever marked for Lua's own finalization. A watch is marked
 * instead: it dies with the object and calls the __gc that the object's metatable then has, in a
 * thread of its own, where the hook counts. */
#include "runtime/script/core/box.h"
#include "runtime/script/lib/count.h"

/* __gc of a watch, whose one user value is the object. Upvalue: the watches. */
static int finalize(lua_State *L)
{
    int results;

    lua_getiuservalue(L, 1, 1);
    lua_pushvalue(L, 2);
    lua_pushnil(L);
    lua_rawset(L, lua_upvalueindex(
                      1)); /* a finalizer may resurrect the object, and have it watched again */
    if (!lua_getmetatable(L, 2))
        return 0;
    lua_pushliteral(L, "__gc");
    if (lua_rawget(L, 3) == LUA_TNIL)
        return 0;

    struct box *b = box_of(L);
    lua_State *co = lua_newthread(L);

    lua_pushvalue(L, 4);
    lua_pushvalue(L, 2);
    lua_xmove(L, co, 2);
    count_charge(b, L);
    count_arm(b, co);

    int status = lua_resume(co, L, 1, &results);

    count_charge(b, co);
    count_arm(b, L);
    if (status == LUA_OK)
        return 0;
    if (status == LUA_YIELD)
        return luaL_error(L, "attempt to yield from a finalizer");
    lua_xmove(co, L, 1);
    return lua_error(L);
}

/* Watch the table at 1, once. Upvalues: watches (weak keys), the metatable of a watch. The watch is
 * reachable only through the table, so it dies with it; it still holds the table, to hand it to the
 * finalizer. */
static void watch(lua_State *L)
{
    lua_pushvalue(L, 1);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    lua_pop(L, 1);
    lua_pushvalue(L, 1);
    lua_newuserdatauv(L, 0, 1);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    lua_pushvalue(L, lua_upvalueindex(2));
    lua_setmetatable(L, -2);
    lua_rawset(L, lua_upvalueindex(1));
}

static int count_setmetatable(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, lua_isnil(L, 2) || lua_istable(L, 2), 2, "nil or table");
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
        return luaL_error(L, "cannot change a protected metatable");
    lua_settop(L, 2);
    lua_pushliteral(L, "__gc");
    lua_pushvalue(L, -1);
    if (lua_isnil(L, 2) || lua_rawget(L, 2) == LUA_TNIL) {
        lua_settop(L, 2);
        lua_setmetatable(L, 1);
        return 1;
    }
    /* Lua marks an object for its own finalization if the metatable has __gc at this moment: it
     * does not. */
    lua_pushvalue(L, 3);
    lua_pushnil(L);
    lua_rawset(L, 2);
    lua_pushvalue(L, 2);
    lua_setmetatable(L, 1);
    lua_rawset(L, 2);
    lua_settop(L, 1);
    watch(L);
    return 1;
}

void count_open_finalizers(lua_State *L)
{
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_createtable(L, 0, 1);
    lua_pushvalue(L, -2);
    lua_pushcclosure(L, finalize, 1);
    lua_setfield(L, -2, "__gc");
    lua_pushcclosure(L, count_setmetatable, 2);
    lua_setglobal(L, "setmetatable");
}
