/* Waiting, which a box cannot do by itself: the monitor answers a Sleep when its time is over, and
 * a caller that keeps a rate limit replies how long to wait before asking again. */
#include <string.h>

#include "runtime/script/core/box.h"
#include "runtime/script/core/json.h"
#include "runtime/script/lib/lib.h"

void wait_sleep(lua_State *L, uint64_t secs, uint64_t nanos)
{
    struct wire *w = &box_of(L)->wire;
    const char *json;

    lua_pushfstring(L, "%I,\"nanos\":%I", (LUAI_UACINT)secs, (LUAI_UACINT)nanos);
    json = lua_tostring(L, -1);
    wire_drop_reply(w);
    wire_json(w, "{\"Sleep\":{\"secs\":", json, strlen(json), "}}");
    if (!wire_reply(L, w))
        lua_error(L);
    lua_pop(L, 2);
}

static uint64_t count_field(lua_State *L, int table, const char *name)
{
    lua_pushstring(L, name);
    lua_rawget(L, table);

    lua_Integer n = lua_tointeger(L, -1);

    lua_pop(L, 1);
    return n > 0 ? (uint64_t)n : 0;
}

/* The reply's "Ok" is on top: wait as it asks. Returns whether the limit let the script pass. */
static bool passed(lua_State *L)
{
    int ok = lua_gettop(L);

    if (!lua_istable(L, ok))
        return true;
    lua_pushliteral(L, "Retry");
    if (lua_rawget(L, ok) == LUA_TTABLE)
        wait_sleep(L, count_field(L, ok + 1, "secs"), count_field(L, ok + 1, "nanos"));
    lua_settop(L, ok);
    return false;
}

/* Push the event for the arguments: key, passes, milliseconds. */
static void push_event(lua_State *L)
{
    lua_Integer passes, time;
    size_t n;

    luaL_checkstring(L, 1);
    passes = luaL_checkinteger(L, 2);
    time = luaL_checkinteger(L, 3);
    luaL_argcheck(L, passes >= 0 && passes <= UINT32_MAX, 2, "expected 0 to 4294967295");
    luaL_argcheck(L, time >= 0 && time <= UINT32_MAX, 3, "expected 0 to 4294967295");
    lua_settop(L, 3);

    const char *key = json_encode(L, 1, "key", JSON_WIRE, &n);
    luaL_Buffer b;

    luaL_argcheck(L, n < 4096, 1, "key must be shorter than 4 KiB");
    luaL_buffinit(L, &b);
    luaL_addstring(&b, "{\"Ratelimit\":{\"key\":");
    luaL_addlstring(&b, key, n);
    luaL_pushresult(&b);
    lua_pushfstring(L, "%s,\"passes\":%I,\"time\":%I}}", lua_tostring(L, -1), (LUAI_UACINT)passes,
                    (LUAI_UACINT)time);
}

int wait_ratelimit(lua_State *L)
{
    struct wire *w = &box_of(L)->wire;
    bool done;

    push_event(L);

    size_t n;
    const char *event = lua_tolstring(L, -1, &n);

    do {
        wire_drop_reply(w);
        wire_json(w, "", event, n, "");
        if (!wire_reply(L, w))
            return 0;
        done = passed(L);
        lua_pop(L, 1);
    } while (!done);
    return 1;
}

int lib_ratelimit(lua_State *L)
{
    return wait_ratelimit(L) ? 0 : lua_error(L);
}
