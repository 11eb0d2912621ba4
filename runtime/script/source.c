/* Text of the bundle to Lua functions, never binary chunks: see source.h. */
#include "runtime/script/source.h"

#include <lauxlib.h>
#include <string.h>

int source_load(lua_State *L, const char *path, struct text bytes)
{
    if (bytes.n >= 3 && memcmp(bytes.at, "\xef\xbb\xbf", 3) == 0) {
        bytes.at += 3;
        bytes.n -= 3;
    }
    while (bytes.n && bytes.at[0] == '#') { /* up to the '\n', which keeps the lines' numbers */
        const char *end = memchr(bytes.at, '\n', bytes.n);
        size_t skip = end ? (size_t)(end - bytes.at) : bytes.n;

        bytes.at += skip;
        bytes.n -= skip;
    }

    const char *name = lua_pushfstring(L, "@%s", path);
    int status = luaL_loadbufferx(L, bytes.at, bytes.n, name, "t");

    lua_remove(L, -2);
    return status;
}
