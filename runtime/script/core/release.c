/* Compares releases: when this is compiled, the headers' with those known; when the program starts,
 * the library's with the headers'. */
#include "runtime/script/core/release.h"

#include <stdio.h>
#include <string.h>

#define IDENT "$LuaVersion: "

_Static_assert(LUA_VERSION_NUM == 504,
               "the headers that LUA_CFLAGS names are of " LUA_RELEASE ": runbox needs Lua 5.4");
_Static_assert(LUA_VERSION_RELEASE_NUM >= RELEASE_FIRST && LUA_VERSION_RELEASE_NUM <= RELEASE_LAST,
               "the headers that LUA_CFLAGS names are of " LUA_RELEASE
               ", whose internals runbox does not know: runtime/script/core/release.h says more");
_Static_assert(sizeof(lua_Integer) == 8 && sizeof(lua_Number) == 8,
               "the headers that LUA_CFLAGS names are of a Lua with numbers of 32 bits");

extern const char lua_ident[]; /* lapi.c: "$LuaVersion: Lua 5.4.4  Copyright ..." */

bool release_fits(char *out, size_t size)
{
    static const char built[] = IDENT LUA_RELEASE "  ";
    const char *linked = lua_ident + sizeof IDENT - 1;

    if (strncmp(lua_ident, built, sizeof built - 1) == 0)
        return true;
    snprintf(out, size, "was compiled for " LUA_RELEASE " and linked with Lua %.*s: build it again",
             (int)strspn(linked + strlen("Lua "), "0123456789."), linked + strlen("Lua "));
    return false;
}
