/* load, loadfile and dofile: text alone, since a crafted binary chunk can take over the process.
 * loadfile and dofile know the sources that came with the setup, and no other file. */
#include <string.h>

#include "runtime/script/core/box.h"
#include "runtime/script/core/source.h"
#include "runtime/script/lib/lib.h"

#define PATH_LONGEST 512
#define MODE_LONGEST 32 /* of a mode in a message */

#define BINARY "attempt to load a binary chunk ("
#define TEXT   "attempt to load a text chunk ("

static bool on_top(lua_State *L, const char *head)
{
    return lua_type(L, -1) == LUA_TSTRING && strncmp(lua_tostring(L, -1), head, strlen(head)) == 0;
}

/* The failure of a chunk that was loaded with another mode than the script asked for is on top: tell
 * it of that one. */
static void tell_mode(lua_State *L, const char *mode)
{
    bool binary = on_top(L, BINARY "mode is "), text = on_top(L, TEXT "mode is ");

    if (!binary && !text)
        return;
    lua_pop(L, 1);
    if (binary && strchr(mode, 'b'))
        lua_pushliteral(L, BINARY "the box loads text only)");
    else
        lua_pushfstring(L, "%smode is '%s')", binary ? BINARY : TEXT, mode);
}

/* Stock load has no upvalues: it runs in this function's frame, so that its errors name this one, but
 * leaves nothing else there. A mode without 't' admits nothing here: "" says so to stock load. */
int lib_load(lua_State *L)
{
    char mode[MODE_LONGEST];
    int n;

    if (lua_isnone(L, 1))
        luaL_checktype(L, 1, LUA_TFUNCTION);
    strncat(strcpy(mode, ""), luaL_optstring(L, 3, "bt"), sizeof mode - 1);
    if (lua_gettop(L) < 3)
        lua_settop(L, 3);
    lua_pushstring(L, strchr(mode, 't') ? "t" : "");
    lua_replace(L, 3);
    n = lua_tocfunction(L, lua_upvalueindex(1))(L);
    if (n == 2)
        tell_mode(L, mode);
    return n;
}

/* PATH as the setup names it: "a/b.lua" for "./a//b.lua", "a/x/../b.lua" and "/bundle/a/b.lua". False
 * if it is outside. */
static bool bundle_path(const char *path, char *out, size_t *len)
{
    size_t n = 0;

    if (strncmp(path, "/bundle/", 8) == 0)
        path += 8;
    else if (*path == '/')
        return false;
    while (*path) {
        size_t part = strcspn(path, "/");

        if (part == 2 && memcmp(path, "..", 2) == 0) {
            if (n == 0)
                return false;
            while (n > 0 && out[--n] != '/')
                ;
        } else if (part > 0 && !(part == 1 && *path == '.')) {
            if (n + 1 + part >= PATH_LONGEST)
                return false;
            if (n)
                out[n++] = '/';
            memcpy(out + n, path, part);
            n += part;
        }
        path += part + (path[part] == '/');
    }
    out[n] = '\0';
    *len = n;
    return true;
}

/* The bytes of source PATH, or of standard input if it is NULL, in *TEXT, as *NAME. What holds them is
 * pushed; or why there are none: false. */
static bool find_chunk(lua_State *L, const char *path, char name[PATH_LONGEST], struct text *text)
{
    size_t n;

    if (!path) {
        strcpy(name, "stdin");
        lua_pushliteral(L, "a");
        input_read(L, lua_gettop(L));
        lua_remove(L, -2);
        text->at = lua_tolstring(L, -1, &text->n);
        return true;
    }
    if (bundle_path(path, name, &n) && boot_source(&box_of(L)->boot, name, n, text)) {
        lua_pushnil(L);
        return true;
    }
    lua_pushfstring(L, "cannot open %s: the bundle has no such source (*.lua)", path);
    return false;
}

/* Push the function, or why it cannot be had: false. MODE as in load. */
static bool load_chunk(lua_State *L, const char *path, const char *mode)
{
    char name[PATH_LONGEST];
    struct text text;
    int status;

    if (!find_chunk(L, path, name, &text))
        return false;
    status = source_load(L, name, text);
    lua_remove(L, -2);
    if (status == LUA_ERRMEM)
        lua_error(L);
    if (!strchr(mode, 't') && !on_top(L, BINARY)) {
        lua_pop(L, 1);
        lua_pushliteral(L, TEXT "mode is ");
        status = LUA_ERRSYNTAX;
    }
    if (status != LUA_OK)
        tell_mode(L, mode);
    return status == LUA_OK;
}

int lib_loadfile(lua_State *L)
{
    const char *path = luaL_optstring(L, 1, NULL), *mode = luaL_optstring(L, 2, "bt");
    bool env = !lua_isnone(L, 3);

    lua_settop(L, 3);
    if (!load_chunk(L, path, mode)) {
        luaL_pushfail(L);
        lua_insert(L, -2);
        return 2;
    }
    if (env) {
        lua_pushvalue(L, 3);
        lua_setupvalue(L, -2, 1);
    }
    return 1;
}

static int dofile_returns(lua_State *L, int status, lua_KContext unused)
{
    (void)status;
    (void)unused;
    return lua_gettop(L) - 1;
}

int lib_dofile(lua_State *L)
{
    const char *path = luaL_optstring(L, 1, NULL);

    lua_settop(L, 1);
    if (!load_chunk(L, path, "bt"))
        return lua_error(L);
    lua_callk(L, 0, LUA_MULTRET, 0, dofile_returns);
    return dofile_returns(L, LUA_OK, 0);
}
