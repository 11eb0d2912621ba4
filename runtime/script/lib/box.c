/* The table `box`: the functions that only this Lua has. Every name, list and key that decides
 * something is in the setup, the registry or an upvalue; a script that changes `box` changes only
 * its own view. */
#include <stdlib.h>
#include <string.h>

#include "runtime/script/core/box.h"
#include "runtime/script/core/call.h"
#include "runtime/script/core/json.h"
#include "runtime/script/lib/box.h"
#include "runtime/script/lib/lib.h"

static int null_tostring(lua_State *L)
{
    lua_pushliteral(L, "null");
    return 1;
}

/* box.log.LEVEL; upvalue: the level on the wire. */
static int box_log(lua_State *L)
{
    int n = lua_gettop(L);
    size_t len;
    luaL_Buffer b;

    luaL_checkstack(L, n + 4, "too many arguments");
    for (int i = 1; i <= n; i++) {
        luaL_tolstring(L, i, NULL);
        lua_replace(L, i);
    }
    luaL_buffinit(L, &b);
    for (int i = 1; i <= n; i++) {
        const char *s = lua_tolstring(L, i, &len);

        if (i > 1)
            luaL_addchar(&b, '\t');
        luaL_addlstring(&b, s, len);
    }
    luaL_pushresult(&b);

    const char *text = lua_tolstring(L, -1, &len);

    wire_log(&box_of(L)->wire, lua_tostring(L, lua_upvalueindex(1)), text, len);
    return 0;
}

static bool same_field(lua_State *L, int entry, const char *name, int value)
{
    lua_pushstring(L, name);
    lua_rawget(L, entry);

    bool same = lua_rawequal(L, -1, value);

    lua_pop(L, 1);
    return same;
}

static void copy_field(lua_State *L, int from, const char *name)
{
    lua_pushstring(L, name);
    lua_pushvalue(L, -1);
    lua_rawget(L, from);
    lua_rawset(L, -3);
}

/* Upvalue: the array of key entries. A script gets copies. */
static int box_keyring(lua_State *L)
{
    luaL_checkstring(L, 1);
    lua_settop(L, 1);
    lua_newtable(L);
    for (lua_Integer i = 1;; i++) {
        if (lua_rawgeti(L, lua_upvalueindex(1), i) != LUA_TTABLE)
            break;
        if (same_field(L, 3, "namespace", 1)) {
            lua_createtable(L, 0, 2);
            copy_field(L, 3, "access_key");
            copy_field(L, 3, "secret_key");
            lua_rawseti(L, 2, (lua_Integer)lua_rawlen(L, 2) + 1);
        }
        lua_settop(L, 2);
    }
    if (!lua_rawlen(L, 2))
        return luaL_error(
            L,
            "keyring: no key for namespace \"%s\": it must be requested (keyring_access in "
            "manifest.json), granted (--grant keyring:%s) and stored (runbox keyring)",
            lua_tostring(L, 1), lua_tostring(L, 1));
    lua_settop(L, 2);
    return 1;
}

static int json_lib_encode(lua_State *L)
{
    size_t n;

    luaL_checkany(L, 1);

    const char *json = json_encode(L, 1, "value", JSON_SCRIPT, &n);

    lua_pushlstring(L, json, n);
    return 1;
}

static int json_lib_decode(lua_State *L)
{
    size_t n;
    const char *text = luaL_checklstring(L, 1, &n);

    lua_settop(L, 1);
    json_decode(L, text, n, JSON_DEPTH);
    return 1;
}

static int json_lib_array(lua_State *L)
{
    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_newtable(L);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
        return luaL_error(L, "cannot change a protected metatable");
    json_push_array_mark(L);
    lua_setmetatable(L, 1);
    return 1;
}

