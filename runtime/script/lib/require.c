/* require for the bundle's own modules: "a.b" is a/b.lua or a/b/init.lua of the sources that came
 * with the setup, and "box.std.a" is a module of std.c, whatever the bundle has; nothing else is
 * searched. package has loaded and preload, which scripts may fill, and constants for libraries that
 * look at them. */
#include <string.h>

#include "runtime/script/core/box.h"
#include "runtime/script/core/source.h"
#include "runtime/script/lib/lib.h"

#define PATH_LONGEST 512

/* Upvalues of require: package.loaded, package.preload, and the names being loaded now. */
enum { LOADED = 1, PRELOAD, LOADING };

/* __close of a loading module's guard: removes its name from the list, also after an error. */
static int done_loading(lua_State *L)
{
    lua_getiuservalue(L, 1, 1);
    lua_getiuservalue(L, 1, 2);
    lua_pushnil(L);
    lua_rawset(L, -3);
    return 0;
}

static void guard(lua_State *L)
{
    lua_pushvalue(L, 1);
    if (lua_rawget(L, lua_upvalueindex(LOADING)) != LUA_TNIL)
        luaL_error(L, "module '%s' requires itself (a cycle)", lua_tostring(L, 1));
    lua_pop(L, 1);
    lua_newuserdatauv(L, 0, 2);
    lua_pushvalue(L, lua_upvalueindex(LOADING));
    lua_setiuservalue(L, -2, 1);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 2);
    luaL_setmetatable(L, "box.loading");
    lua_toclose(L, -1);
    lua_pushvalue(L, 1);
    lua_pushboolean(L, 1);
    lua_rawset(L, lua_upvalueindex(LOADING));
}

static bool load_path(lua_State *L, const char *name, const char *suffix)
{
    char path[PATH_LONGEST];
    struct text bytes;
    size_t n = strlen(name), suffixes = strlen(suffix);

    if (n + suffixes >= sizeof path)
        return false;
    for (size_t i = 0; i < n; i++)
        path[i] = name[i] == '.' ? '/' : name[i];
    memcpy(path + n, suffix, suffixes + 1);
    if (!boot_source(&box_of(L)->boot, path, n + suffixes, &bytes))
        return false;
    if (source_load(L, path, bytes))
        luaL_error(L, "error loading module '%s': %s", name, lua_tostring(L, -1));
    lua_pushstring(L, path);
    return true;
}

/* Push the module's loader and the loader's second argument. */
static void require_find(lua_State *L, const char *name)
{
    lua_pushvalue(L, 1);
    if (lua_rawget(L, lua_upvalueindex(PRELOAD)) != LUA_TNIL) {
        lua_pushliteral(L, ":preload:");
        return;
    }
    lua_pop(L, 1);
    if (std_named(name, strlen(name))) {
        if (!std_push(L, name))
            luaL_error(L, STD_MISSING, name, lua_tostring(L, -1));
        lua_pushliteral(L, ":box.std:");
        return;
    }
    if (load_path(L, name, ".lua") || load_path(L, name, "/init.lua"))
        return;

    const char *path = luaL_gsub(L, name, ".", "/");

    luaL_error(L, "module '%s' not found: the bundle has neither %s.lua nor %s/init.lua%s", name,
               path, path, strcmp(name, "box") == 0 ? "; box is a global" : "");
}

static int require(lua_State *L)
{
    size_t n;
    const char *name = luaL_checklstring(L, 1, &n);

    luaL_argcheck(L, strlen(name) == n, 1, "a module name cannot contain NUL");
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    lua_rawget(L, lua_upvalueindex(LOADED));
    if (lua_toboolean(L, -1))
        return 1;
    lua_pop(L, 1);
    guard(L); /* index 2 */
    require_find(L, name);
    lua_pushvalue(L, -1);
    lua_insert(L, 3); /* index 3: the path; then loader and path */
    lua_pushvalue(L, 1);
    lua_insert(L, -2);
    lua_call(L, 2, 1);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushvalue(L, 1);
        if (lua_rawget(L, lua_upvalueindex(LOADED)) == LUA_TNIL) {
            lua_pop(L, 1);
            lua_pushboolean(L, 1);
        }
    }
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -2);
    lua_rawset(L, lua_upvalueindex(LOADED));
    lua_pushvalue(L, 3);
    return 2;
}

/* Stock values, as of a Lua that looks in the bundle alone; require looks at none of them. */
static void package_constants(lua_State *L)
{
    lua_pushliteral(L, "/\n;\n?\n!\n-\n");
    lua_setfield(L, -2, "config");
    lua_pushliteral(L, "./?.lua;./?/init.lua");
    lua_setfield(L, -2, "path");
    lua_pushliteral(L, "");
    lua_setfield(L, -2, "cpath");
}

void lib_open_require(lua_State *L)
{
    luaL_newmetatable(L, "box.loading");
    lua_pushcfunction(L, done_loading);
    lua_setfield(L, -2, "__close");
    lua_pop(L, 1);

    lua_createtable(L, 0, 5);
    package_constants(L);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "loaded");
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, -4, "preload");
    lua_newtable(L);
    lua_pushcclosure(L, require, 3);
    lua_setglobal(L, "require");
    lua_pushvalue(L, -1);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_insert(L, -2);
    lua_setfield(L, -2, "package");
    lua_pop(L, 1);
    lua_setglobal(L, "package");
}
