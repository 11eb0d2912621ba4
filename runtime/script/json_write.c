/* Lua values to JSON text, into a buffer that Lua's collector owns. Reads tables raw: no metamethod
 * of a script runs here, so nothing changes under our feet; a collection still may empty a weak
 * table, so what is needed of one is kept on the stack. */
#include <inttypes.h>
#include <lauxlib.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/script/json.h"
#include "runtime/script/sort.h"
#include "runtime/script/utf8.h"

struct step { /* from a table to a value in it */
    const void *table;
    const char *key; /* NULL: index */
    size_t n;
    lua_Integer index;
};

struct writer {
    lua_State *L;
    const char *what;
    enum json_for use;
    int slot; /* stack index of the buffer's userdata */
    char *data;
    size_t used, cap;
    int depth;
    struct step path[JSON_DEPTH];
};

static void value(struct writer *w, int index);

static int print_step(const struct step *s, char *out, size_t room)
{
    return s->key ? snprintf(out, room, ".%.*s", s->n < 40 ? (int)s->n : 40, s->key)
                  : snprintf(out, room, "[%" PRId64 "]", (int64_t)s->index);
}

static _Noreturn void fail(struct writer *w, const char *why)
{
    char place[256] = "";
    size_t used = 0;

    for (int i = 0; i < w->depth && used < sizeof place - 64; i++) {
        int n = print_step(&w->path[i], place + used, sizeof place - used);

        used += n > 0 ? (size_t)n : 0;
    }
    luaL_error(w->L, "%s%s: %s", w->what, used < sizeof place ? place : "", why);
    __builtin_unreachable();
}

static char *room(struct writer *w, size_t n)
{
    if (w->cap - w->used < n) {
        size_t cap = w->cap * 2 > w->used + n ? w->cap * 2 : w->used + n;
        char *more = lua_newuserdatauv(w->L, cap, 0);

        memcpy(more, w->data, w->used);
        lua_replace(w->L, w->slot);
        w->data = more;
        w->cap = cap;
    }
    return w->data + w->used;
}

static void put(struct writer *w, const char *bytes, size_t n)
{
    memcpy(room(w, n), bytes, n);
    w->used += n;
}

static void quote(struct writer *w, const char *s, size_t n)
{
    static const char hex[] = "0123456789abcdef", shorts[] = "\bb\ff\nn\rr\tt";

    if (!utf8_valid(s, n))
        fail(w, "a string is not UTF-8");
    if (w->use == JSON_WIRE && memchr(s, 0, n))
        fail(w, "a string holds a NUL, which the wire does not carry");
    put(w, "\"", 1);
    for (size_t at = 0, run = 0;; at = ++run) {
        while (run < n && (unsigned char)s[run] >= 0x20 && s[run] != '"' && s[run] != '\\')
            run++;
        put(w, s + at, run - at);
        if (run == n)
            break;

        char c = s[run], out[6] = {'\\', c};
        const char *found = (unsigned char)c < 0x20 && c ? strchr(shorts, c) : NULL;

        if (found) {
            out[1] = found[1];
        } else if ((unsigned char)c < 0x20) {
            memcpy(out, "\\u00", 4);
            out[4] = hex[c >> 4];
            out[5] = hex[c & 15];
        }
        put(w, out, found || (unsigned char)c >= 0x20 ? 2 : 6);
    }
    put(w, "\"", 1);
}

static void number(struct writer *w, int index)
{
    char text[40];
    int n = 0;

    if (lua_isinteger(w->L, index)) {
        n = snprintf(text, sizeof text, "%" PRId64, (int64_t)lua_tointeger(w->L, index));
        put(w, text, (size_t)n);
        return;
    }

    double d = lua_tonumber(w->L, index);

    if (isnan(d) || isinf(d))
        fail(w, isnan(d) ? "NaN has no JSON form" : "an infinity has no JSON form");
    for (int precision = 15; precision <= 17; precision++) {
        n = snprintf(text, sizeof text, "%.*g", precision, d);
        if (strtod(text, NULL) == d)
            break;
    }
    put(w, text, (size_t)n);
    if (!strpbrk(text, ".e"))
        put(w, ".0", 2);
}

static void enter(struct writer *w, int index)
{
    const void *table = lua_topointer(w->L, index);

    for (int i = 0; i < w->depth; i++)
        if (w->path[i].table == table)
            fail(w, "a table contains itself");
    if (w->depth == JSON_DEPTH)
        fail(w, "nested too deeply");
    w->path[w->depth++] = (struct step){.table = table};
}

