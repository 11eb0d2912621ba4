/* What a main chunk can define without naming it, against the compiler that is linked: opcodes and
 * operands are held to it. */
#include "runtime/script/check/members.h"

#include <lauxlib.h>
#include <string.h>

#include "tests/unit/tap.h"

/* Whether KEY is among what SOURCE sets by name; -1: what it returns is open. */
static int look(lua_State *L, const char *source, const char *key, bool *globals)
{
    struct members m = {.keys = 1};
    int named;

    lua_settop(L, 0);
    lua_newtable(L);
    if (luaL_loadbufferx(L, source, strlen(source), "=x", "t") || members_look(L, &m) < 0)
        return -2;
    *globals = m.globals;
    named = lua_getfield(L, 1, key) != LUA_TNIL;
    return m.open ? -1 : named;
}

static const struct {
    const char *source;
    int add, mul; /* -1: open */
} cases[] = {
    {"", 0, 0},
    {"return", 0, 0},
    {"return nil", 0, 0},
    {"return 5", 0, 0},
    {"return 'x', {}", 0, 0},
    {"return function() end", 0, 0},
    {"return {add = 1}", 1, 0},
    {"return {add = 1, ['mul'] = 2}", 1, 1},
    {"return {1, 2, f()}", 0, 0},
    {"return {add = 1, [x] = 2}", -1, -1},
    {"return {a = {add = 1}}", 1, 0}, /* of whichever table */
    {"local M = {} function M.add() end return M", 1, 0},
    {"local M = {} M.add = 1 return (M)", 1, 0},
    {"do local M = {} M.add = 1 return M end", 1, 0},
    {"local M = {} function M.add() return M.mul end return M", 1, 0},
    {"local M = {} function M.add() M.mul = 1 end return M", 1, 1},
    {"local M = {} function M.add() return function() M.mul = 1 end end return M", 1, 1},
    {"local M = {} function M.add() return function() return M.x end end return M", 1, 0},
    {"local M = {} function M.add(a) local m = M return m.x(a) end return M", 1, 0},
    {"local M = {} M.add, M.b = 1, 2 local function h() return M.a + M.b end return M", 1, 0},
    {"local M = {} for i = 1, 3 do M.add = i end return M", 1, 0},
    {"local M = {} if M then f() end local n = #M return M", 0, 0},
    {"local M = {} if x then return M end M.add = 1 return M", 1, 0},
    {"local M = {} goto e ::e:: return M", 0, 0},
    {"local _ENV = {} function add() end return _ENV", 1, 0},
    {"local M = {} M[x] = 1 return M", -1, -1},
    {"local M = {} f(M) return M", -1, -1},
    {"local M = {} M:init() return M", -1, -1},
    {"local M = {} x = M return M", -1, -1},
    {"local M = {} t.x = M return M", -1, -1},
    {"local M = {} t[1] = M return M", -1, -1},
    {"local M = {} local t = {M} return M", -1, -1},
    {"local M = {} local N = M N[k] = 1 return M", -1, -1},
    {"local M = {} M.__index = M return M", -1, -1},
    {"local M = {} local x = M == y return M", -1, -1},
    {"local M = {} local x = M .. y return M", -1, -1},
    {"local M = {} local x = M + 1 return M", -1, -1},
    {"local M = {} local x = t[M] return M", -1, -1},
    {"local M <close> = {} return M", -1, -1},
    {"local M = {} M = f() return M", -1, -1},
    {"local M = x or {} return M", -1, -1},
    {"local M = x and {} or {a = 1} return M", -1, -1},
    {"local M = setmetatable({}, {__index = f}) return M", -1, -1},
    {"local M = {} for k, v in pairs(t) do M[k] = v end return M", -1, -1},
    {"local M = {} if x then return M end M[k] = 1 return M", -1, -1},
    {"local M = {} ::t:: if x then return M end M[k] = 1 goto t", -1, -1},
    {"while x do local M = {} if y then return M end M[z] = 1 end", -1, -1},
    {"local M = {} function M.f() g(M) end return M", -1, -1},
    {"local M = {} function M.f() return M end return M", -1, -1},
    {"local M = {} function M.f() M = f() end return M", -1, -1},
    {"local M = {} function M.f(k) M[k] = 1 end return M", -1, -1},
    {"local M = {} function M.f() return function(k) M[k] = 1 end end return M", -1, -1},
    {"local M = {} function M.f(a) local m = M m[a] = 1 end return M", -1, -1},
    {"local M = {} function M.f(a) local m if a then m = M end m[a] = 1 end return M", -1, -1},
    {"local M = {} function M.f(a) local m = M if a then m = {} end m[a] = 1 end return M", -1, -1},
    {"local M = {} coroutine.wrap(function() M[x] = 1 end)() return M", -1, -1},
    {"return require 'm'", -1, -1},
    {"return f()", -1, -1},
    {"return ...", -1, -1},
    {"return x", -1, -1},
    {"return 'a' .. x", -1, -1},
};

static const struct {
    const char *source;
    bool globals;
} worlds[] = {
    {"a = b function c() return d end", false},
    {"local e = _ENV", true},
    {"_ENV = {}", true},
    {"return function() return _ENV end", true},
    {"setmetatable(_ENV, {})", true},
    {"local _ENV = {} a = 1", false},
};

int main(void)
{
    lua_State *L = luaL_newstate();
    bool globals = false;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int add = look(L, cases[i].source, "add", &globals);
        int mul = look(L, cases[i].source, "mul", &globals);

        ok(add == cases[i].add && mul == cases[i].mul && !globals, "%s (%d, %d)", cases[i].source,
           add, mul);
    }
    for (size_t i = 0; i < sizeof worlds / sizeof worlds[0]; i++) {
        look(L, worlds[i].source, "", &globals);
        ok(globals == worlds[i].globals, "the globals' table: %s", worlds[i].source);
    }
    lua_close(L);
    return done();
}
