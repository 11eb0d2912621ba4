/* Lua values to JSON text, in a buffer that Lua's collector owns. Reads tables raw: no metamethod
 * of a script runs here, so nothing changes meanwhile; but a collection may still empty a weak
 * table, so what is needed of one is kept on the stack. */
#include <lauxlib.h>
#include <string.h>

#include "runtime/script/core/json_writer.h"
#include "runtime/script/core/sort.h"

static void value(struct writer *w, int index);

static void json_write_enter(struct writer *w, int index)
{
    const void *table = lua_topointer(w->L, index);

    for (int i = 0; i < w->depth; i++)
        if (w->path[i].table == table)
            writer_fail(w, "a table contains itself");
    if (w->depth == JSON_DEPTH)
        writer_fail(w, "nested too deeply");
    w->path[w->depth++] = (struct step){.table = table};
}

static void json_write_array(struct writer *w, int index, lua_Integer count)
{
    struct step *here = &w->path[w->depth - 1];

    writer_put(w, "[", 1);
    for (here->index = 1; here->index <= count; here->index++) {
        if (here->index > 1)
            writer_put(w, ",", 1);
        lua_rawgeti(w->L, index, here->index);
        value(w, lua_gettop(w->L));
        lua_pop(w->L, 1);
    }
    writer_put(w, "]", 1);
}

/* Push a table that keeps the COUNT names of the table at INDEX alive, and a sorted list of them:
 * *FOUND, less than COUNT only if a weak table lost some meanwhile. */
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

static void json_write_object(struct writer *w, int index, lua_Integer count)
{
    struct step *here = &w->path[w->depth - 1];
    int top = lua_gettop(w->L);
    size_t found;
    struct name *list = names(w, index, count, &found);

    writer_put(w, "{", 1);
    for (size_t i = 0; i < found; i++) {
        here->key = list[i].at;
        here->n = list[i].n;
        if (w->use != JSON_SCRIPT && memchr(list[i].at, 0, list[i].n))
            writer_fail(w, "a member's name holds a NUL, which the wire does not carry");
        if (i)
            writer_put(w, ",", 1);
        writer_quote(w, list[i].at, list[i].n);
        writer_put(w, ":", 1);
        lua_pushlstring(w->L, list[i].at, list[i].n);
        lua_rawget(w->L, index);
        value(w, lua_gettop(w->L));
        lua_pop(w->L, 1);
    }
    writer_put(w, "}", 1);
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

    json_write_enter(w, index);
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_Integer i = lua_isinteger(L, -2) ? lua_tointeger(L, -2) : 0;

        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING)
            strings++;
        else if (i <= 0)
            writer_fail(w, "a key is neither a string nor a positive integer");
        else
            integers++;
        most = i > most ? i : most;
    }
    if (integers && strings)
        writer_fail(w, "a table has both integer and string keys");
    if (most != integers)
        writer_fail(w, "an array has holes");

    bool marked = !integers && is_marked(L, index);

    if (marked && strings)
        writer_fail(w, "an array has string keys");
    if (strings == 1 && (w->use == JSON_REFS || w->use == JSON_LEND))
        writer_no_forgery(w, index);
    if (integers || marked)
        json_write_array(w, index, integers);
    else
        json_write_object(w, index, strings);
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
        writer_put(w, "null", 4);
        return;
    case LUA_TBOOLEAN:
        lua_toboolean(L, index) ? writer_put(w, "true", 4) : writer_put(w, "false", 5);
        return;
    case LUA_TNUMBER:
        writer_number(w, index);
        return;
    case LUA_TSTRING:
        s = lua_tolstring(L, index, &n);
        writer_quote(w, s, n);
        return;
    case LUA_TTABLE:
        table(w, index);
        return;
    default:
        if (lua_islightuserdata(L, index) && !lua_touserdata(L, index)) {
            writer_put(w, "null", 4);
            return;
        }
        if (writer_handle(w, index))
            return;
        lua_pushfstring(L, "a %s has no JSON form", luaL_typename(L, index));
        writer_fail(w, lua_tostring(L, -1));
    }
}

static const char *json_write_encode(struct writer *w, int index, size_t *n)
{
    luaL_checkstack(w->L, 10, "json");
    index = lua_absindex(w->L, index);
    w->cap = 512;
    w->data = lua_newuserdatauv(w->L, w->cap, 0);
    w->slot = lua_gettop(w->L);
    value(w, index);
    *n = w->used;
    return w->data;
}

const char *json_encode(lua_State *L, int index, const char *what, enum json_for use, size_t *n)
{
    struct writer w = {.what = what, .L = L, .use = use};

    return json_write_encode(&w, index, n);
}

const char *json_encode_lending(lua_State *L, int index, const char *what, struct json_lend *lend,
                                size_t *n)
{
    struct writer w = {.what = what, .L = L, .use = JSON_LEND, .lend = lend};

    return json_write_encode(&w, index, n);
}