static void array(struct writer *w, int index, lua_Integer count)
{
    struct step *here = &w->path[w->depth - 1];

    put(w, "[", 1);
    for (here->index = 1; here->index <= count; here->index++) {
        if (here->index > 1)
            put(w, ",", 1);
        lua_rawgeti(w->L, index, here->index);
        value(w, lua_gettop(w->L));
        lua_pop(w->L, 1);
    }
    put(w, "]", 1);
}

/* Push a table that keeps the COUNT names of the table at INDEX, and a sorted list of them: *FOUND,
 * which is less than COUNT only where a weak table lost some meanwhile. */
static struct name *names(struct writer *w, int index, lua_Integer count, size_t *found)
{
    lua_State *L = w->L;

    lua_createtable(L, count < 1 << 20 ? (int)count : 0, 0);

    struct name *list = lua_newuserdatauv(L, (size_t)count * sizeof *list, 0);
    lua_Integer n = 0;

    lua_pushnil(L);
    while (n < count && lua_next(L, index)) {
        list[n].at = lua_tolstring(L, -2, &list[n].n);
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        lua_rawseti(L, -4, ++n);
    }
    if (n == count)
        lua_pop(L, 1);
    *found = (size_t)n;
    sort_names(list, *found);
    return list;
}

static void object(struct writer *w, int index, lua_Integer count)
{
    struct step *here = &w->path[w->depth - 1];
    int top = lua_gettop(w->L);
    size_t found;
    struct name *list = names(w, index, count, &found);

    put(w, "{", 1);
    for (size_t i = 0; i < found; i++) {
        here->key = list[i].at;
        here->n = list[i].n;
        if (i)
            put(w, ",", 1);
        quote(w, list[i].at, list[i].n);
        put(w, ":", 1);
        lua_pushlstring(w->L, list[i].at, list[i].n);
        lua_rawget(w->L, index);
        value(w, lua_gettop(w->L));
        lua_pop(w->L, 1);
    }
    put(w, "}", 1);
    lua_settop(w->L, top);
}

static bool is_marked(lua_State *L, int index)
{
    if (!lua_getmetatable(L, index))
        return false;
    json_push_array_mark(L);

    bool marked = lua_rawequal(L, -1, -2);

    lua_pop(L, 2);
    return marked;
}

static void table(struct writer *w, int index)
{
    lua_State *L = w->L;
    lua_Integer strings = 0, integers = 0, most = 0;

    enter(w, index);
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_Integer i = lua_isinteger(L, -2) ? lua_tointeger(L, -2) : 0;

        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING)
            strings++;
        else if (i <= 0)
            fail(w, "a key is neither a string nor a positive integer");
        else
            integers++;
        most = i > most ? i : most;
    }
    if (integers && strings)
        fail(w, "a table has both integer and string keys");
    if (most != integers)
        fail(w, "an array has holes");

    bool marked = !integers && is_marked(L, index);

    if (marked && strings)
        fail(w, "an array has string keys");
    if (integers || marked)
        array(w, index, integers);
    else
        object(w, index, strings);
    w->depth--;
}

static void value(struct writer *w, int index)
{
    lua_State *L = w->L;
    size_t n;
    const char *s;

    luaL_checkstack(L, 10, "json");
    switch (lua_type(L, index)) {
    case LUA_TNIL:
        put(w, "null", 4);
        return;
    case LUA_TBOOLEAN:
        lua_toboolean(L, index) ? put(w, "true", 4) : put(w, "false", 5);
        return;
    case LUA_TNUMBER:
        number(w, index);
        return;
    case LUA_TSTRING:
        s = lua_tolstring(L, index, &n);
        quote(w, s, n);
        return;
    case LUA_TTABLE:
        table(w, index);
        return;
    default:
        if (lua_islightuserdata(L, index) && !lua_touserdata(L, index)) {
            put(w, "null", 4);
            return;
        }
        lua_pushfstring(L, "a %s has no JSON form", luaL_typename(L, index));
        fail(w, lua_tostring(L, -1));
    }
}

const char *json_encode(lua_State *L, int index, const char *what, enum json_for use, size_t *n)
{
    struct writer w = {.what = what, .L = L, .cap = 512, .use = use};

    luaL_checkstack(L, 10, "json");
    index = lua_absindex(L, index);
    w.data = lua_newuserdatauv(L, w.cap, 0);
    w.slot = lua_gettop(L);
    value(&w, index);
    *n = w.used;
    return w.data;
}
