/* Text of the bundle to Lua functions, never binary chunks: see source.h. */
#include "runtime/script/core/source.h"

#include <lauxlib.h>
#include <string.h>

#include "runtime/script/core/closures.h"

struct source {
    const char *name;
    struct text bytes;
};

/* Returns the status, and the chunk or the error. */
static int core_source_load(lua_State *L)
{
    const struct source *s = lua_touserdata(L, 1);

    lua_pushinteger(L, luaL_loadbufferx(L, s->bytes.at, s->bytes.n, s->name, "t"));
    lua_insert(L, -2);
    return 2;
}

/* Compile in a separate call without a message handler: for an error that Lua 5.4's compiler does
 * not treat as a syntax error, such as more than 200 nested C calls (luaE_checkcstack()), it would
 * run the outer handler; such an error also has no position. */
static int load_quietly(lua_State *L, const struct source *s)
{
    closures_push_hidden(L, core_source_load);
    lua_pushlightuserdata(L, (void *)s);

    int status = lua_pcall(L, 1, 2, 0);

    if (status == LUA_OK) {
        status = (int)lua_tointeger(L, -2);
        lua_remove(L, -2);
    }
    if (status == LUA_ERRRUN) {
        const char *why = lua_tostring(L, -1);
        const char *when = strcmp(why, "C stack overflow") == 0 ? " while it is compiled" : "";

        lua_pushfstring(L, "%s: %s%s", s->name + 1, why, when);
        lua_remove(L, -2);
    }
    return status;
}

int source_load(lua_State *L, const char *path, struct text bytes)
{
    if (bytes.n >= 3 && memcmp(bytes.at, "\xef\xbb\xbf", 3) == 0) {
        bytes.at += 3;
        bytes.n -= 3;
    }
    while (bytes.n && bytes.at[0] == '#') { /* up to the '\n', which keeps the line numbers */
        const char *end = memchr(bytes.at, '\n', bytes.n);
        size_t skip = end ? (size_t)(end - bytes.at) : bytes.n;

        bytes.at += skip;
        bytes.n -= skip;
    }

    const char *name = lua_pushfstring(L, "@%s", path);
    int status = load_quietly(L, &(struct source){name, bytes});

    lua_remove(L, -2);
    return status;
}
