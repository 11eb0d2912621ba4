/* Lines in: the start line and the replies, one for each request. A usual one fits a static buffer;
 * a longer one is gathered in Lua's memory. What cannot be read for want of memory is dropped
 * before the next request, so that no reply is ever taken for another's. */
#include <errno.h>
#include <lauxlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/script/json.h"
#include "runtime/script/wire.h"

static size_t read_some(char *to, size_t n)
{
    for (;;) {
        ssize_t got = read(0, to, n);

        if (got > 0)
            return (size_t)got;
        if (got == 0 || errno != EINTR)
            _exit(WIRE_GONE);
    }
}

void wire_settle(struct wire *w)
{
    /* The monitor sends one line for each request, so nothing can follow the '\n'. */
    while (w->owed)
        w->owed = w->in[read_some(w->in, sizeof w->in) - 1] != '\n';
}

const char *wire_line(lua_State *L, struct wire *w, size_t *n)
{
    char *line = w->in;
    size_t cap = sizeof w->in, len;

    luaL_checkstack(L, 4, "replies");
    w->owed = true;
    len = read_some(line, cap);
    lua_pushnil(L);
    while (line[len - 1] != '\n') {
        if (len == cap) {
            if (cap >= w->line_max)
                luaL_error(L, "a reply is longer than %d bytes", (int)w->line_max);

            char *more = lua_newuserdatauv(L, cap *= 2, 0);

            memcpy(more, line, len);
            lua_replace(L, -2);
            line = more;
        }
        len += read_some(line + len, cap - len);
    }
    w->owed = false;
    *n = len - 1;
    return line;
}

int wire_reply(lua_State *L, struct wire *w)
{
    size_t n;
    const char *line = wire_line(L, w, &n);
    int top = lua_gettop(L);

    json_decode(L, line, n, JSON_LINE);
    if (!lua_istable(L, -1))
        luaL_error(L, "a reply is not an object");
    lua_pushliteral(L, "Err");
    int err = lua_rawget(L, -2) == LUA_TSTRING;

    if (!err) {
        lua_pop(L, 1);
        lua_pushliteral(L, "Ok");
        lua_rawget(L, -2);
    }
    lua_replace(L, top);
    lua_settop(L, top);
    return !err;
}
