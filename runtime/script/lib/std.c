/* box.std: read-only modules that come with every box, in Lua (runtime/script/std/) and compiled when
 * they are required: a box that requires none touches none of this. Each is called with what it has
 * from C and with std_check(), and returns its functions. */
#include <string.h>

#include "runtime/script/core/box.h"
#include "runtime/script/lib/lib.h"

#define HEAD "box.std."

#define STD(name, file, push)           \
    extern const char std_##name[];     \
    __asm__(".pushsection .std,\"a\"\n" \
            ".global std_" #name "\n"   \
            ".hidden std_" #name "\n"   \
            "std_" #name ": .incbin \"" file "\"\n.byte 0\n.popsection\n");
#include "runtime/script/std/std.def"
#undef STD

/* Upvalue: the functions. */
static int std_next(lua_State *L)
{
    lua_settop(L, 2);
    return lua_next(L, lua_upvalueindex(1)) ? 2 : 0;
}

/* Upvalue: std_next() of this module, since next() would give its table away. */
static int std_pairs(lua_State *L)
{
    lua_settop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    return 2;
}

/* Upvalue: the module's name. */
static int std_refuse(lua_State *L)
{
    return luaL_error(L, "%s is read-only", lua_tostring(L, lua_upvalueindex(1)));
}

/* The module's functions are on top: an empty table that shows them replaces them. NAME is at 1. */
static void lock(lua_State *L)
{
    lua_newtable(L);
    lua_createtable(L, 0, 5);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushvalue(L, -3);
    lua_pushcclosure(L, std_next, 1);
    lua_pushcclosure(L, std_pairs, 1);
    lua_setfield(L, -2, "__pairs");
    lua_pushvalue(L, 1);
    lua_pushcclosure(L, std_refuse, 1);
    lua_setfield(L, -2, "__newindex");
    lua_pushvalue(L, 1);
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_remove(L, -2);
}

static bool is_type(lua_State *L, int at, const char *want)
{
    if (strcmp(want, "integer") == 0)
        return lua_isinteger(L, at);
    if (strcmp(want, "string") == 0)
        return lua_type(L, at) == LUA_TSTRING;
    return strcmp(luaL_typename(L, at), want) == 0;
}

/* check(number, value, type[, default]): the value, which an integral number or a text made of a number
 * becomes as everywhere in Lua; the default for nil, if there is one. Otherwise an error as of a
 * function of C, with the line that called the one that checks its argument. */
static int std_check(lua_State *L)
{
    const char *want = lua_tostring(L, 3);
    lua_Debug ar = {.name = NULL};

    if (lua_gettop(L) > 3 && lua_isnil(L, 2))
        return lua_settop(L, 4), 1;
    lua_settop(L, 3);
    if (strcmp(want, "integer") == 0 && lua_isnumber(L, 2) && lua_tointegerx(L, 2, NULL)) {
        lua_pushinteger(L, lua_tointeger(L, 2));
        lua_replace(L, 2);
    } else if (strcmp(want, "string") == 0 && lua_type(L, 2) == LUA_TNUMBER) {
        lua_tostring(L, 2);
    }
    lua_settop(L, 3);
    if (is_type(L, 2, want)) {
        lua_settop(L, 2);
        return 1;
    }
    if (lua_getstack(L, 1, &ar))
        lua_getinfo(L, "n", &ar);
    luaL_where(L, 2);
    lua_pushfstring(L, "bad argument #%d to '%s' (%s expected, got %s)", (int)lua_tointeger(L, 1),
                    ar.name ? ar.name : "?", want, luaL_typename(L, 2));
    lua_concat(L, 2);
    return lua_error(L);
}

static void load_module(lua_State *L, const char *name, const char *text)
{
    const char *chunk = lua_pushfstring(L, "=%s", name);

    if (luaL_loadbufferx(L, text, strlen(text), chunk, "t") != LUA_OK)
        lua_error(L);
    lua_remove(L, -2);
}

/* The loader: called with the module's name. */
static int std_load(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1), *own = name + sizeof HEAD - 1;

    lua_settop(L, 1);
#define STD(word, file, push)             \
    if (strcmp(own, #word) == 0) {        \
        load_module(L, name, std_##word); \
        push(L);                          \
    }
#include "runtime/script/std/std.def"
#undef STD
    lua_pushcfunction(L, std_check);
    lua_call(L, 2, 1);
    lock(L);
    return 1;
}

bool std_named(const char *name, size_t n)
{
    const size_t own = sizeof HEAD - 2; /* without the last dot */

    return n >= own && memcmp(name, HEAD, own) == 0 && (n == own || name[own] == '.');
}

bool std_push(lua_State *L, const char *name)
{
    static const char names[] =
#define STD(word, file, push) " " #word ","
#include "runtime/script/std/std.def"
#undef STD
        ;
    bool there = false;

#define STD(word, file, push) there = there || strcmp(name, HEAD #word) == 0;
#include "runtime/script/std/std.def"
#undef STD
    if (there)
        lua_pushcfunction(L, std_load);
    else
        lua_pushlstring(L, names + 1, sizeof names - 3);
    return there;
}
