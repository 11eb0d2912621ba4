/* The base library, without what reaches outside the state; and string, table, math, utf8, coroutine.
 * Removes functions from Lua's own libraries rather than rewriting them. */
#include <lualib.h>
#include <string.h>

#include "runtime/script/core/box.h"
#include "runtime/script/core/closures.h"
#include "runtime/script/lib/lib.h"

/* Send one event per print, unless the text is longer than the gather buffer. */
static int base_print(lua_State *L)
{
    struct wire *w = &box_of(L)->wire;
    int n = lua_gettop(L);
    size_t total = (size_t)n, len;

    luaL_checkstack(L, n + 4, "too many arguments");
    for (int i = 1; i <= n; i++) {
        luaL_tolstring(L, i, &len);
        lua_replace(L, i);
        total += len;
    }
    if (!wire_room(w, total))
        wire_sync(w);
    for (int i = 1; i <= n; i++) {
        const char *s = lua_tolstring(L, i, &len);

        if (i > 1)
            wire_gather(w, "\t", 1);
        wire_gather(w, s, len);
    }
    wire_write(w, "\n", 1);
    return 0;
}

void lib_warn(void *ud, const char *text, int more)
{
    static char line[4096];
    static size_t n;
    struct box *b = ud;
    size_t len = strlen(text);

    if (!b->warn_goes_on && !more && *text == '@') { /* a control message, as in the manual */
        if (strcmp(text, "@off") == 0 || strcmp(text, "@on") == 0)
            b->warnings = text[2] == 'n';
        return;
    }
    if (len > sizeof line - n)
        len = sizeof line - n; /* must not allocate: a longer warning is cut */
    memcpy(line + n, text, len);
    n += len;
    b->warn_goes_on = more;
    if (more)
        return;
    if (b->warnings)
        wire_log(&b->wire, "Warn", line, n);
    n = 0;
}

static void base_drop(lua_State *L, const char *const *names)
{
    for (; *names; names++) {
        lua_pushnil(L);
        lua_setfield(L, -2, *names);
    }
}

static void open_base(lua_State *L)
{
    static const luaL_Reg own[] = {{"print", base_print},
                                   {"collectgarbage", lib_collectgarbage},
                                   {"loadfile", lib_loadfile},
                                   {"dofile", lib_dofile},
                                   {NULL, NULL}};

    luaL_requiref(L, LUA_GNAME, luaopen_base, 1);
    luaL_setfuncs(L, own, 0);
    lua_getfield(L, -1, "next"); /* pairs() returns it too */
    closures_known(L, -1);
    lua_pop(L, 1);
    lua_getfield(L, -1, "load");
    lua_pushcclosure(L, lib_load, 1);
    lua_setfield(L, -2, "load");
    lua_pop(L, 1);
}

static void open_string(lua_State *L)
{
    static const char *const binary[] = {"dump", NULL};

    luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 1);
    base_drop(L, binary);
    lua_pop(L, 1);
    /* All strings share one metatable: lock it, so that no module changes it for the others. */
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
}

/* Upvalues: the state of the stock functions, which they find there when they run in this function's
 * frame, so that their errors name it; stock randomseed, stock random. Without arguments, stock seeds
 * from the time and an address, and returns both; here two numbers from the run's own seeded
 * sequence replace them. */
static int base_randomseed(lua_State *L)
{
    if (lua_gettop(L) == 0) {
        lua_CFunction draw = lua_tocfunction(L, lua_upvalueindex(3));
        lua_Integer drawn;

        lua_pushinteger(L, 0); /* random(0): all bits */
        draw(L);
        drawn = lua_tointeger(L, -1);
        lua_settop(L, 1);
        draw(L);
        lua_replace(L, 1);
        lua_settop(L, 1);
        lua_pushinteger(L, drawn);
        lua_insert(L, 1);
    }
    return lua_tocfunction(L, lua_upvalueindex(2))(L);
}

static void open_math(lua_State *L)
{
    luaL_requiref(L, LUA_MATHLIBNAME, luaopen_math, 1);
    lua_getfield(L, -1, "randomseed");
    lua_getupvalue(L, -1, 1);
    lua_insert(L, -2);
    lua_getfield(L, -3, "random");
    lua_pushcclosure(L, base_randomseed, 3);
    lua_setfield(L, -2, "randomseed");
    lua_pop(L, 1);
}

void lib_open_base(lua_State *L)
{
    static const luaL_Reg whole[] = {{LUA_TABLIBNAME, luaopen_table},
                                     {LUA_UTF8LIBNAME, luaopen_utf8},
                                     {LUA_COLIBNAME, luaopen_coroutine},
                                     {NULL, NULL}};

    open_base(L);
    open_string(L);
    open_math(L);
    for (const luaL_Reg *lib = whole; lib->name; lib++) {
        luaL_requiref(L, lib->name, lib->func, 1);
        lua_pop(L, 1);
    }
}
