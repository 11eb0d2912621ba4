/* The instructions limit, exact whatever coroutines and finalizers do. Lua's count hook counts each
 * thread separately, does not report part of a period, and is off while a finalizer runs. So: each
 * thread is charged whenever another takes over (resume, wrap and close are ours), and finalizers
 * run in their own thread, where the hook works. Without a limit, none of this is installed. */
#include <lualib.h>
#include <string.h>

#include "runtime/script/arena/arena.h"
#include "runtime/script/core/box.h"
#include "runtime/script/lib/count.h"
#include "runtime/script/lib/lib.h"

#define PERIOD_MAX (1 << 30)
#define PROBE_INTS 64

/* Offset in lua_State of what is left of the period; 0: not known. Lua 5.4 has no call for it:
 * count_find() finds and checks the place by setting periods and searching for them. */
static size_t count_at;

static int remaining(lua_State *t)
{
    int n;

    memcpy(&n, (const char *)t + count_at, sizeof n);
    return n;
}

static void on_count(lua_State *t, lua_Debug *ar);

void count_arm(struct box *b, lua_State *t)
{
    lua_sethook(t, on_count, LUA_MASKCOUNT, b->left < PERIOD_MAX ? (int)b->left : PERIOD_MAX);
}

static void charge(struct box *b, int spent)
{
    b->left -= (uint64_t)spent < b->left ? (uint64_t)spent : b->left;
    if (!b->left)
        box_exit_limit(b, "instructions", "instruction limit reached");
}

void count_charge(struct box *b, lua_State *t)
{
    charge(b, lua_gethookcount(t) - remaining(t));
    count_arm(b, t);
}

static void on_count(lua_State *t, lua_Debug *ar)
{
    struct box *b = box_of(t);

    (void)ar;
    charge(b, lua_gethookcount(t)); /* a whole period; Lua has started the next */
    count_arm(b, t);
}

/* Does T, armed with PERIOD, hold it twice in a row (the period, and what is left) at offset AT? */
static bool keeps(lua_State *t, size_t at, int period)
{
    int pair[2];

    memcpy(pair, (const char *)t + at, sizeof pair);
    return pair[0] == period && pair[1] == period;
}

/* Where T keeps its period and what is left of it; 0 if there is no such place, or more than one. */
static size_t place_of_count(lua_State *t)
{
    static const int odd[] = {0x5a17c3e9, 0x16e9b54d};
    size_t place = 0;

    for (size_t at = 0; at < PROBE_INTS * sizeof(int); at += sizeof(int)) {
        bool both = true;

        for (int i = 0; i < 2; i++) {
            lua_sethook(t, on_count, LUA_MASKCOUNT, odd[i]);
            both = both && keeps(t, at, odd[i]);
        }
        if (both && place)
            return 0;
        if (both)
            place = at + sizeof(int);
    }
    return place;
}

bool count_find(lua_State *L)
{
    static const char loop[] = "for i = 1, 100 do end"; /* an instruction each, and a few around */
    int spent = 0;

    count_at = place_of_count(L);
    if (luaL_loadbufferx(L, loop, sizeof loop - 1, "=count", "t") != LUA_OK)
        lua_error(L);
    lua_sethook(L, on_count, LUA_MASKCOUNT, PERIOD_MAX);
    lua_call(L, 0, 0);
    if (count_at)
        spent = PERIOD_MAX - remaining(L);
    lua_sethook(L, NULL, 0, 0);
    return spent >= 100 && spent < 110;
}

static int count_trial(lua_State *L)
{
    lua_pushboolean(L, count_find(L));
    return 1;
}

/* count_find(), for a box that was begun without a limit. */
static bool count_find_late(struct box *b)
{
    lua_State *trial = lua_newstate(arena_lua, b->arena);
    bool found;

    if (!trial)
        box_exit_limit(b, "memory", "not enough memory to count instructions");
    lua_pushcfunction(trial, count_trial);
    found = lua_pcall(trial, 0, 1, 0) == LUA_OK && lua_toboolean(trial, -1);
    lua_close(trial);
    return found;
}