void json_open(lua_State *L)
{
    lua_newtable(L);
    lua_pushliteral(L, "array");
    lua_setfield(L, -2, "__name");
    lua_rawsetp(L, LUA_REGISTRYINDEX, (void *)json_open);
    /* NULL is the only light userdata that a script sees, so their common metatable is its own. */
    lua_pushlightuserdata(L, NULL);
    lua_createtable(L, 0, 3);
    lua_pushcfunction(L, null_tostring);
    lua_setfield(L, -2, "__tostring");
    lua_pushliteral(L, "null");
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}

void json_push_array_mark(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, (void *)json_open);
}

void box_push_json(lua_State *L)
{
    static const luaL_Reg json[] = {{"encode", json_lib_encode},
                                    {"decode", json_lib_decode},
                                    {"array", json_lib_array},
                                    {NULL, NULL}};

    luaL_newlib(L, json);
}

static void open_log(lua_State *L)
{
    static const char *const levels[][2] = {{"debug", "Debug"},     {"info", "Info"},
                                            {"success", "Success"}, {"warn", "Warn"},
                                            {"error", "Error"},     {"status", "Status"}};

    lua_createtable(L, 0, 6);
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        lua_pushstring(L, levels[i][1]);
        lua_pushcclosure(L, box_log, 1);
        lua_setfield(L, -2, levels[i][0]);
    }
    lua_setfield(L, -2, "log");
}

void lib_box_name(lua_State *L)
{
    const struct boot *g = &box_of(L)->boot;

    lua_getglobal(L, "box");
    lua_pushlstring(L, g->name.at, g->name.n);
    lua_setfield(L, -2, "name");
    lua_pushlstring(L, g->version.at, g->version.n);
    lua_setfield(L, -2, "version");
    lua_pop(L, 1);
}

void lib_open_box(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"call", lib_call}, {"artifact", lib_artifact}, {"ratelimit", lib_ratelimit}, {NULL, NULL}};
    lib_call_open(L);
    luaL_newlib(L, functions);
    open_log(L);
    box_push_json(L);
    lua_setfield(L, -2, "json");
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
    lua_setglobal(L, "box");
    lib_box_name(L);
}

static void push_text(lua_State *L, const char **at)
{
    struct text t = boot_text(at);

    lua_pushlstring(L, t.at, t.n);
}

/* Push the keys that came before the start line, in the form of the start line's array. If memory
 * runs out meanwhile, the box ends. */
static void push_keys(lua_State *L, struct boot *g)
{
    const char *at = g->key;

    lua_createtable(L, (int)g->keys.key_count, 0);
    for (uint32_t i = 1; i <= g->keys.key_count; i++) {
        uint32_t n;

        lua_createtable(L, 0, 3);
        push_text(L, &at);
        lua_setfield(L, -2, "namespace");
        push_text(L, &at);
        lua_setfield(L, -2, "access_key");
        memcpy(&n, at, sizeof n);
        if (n == SETUP_NO_SECRET) {
            at += sizeof n;
            lua_pushlightuserdata(L, NULL);
        } else {
            push_text(L, &at);
        }
        lua_setfield(L, -2, "secret_key");
        lua_rawseti(L, -2, i);
    }
    explicit_bzero(g->key, g->keys.bytes);
    free(g->key);
    g->key = NULL;
}

void lib_box_start(lua_State *L)
{
    int start = lua_gettop(L);

    lua_getglobal(L, "box");
    lua_getfield(L, start, "arg");
    if (lua_islightuserdata(L, -1)) {
        lua_pop(L, 1);
        lua_pushnil(L);
    }
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, LIB_BOX_ARG);
    lua_setfield(L, -2, "arg");
    if (lua_getfield(L, start, "options") != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
    }
    lua_setfield(L, -2, "options");
    if (box_of(L)->boot.key) {
        push_keys(L, &box_of(L)->boot);
    } else if (lua_getfield(L, start, "keyring") != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
    }
    lua_pushcclosure(L, box_keyring, 1);
    lua_setfield(L, -2, "keyring");
    lua_pop(L, 1);
}
