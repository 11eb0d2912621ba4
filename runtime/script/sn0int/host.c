/* Input from outside the box: keys and options of the start line, stdin; and waiting. */
#include <math.h>
#include <string.h>

#include "runtime/script/core/box.h"
#include "runtime/script/lib/lib.h"
#include "runtime/script/sn0int/sandbox.h"

#define SN0INT_VERSION "0.26.1" /* the release whose library this is */

static bool host_is_text(lua_State *L, const char *text, size_t n)
{
    size_t len;
    const char *s = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &len) : NULL;

    return s && len == n && memcmp(s, text, n) == 0;
}

/* Whether the entry on top matches QUERY, "namespace" or "namespace:access_key". */
static bool matches(lua_State *L, const char *query, size_t n)
{
    const char *colon = memchr(query, ':', n);
    size_t head = colon ? (size_t)(colon - query) : n;
    bool same;

    lua_getfield(L, -1, "namespace");
    same = host_is_text(L, query, head);
    lua_getfield(L, -2, "access_key");
    same = same && (!colon || host_is_text(L, colon + 1, n - head - 1));
    lua_pop(L, 2);
    return same;
}

static int keyring(lua_State *L)
{
    size_t n;
    const char *query = luaL_checklstring(L, 1, &n);

    lua_settop(L, 1);
    lua_newtable(L);
    if (sandbox_start(L, "keyring") != LUA_TTABLE)
        return lua_pop(L, 1), 1;
    for (lua_Integer i = 1; lua_rawgeti(L, 3, i) == LUA_TTABLE; i++) {
        if (matches(L, query, n)) { /* a copy: the module may change it */
            lua_newtable(L);
            for (lua_pushnil(L); lua_next(L, 4);) {
                lua_pushvalue(L, -2);
                lua_insert(L, -2);
                lua_rawset(L, 5);
            }
            lua_rawseti(L, 2, (lua_Integer)lua_rawlen(L, 2) + 1);
        }
        lua_settop(L, 3);
    }
    lua_settop(L, 2);
    return 1;
}

static int getopt(lua_State *L)
{
    luaL_checkstring(L, 1);
    lua_settop(L, 1);
    if (sandbox_start(L, "options") != LUA_TTABLE)
        return lua_pushnil(L), 1;
    lua_pushvalue(L, 1);
    lua_rawget(L, 2);
    return 1;
}

/* Upvalue: the request. Returns a text, or nil at end of file. */
static int read_stdin(lua_State *L)
{
    struct wire *w = &box_of(L)->wire;

    wire_drop_reply(w);
    wire_json(w, lua_tostring(L, lua_upvalueindex(1)), "", 0, "");
    if (!wire_reply(L, w))
        return sandbox_fail(L, "Failed to read stdin: %s", lua_tostring(L, -1));
    if (lua_type(L, -1) != LUA_TSTRING)
        lua_pushnil(L);
    return 1;
}

static int ratelimit_throttle(lua_State *L)
{
    if (!wait_ratelimit(L))
        return sandbox_fail(L, "Unexpected error case for ratelimit: %s", lua_tostring(L, -1));
    return 0;
}

static int sandbox_sleep(lua_State *L)
{
    lua_Number seconds = luaL_checknumber(L, 1), whole = floor(seconds);

    luaL_argcheck(L, seconds >= 0 && seconds <= INT32_MAX, 1, "expected 0 to 2147483647");
    wait_sleep(L, (uint64_t)whole, (uint64_t)((seconds - whole) * 1e9));
    return 0;
}

static int sn0int_version(lua_State *L)
{
    lua_pushliteral(L, SN0INT_VERSION);
    return 1;
}

void sandbox_open_host(lua_State *L)
{
    static const luaL_Reg functions[] = {{"keyring", keyring},
                                         {"getopt", getopt},
                                         {"ratelimit_throttle", ratelimit_throttle},
                                         {"sleep", sandbox_sleep},
                                         {"sn0int_version", sn0int_version},
                                         {NULL, NULL}};
    static const char *const reads[][2] = {{"stdin_readline", "{\"Stdio\":\"Readline\"}"},
                                           {"stdin_read_line", "{\"Stdio\":\"Readline\"}"},
                                           {"stdin_read_to_end", "{\"Stdio\":\"ToEnd\"}"}};

    lua_pushglobaltable(L);
    luaL_setfuncs(L, functions, 0);
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
        lua_pushstring(L, reads[i][1]);
        lua_pushcclosure(L, read_stdin, 1);
        lua_setfield(L, -2, reads[i][0]);
    }
    lua_pop(L, 1);
}
