/* Objects of the caller: see ref.h. One userdata per id, as long as the script holds it, so that
 * equality is identity. A script can neither make one nor reach its metatable. */
#include "runtime/script/core/ref.h"

#include <lauxlib.h>
#include <string.h>

#include "runtime/script/core/call.h"

#define ID_MAX 128

#define METATABLE ((void *)ref_open) /* registry keys */
#define OBJECTS   ((void *)ref_take)

struct ref {
    size_t n;
    char id[]; /* .n bytes */
};

bool ref_shaped(const char *id, size_t n)
{
    if (n < 1 || n > ID_MAX || *id == ':')
        return false;
    for (size_t i = 0; i < n; i++)
        if (!(id[i] >= 'a' && id[i] <= 'z') && !(id[i] >= 'A' && id[i] <= 'Z') &&
            !(id[i] >= '0' && id[i] <= '9') && !(id[i] && strchr("_.:-", id[i])))
            return false;
    return true;
}

const char *ref_id(lua_State *L, int index, size_t *n)
{
    const struct ref *r = lua_touserdata(L, index);

    if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index))
        return NULL;
    lua_rawgetp(L, LUA_REGISTRYINDEX, METATABLE);

    bool same = lua_rawequal(L, -1, -2);

    lua_pop(L, 2);
    if (!same)
        return NULL;
    *n = r->n;
    return r->id;
}

/* The table is at TABLE, the text of its "$ref" on top. */
static void ref_make(lua_State *L, int table)
{
    size_t n;
    const char *id = lua_tolstring(L, -1, &n);

    lua_rawgetp(L, LUA_REGISTRYINDEX, OBJECTS);
    lua_pushvalue(L, -2);
    if (lua_rawget(L, -2) == LUA_TNIL) {
        struct ref *r = lua_newuserdatauv(L, sizeof *r + n, 0);

        r->n = n;
        memcpy(r->id, id, n);
        lua_rawgetp(L, LUA_REGISTRYINDEX, METATABLE);
        lua_setmetatable(L, -2);
        lua_pushvalue(L, table + 1);
        lua_pushvalue(L, -2);
        lua_rawset(L, table + 2);
    }
    lua_replace(L, table);
}

void ref_take(lua_State *L)
{
    int table = lua_gettop(L);
    size_t n;

    luaL_checkstack(L, 8, "json");
    lua_pushliteral(L, "$ref");
    if (lua_rawget(L, table) == LUA_TSTRING) {
        const char *id = lua_tolstring(L, -1, &n);

        if (ref_shaped(id, n))
            ref_make(L, table);
    }
    lua_settop(L, table);
}

static int ref_index(lua_State *L)
{
    luaL_checkstring(L, 2);
    lua_settop(L, 2);
    lua_pushcclosure(L, lib_method, 1);
    return 1;
}

static int ref_tostring(lua_State *L)
{
    size_t n;
    const char *id = ref_id(L, 1, &n);

    lua_pushliteral(L, "ref: ");
    lua_pushlstring(L, id ? id : "", id ? n : 0);
    lua_concat(L, 2);
    return 1;
}

void ref_open(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"__index", ref_index}, {"__tostring", ref_tostring}, {NULL, NULL}};

    luaL_newlib(L, methods);
    lua_pushliteral(L, "ref");
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_rawsetp(L, LUA_REGISTRYINDEX, METATABLE);
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, OBJECTS);
}
