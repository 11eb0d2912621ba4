/* collectgarbage. What tunes or stops the collector is taken as advice, which it does not follow: a
 * box's memory is its own, and how soon it is full depends on no script. The answers have stock's
 * form. */
#include <string.h>

#include "runtime/script/core/box.h"
#include "runtime/script/lib/lib.h"

#define PAUSE    200 /* Lua's own: LUAI_GCPAUSE, LUAI_GCMUL */
#define STEP_MUL 100

enum option {
    COLLECT,
    COUNT,
    STEP,
    STOP,
    RESTART,
    IS_RUNNING,
    INCREMENTAL,
    GENERATIONAL,
    SET_PAUSE,
    SET_STEP_MUL
};

/* What a script was last told to have set, as differences: all zero at first. */
static struct {
    bool stopped, generational;
    int pause, step_mul;
} advice;

static int set_parameter(lua_State *L, int *kept, int first)
{
    int previous = *kept + first;

    *kept = (int)((unsigned)luaL_optinteger(L, 2, 0) - (unsigned)first);
    lua_pushinteger(L, previous);
    return 1;
}

static int set_mode(lua_State *L, bool generational)
{
    lua_pushstring(L, advice.generational ? "generational" : "incremental");
    advice.generational = generational;
    return 1;
}

/* Within a finalizer lua_gc() does nothing and returns -1, and stock says nil. */
static int ask_collector(lua_State *L, enum option what)
{
    int answer;

    if (what == COLLECT) {
        answer = lua_gc(L, LUA_GCCOLLECT);
        lua_pushinteger(L, answer < 0 ? 0 : answer);
        return 1;
    }
    if (what == COUNT)
        answer = lua_gc(L, LUA_GCCOUNT);
    else
        answer = lua_gc(L, LUA_GCSTEP, (int)luaL_optinteger(L, 2, 0));
    if (answer < 0)
        luaL_pushfail(L);
    else if (what == COUNT)
        lua_pushnumber(L, answer + lua_gc(L, LUA_GCCOUNTB) / 1024.0);
    else
        lua_pushboolean(L, answer);
    return 1;
}

int lib_collectgarbage(lua_State *L)
{
    static const char *const names[] = {[COLLECT] = "collect",
                                        [COUNT] = "count",
                                        [STEP] = "step",
                                        [STOP] = "stop",
                                        [RESTART] = "restart",
                                        [IS_RUNNING] = "isrunning",
                                        [INCREMENTAL] = "incremental",
                                        [GENERATIONAL] = "generational",
                                        [SET_PAUSE] = "setpause",
                                        [SET_STEP_MUL] = "setstepmul",
                                        [SET_STEP_MUL + 1] = NULL};
    enum option what = (enum option)luaL_checkoption(L, 1, "collect", names);

    switch (what) {
    case STOP:
    case RESTART:
        advice.stopped = what == STOP;
        lua_pushinteger(L, 0);
        return 1;
    case IS_RUNNING:
        lua_pushboolean(L, !advice.stopped);
        return 1;
    case INCREMENTAL:
    case GENERATIONAL:
        return set_mode(L, what == GENERATIONAL);
    case SET_PAUSE:
        return set_parameter(L, &advice.pause, PAUSE);
    case SET_STEP_MUL:
        return set_parameter(L, &advice.step_mul, STEP_MUL);
    default:
        return ask_collector(L, what);
    }
}