void count_lower(lua_State *L, uint64_t most)
{
    struct box *b = box_of(L);
    bool limited = b->left != UINT64_MAX;

    if (most >= b->left)
        return;
    if (!limited && !count_at && !count_find_late(b))
        luaL_error(L, LUA_RELEASE " counts instructions in a way unknown here");
    b->left = most;
    if (limited)
        count_arm(b, L);
    else
        lib_open_count(L);
}

/* Run CO with the N values on top of L. Push what it yields or returns and return their number, or
 * push its error and return -1. Like auxresume() of lcorolib.c. */
static int resume(lua_State *L, lua_State *co, int n)
{
    struct box *b = box_of(L);
    int results, status;

    if (!lua_checkstack(co, n)) {
        lua_pushliteral(L, "too many arguments to resume");
        return -1;
    }
    lua_xmove(L, co, n);
    count_charge(b, L);
    count_arm(b, co);
    status = lua_resume(co, L, n, &results);
    count_charge(b, co);
    count_arm(b, L);
    if (status != LUA_OK && status != LUA_YIELD) {
        lua_xmove(co, L, 1);
        return -1;
    }
    if (!lua_checkstack(L, results + 1)) {
        lua_pop(co, results);
        lua_pushliteral(L, "too many results to resume");
        return -1;
    }
    lua_xmove(co, L, results);
    return results;
}

static lua_State *thread_arg(lua_State *L)
{
    lua_State *co = lua_tothread(L, 1);

    luaL_argexpected(L, co, 1, "thread");
    return co;
}

static int count_resume(lua_State *L)
{
    lua_State *co = thread_arg(L);
    int n = resume(L, co, lua_gettop(L) - 1);

    lua_pushboolean(L, n >= 0);
    if (n < 0)
        n = 1;
    lua_insert(L, -(n + 1));
    return n + 1;
}

static int wrapped(lua_State *L)
{
    struct box *b = box_of(L);
    lua_State *co = lua_tothread(L, lua_upvalueindex(1));
    int n = resume(L, co, lua_gettop(L));
    int status = lua_status(co);

    if (n >= 0)
        return n;
    if (status != LUA_OK && status != LUA_YIELD) {
        status = lua_resetthread(co); /* runs its to-be-closed variables */
        count_charge(b, co);
        count_arm(b, L);
        lua_xmove(co, L, 1);
    }
    if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) {
        luaL_where(L, 1);
        lua_insert(L, -2);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

static int count_wrap(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);

    lua_State *co = lua_newthread(L);

    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    lua_pushcclosure(L, wrapped, 1);
    return 1;
}

/* Upvalue: stock coroutine.close, which runs to-be-closed variables in the coroutine. It has no upvalues
 * and runs in this function's frame, so that its errors have the script's line. */
static int count_close(lua_State *L)
{
    struct box *b = box_of(L);
    lua_State *co = thread_arg(L);
    int n;

    count_charge(b, L);
    count_charge(b, co);
    n = lua_tocfunction(L, lua_upvalueindex(1))(L);
    count_charge(b, co);
    count_arm(b, L);
    return n;
}

static void open_coroutine(lua_State *L)
{
    lua_getglobal(L, LUA_COLIBNAME);
    lua_pushcfunction(L, count_resume);
    lua_setfield(L, -2, "resume");
    lua_pushcfunction(L, count_wrap);
    lua_setfield(L, -2, "wrap");
    lua_getfield(L, -1, "close");
    lua_pushcclosure(L, count_close, 1);
    lua_setfield(L, -2, "close");
    lua_pop(L, 1);
}

void lib_open_count(lua_State *L)
{
    count_open_finalizers(L);
    open_coroutine(L);
    count_arm(box_of(L), L);
}
