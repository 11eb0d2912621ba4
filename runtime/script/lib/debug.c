/* debug: traceback, and of getinfo what a message shows: where a function is and what it is called.
 * Nothing here returns or changes a function, a local, an upvalue, a metatable, a hook or the
 * registry. */
#include <limits.h>
#include <string.h>

#include "runtime/script/core/box.h"
#include "runtime/script/lib/lib.h"
#include <lualib.h>

/* The thread that the arguments name, or L itself. *ARG: how many they are before the others. */
static lua_State *debug_thread(lua_State *L, int *arg)
{
    *arg = lua_isthread(L, 1);
    return *arg ? lua_tothread(L, 1) : L;
}

/* A level beyond int is beyond every stack. */
static int as_level(lua_Integer n)
{
    return n < 0 ? -1 : n > INT_MAX ? INT_MAX : (int)n;
}

static int debug_traceback(lua_State *L)
{
    int arg;
    lua_State *t = debug_thread(L, &arg);
    const char *message = lua_tostring(L, arg + 1);

    if (!message && !lua_isnoneornil(L, arg + 1))
        lua_pushvalue(L, arg + 1); /* no text: returned as it is */
    else
        luaL_traceback(L, t, message, as_level(luaL_optinteger(L, arg + 2, t == L)));
    return 1;
}

static void set_text(lua_State *L, const char *name, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

static void set_line(lua_State *L, const char *name, int line)
{
    lua_pushinteger(L, line);
    lua_setfield(L, -2, name);
}

static void push_info(lua_State *L, const char *what, const lua_Debug *ar)
{
    lua_createtable(L, 0, 8);
    if (strchr(what, 'S')) {
        lua_pushlstring(L, ar->source, ar->srclen);
        lua_setfield(L, -2, "source");
        set_text(L, "short_src", ar->short_src);
        set_line(L, "linedefined", ar->linedefined);
        set_line(L, "lastlinedefined", ar->lastlinedefined);
        set_text(L, "what", ar->what);
    }
    if (strchr(what, 'l'))
        set_line(L, "currentline", ar->currentline);
    if (strchr(what, 'n')) {
        set_text(L, "name", ar->name);
        set_text(L, "namewhat", ar->namewhat);
    }
}

/* The letters of stock's other fields are allowed, and give nothing. */
static int debug_getinfo(lua_State *L)
{
    int arg;
    lua_State *t = debug_thread(L, &arg);
    const char *what = luaL_optstring(L, arg + 2, "Sln");
    lua_Debug ar;

    luaL_argcheck(L, *what != '>', arg + 2, "invalid option '>'");
    if (lua_isfunction(L, arg + 1)) {
        lua_pushvalue(L, arg + 1);
        lua_getinfo(L, ">Sln", &ar);
    } else if (lua_getstack(t, as_level(luaL_checkinteger(L, arg + 1)), &ar)) {
        lua_getinfo(t, "Sln", &ar);
    } else {
        luaL_pushfail(L); /* no such level */
        return 1;
    }
    luaL_argcheck(L, what[strspn(what, "SlnrutLf")] == '\0', arg + 2, "invalid option");
    push_info(L, what, &ar);
    return 1;
}

void lib_open_debug(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"traceback", debug_traceback}, {"getinfo", debug_getinfo}, {NULL, NULL}};

    luaL_newlib(L, functions);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, LUA_DBLIBNAME);
    lua_pop(L, 1);
    lua_setglobal(L, LUA_DBLIBNAME);
}
