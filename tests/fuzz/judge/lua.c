/* The box's own reader as a judge: what the monitor sends into a box must be read there. It has no
 * library but JSON's. */
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/script/core/json.h"
#include "tests/fuzz/judge/judge.h"

static int open_json(lua_State *L)
{
    json_open(L);
    return 0;
}

struct lua_State *judge_lua(void)
{
    lua_State *L = luaL_newstate();

    must(L, "no Lua state");
    lua_pushcfunction(L, open_json);
    must(lua_pcall(L, 0, 0, 0) == LUA_OK, "json_open fails");
    return L;
}

struct reading {
    const char *text;
    size_t n;
    int depth;
};

static int read_json(lua_State *L)
{
    const struct reading *r = lua_touserdata(L, 1);

    json_decode(L, r->text, r->n, r->depth);
    return 1;
}

bool judge_decodes(struct lua_State *L, const char *text, size_t n, int depth)
{
    char *line = malloc(n + 1); /* a line's end follows it, as in the box */
    struct reading r = {line, n, depth};
    bool decodes;

    must(line, "no memory");
    memcpy(line, text, n);
    line[n] = '\n';
    lua_pushcfunction(L, read_json);
    lua_pushlightuserdata(L, &r);
    decodes = lua_pcall(L, 1, 1, 0) == LUA_OK;
    free(line);
    return decodes;
}

bool judge_line(const char *text, size_t n)
{
    lua_State *L = judge_lua();
    bool decodes = judge_decodes(L, text, n, JSON_LINE);

    lua_close(L);
    return decodes;
}
