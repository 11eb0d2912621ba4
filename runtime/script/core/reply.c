/* Lines in: the start line and the replies, one for each request. A usual one fits in a static
 * buffer; a longer one is gathered in Lua's memory. A line that did not fit in memory is dropped
 * before the next request, so that no reply is ever taken for another's. */
#include <errno.h>
#include <lauxlib.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "runtime/script/core/json.h"
#include "runtime/script/core/wire.h"

static size_t read_some(struct wire *w, char *to, size_t n)
{
    for (;;) {
        ssize_t got = read(0, to, n);

        w->heard = got > 0;
        if (got > 0)
            return (size_t)got;
        if (got == 0 || errno != EINTR)
            _exit(WIRE_GONE);
    }
}

/* As much as .in holds at once: what comes together costs one call. */
void wire_take(struct wire *w, void *to, size_t n)
{
    for (char *at = to; n;) {
        size_t some;

        if (!w->got && n >= sizeof w->in) {
            some = read_some(w, at, n);
        } else {
            if (!w->got)
                w->got = read_some(w, w->in, sizeof w->in);
            some = w->got < n ? w->got : n;
            memcpy(at, w->in, some);
            w->got -= some;
            memmove(w->in, w->in + some, w->got);
        }
        at += some;
        n -= some;
    }
}

void wire_skip(struct wire *w, size_t n)
{
    char unread[512];

    for (size_t some; n; n -= some) {
        some = n < sizeof unread ? n : sizeof unread;
        wire_take(w, unread, some);
    }
}

void wire_drop_reply(struct wire *w)
{
    if (w->got)
        w->owed = w->in[w->got - 1] != '\n';
    w->got = 0;
    /* The monitor sends one line per request, so nothing can follow the '\n'. */
    while (w->owed)
        w->owed = w->in[read_some(w, w->in, sizeof w->in) - 1] != '\n';
}

bool wire_begins(struct wire *w, const char *head)
{
    size_t n = strlen(head);

    w->owed = true;
    while (w->got < n && (!w->got || w->in[w->got - 1] != '\n'))
        w->got += read_some(w, w->in + w->got, sizeof w->in - w->got);
    return w->got >= n && memcmp(w->in, head, n) == 0;
}

static int allocate(lua_State *L)
{
    lua_newuserdatauv(L, (size_t)lua_tointeger(L, 1), 0);
    return 1;
}

void wire_no_memory(lua_State *L)
{
    lua_newuserdatauv(L, PTRDIFF_MAX / 2, 0);
}

char *wire_push_room(lua_State *L, size_t n)
{
    lua_gc(L, LUA_GCSTOP);
    lua_pushcfunction(L, allocate);
    lua_pushinteger(L, (lua_Integer)n);

    int status = lua_pcall(L, 1, 1, 0);

    lua_gc(L, LUA_GCRESTART);
    if (status != LUA_OK)
        wire_no_memory(L);
    return lua_touserdata(L, -1);
}

const char *wire_line(lua_State *L, struct wire *w, size_t *n)
{
    char *line = w->in;
    size_t cap = sizeof w->in, len;

    w->owed = true;
    luaL_checkstack(L, 4 + LUA_MINSTACK, "replies");
    len = w->got ? w->got : read_some(w, line, cap);
    w->got = 0;
    lua_pushnil(L);
    while (line[len - 1] != '\n') {
        if (len == cap) {
            if (cap >= w->line_max)
                luaL_error(L, "a line is longer than %d bytes", (int)w->line_max);

            char *more = wire_push_room(L, cap *= 2);

            memcpy(more, line, len);
            lua_replace(L, -2);
            line = more;
        }
        len += read_some(w, line + len, cap - len);
    }
    w->owed = false;
    *n = len - 1;
    if (line != w->in)
        return line;
    /* Any allocation may run a finalizer, whose own reply would overwrite this buffer. */
    lua_pushlstring(L, line, len - 1);
    lua_replace(L, -2);
    return lua_tostring(L, -1);
}

/* The number in a reply's line, or 0. What has come behind the line stays in .in. */
static size_t take_count(struct wire *w)
{
    size_t count = 0, n;
    char *end = NULL;

    while (!end) {
        w->got += read_some(w, w->in + w->got, sizeof w->in - w->got);
        end = memchr(w->in, '\n', w->got);
    }
    for (const char *at = w->in; at < end; at++)
        if (*at >= '0' && *at <= '9')
            count = count * 10 + (size_t)(*at - '0');
    n = (size_t)(end + 1 - w->in);
    w->got -= n;
    memmove(w->in, end + 1, w->got);
    return count;
}

size_t wire_read(struct wire *w, char *to, size_t n)
{
    size_t came;

    wire_drop_reply(w);
    wire_ask_bytes(w, n);
    came = take_count(w);
    came = came < n ? came : n;
    wire_take(w, to, came);
    return came;
}

static int take_reply(lua_State *L, struct wire *w,
                      void (*decode)(lua_State *, const char *, size_t, int))
{
    size_t n;
    const char *line = wire_line(L, w, &n);
    int top = lua_gettop(L);

    decode(L, line, n, JSON_LINE);
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

int wire_reply(lua_State *L, struct wire *w)
{
    return take_reply(L, w, json_decode);
}

int wire_reply_refs(lua_State *L, struct wire *w)
{
    return take_reply(L, w, json_decode_refs);
}
