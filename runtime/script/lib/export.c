/* An export: the member of the table that main returned, else the global of that name. Looking up a
 * member may run code of the script, which counts as any other. */
#include "runtime/script/lib/export.h"

#include <string.h>

#include "runtime/script/core/box.h"
#include "runtime/script/lib/count.h"

void export_take(lua_State *L)
{
    struct box *b = box_of(L);
    bool chosen = lua_getfield(L, -1, "export") == LUA_TSTRING;
    const char *name;
    size_t n;

    if (chosen) {
        name = lua_tolstring(L, -1, &n);
        luaL_argcheck(L, n < sizeof b->export, 1, "a longer export than there is");
        memcpy(b->export, name, n + 1);
    }
    lua_pop(L, 1);
    if (!chosen)
        return;
    if (lua_getfield(L, -1, "instructions") == LUA_TNUMBER)
        count_lower(L, (uint64_t)lua_tointeger(L, -1));
    lua_pop(L, 1);
}

void export_name_error(lua_State *L)
{
    const struct box *b = box_of(L);

    if (!b->seeks)
        return;
    lua_pushfstring(L, "export \"%s\": ", b->export);
    lua_insert(L, -2);
    lua_concat(L, 2); /* the text may hold NULs */
}

/* Push the member, or nil. */
static void export_push_member(lua_State *L, int from, const char *name)
{
    struct box *b = box_of(L);

    if (!lua_istable(L, from)) {
        lua_pushnil(L);
        return;
    }
    b->seeks = true;
    lua_getfield(L, from, name);
    b->seeks = false;
}

/* Whether the value on top can be called. */
static bool export_is_function(lua_State *L)
{
    if (lua_isfunction(L, -1))
        return true;
    if (luaL_getmetafield(L, -1, "__call") == LUA_TNIL)
        return false;
    lua_pop(L, 1);
    return true;
}

void export_push(lua_State *L, int from, const char *name)
{
    const struct text path = box_of(L)->boot.main;
    const char *main = lua_pushlstring(L, path.at, path.n);
    bool member;

    export_push_member(L, from, name);
    member = !lua_isnil(L, -1);
    if (!member) {
        lua_pushglobaltable(L);
        lua_pushstring(L, name);
        lua_rawget(L, -2);
        lua_replace(L, -3);
        lua_pop(L, 1);
    }
    if (lua_isnil(L, -1) && lua_istable(L, from))
        luaL_error(L,
                   "export \"%s\": the table that %s returns has no such member, and there is no "
                   "global function of that name",
                   name, main);
    if (lua_isnil(L, -1))
        luaL_error(L,
                   "export \"%s\": there is no global function of that name, and %s returns no "
                   "table, but %s",
                   name, main, lua_isnil(L, from) ? "nothing" : luaL_typename(L, from));
    if (!export_is_function(L))
        luaL_error(L, "export \"%s\": no function, but a %s, %s%s%s", name, luaL_typename(L, -1),
                   member ? "in the table that " : "as the global of that name", member ? main : "",
                   member ? " returns" : "");
    lua_remove(L, -2);
}
