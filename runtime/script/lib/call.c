/* box.call, and methods of objects that stay with the caller: a line out, a line in. Before it
 * replies, the caller may invoke the functions in the params of this call and of the calls around
 * it; each runs protected, and its outcome is always answered. What the caller sends is data. */
#include "runtime/script/core/call.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/script/core/box.h"
#include "runtime/script/core/json.h"
#include "runtime/script/core/ref.h"
#include "runtime/script/lib/run.h"

#define LENT \
    ((void *)lib_call_open) /* registry key: [n] holds the functions of calls.open[n - 1] */

/* As the monitor writes it, however the caller wrote it. */
#define INVOKE "{\"Invoke\":{\"fn\":"
#define PARAMS ",\"params\":"

enum { AT_PARAMS = 2, AT_HEAD, AT_FUNCTIONS, AT__TOP = AT_FUNCTIONS };

/* Push function number N. The numbers of every open call are valid. */
static void push_function(lua_State *L, const struct calls *c, lua_Integer n)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, LENT);
    for (int i = c->callbacks - 1; i >= 0; i--) {
        if (n < c->open[i].first || n >= c->open[i].first + c->open[i].count)
            continue;
        lua_rawgeti(L, -1, i + 1);
        lua_rawgeti(L, -1, n - c->open[i].first + 1);
        return;
    }
    luaL_error(L, "the monitor sent an Invoke for a function that is no longer lent");
}

static void fit_line(lua_State *L, const char *what, size_t n, size_t rest)
{
    if (n + rest > box_of(L)->wire.line_max)
        luaL_error(L, "%s: %d bytes of JSON do not fit in a line of %d", what, (int)n,
                   (int)box_of(L)->wire.line_max);
}

/* Handle one Invoke, whose line has begun: run the function and send its result. */
static int answer(lua_State *L)
{
    struct box *b = box_of(L);
    size_t n;
    char *at;
    const char *line = wire_line(L, &b->wire, &n), *json;

    push_function(L, &b->calls, strtoll(line + sizeof INVOKE - 1, &at, 10));
    at += sizeof PARAMS - 1;
    json_decode_refs(L, at, (size_t)(line + n - 2 - at), JSON_DEPTH);
    if (lua_islightuserdata(L, -1)) {
        lua_pushnil(L); /* a null that is the whole value is nil */
        lua_replace(L, -2);
    }
    lua_call(L, 1, 1);
    json = json_encode(L, -1, "callback", JSON_REFS, &n);
    fit_line(L, "callback", n, sizeof "{\"Return\":{\"Ok\":}}\n");
    wire_json(&b->wire, "{\"Return\":{\"Ok\":", json, n, "}}");
    return 0;
}

static void set_functions(lua_State *L, int depth, int index)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, LENT);
    lua_pushvalue(L, index);
    lua_rawseti(L, -2, depth + 1); /* its slot exists: this never allocates */
    lua_pop(L, 1);
}

/* Answer an Invoke, with an error if necessary: never raises, since the caller waits. */
static void call_serve(lua_State *L, const struct json_lend *lend)
{
    struct box *b = box_of(L);
    int depth = b->calls.callbacks++, status;

    b->calls.open[depth].first = lend->first;
    b->calls.open[depth].count = lend->count;
    set_functions(L, depth, AT_FUNCTIONS);
    lua_pushcfunction(L, run_message);
    lua_pushcfunction(L, answer);
    status = lua_pcall(L, 0, 0, -2);
    if (status != LUA_OK) {
        size_t n = 0;

        if (status == LUA_ERRRUN)
            run_tell(L);

        const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &n) : "";

        wire_drop_reply(&b->wire); /* a line that did not fit in memory */
        wire_cut(&b->wire, "{\"Return\":{\"Err\":\"", text, n, "\"}}");
    }
    lua_settop(L, AT__TOP);
    lua_pushnil(L);
    set_functions(L, depth, AT__TOP + 1);
    lua_settop(L, AT__TOP);
    b->calls.callbacks = depth;
}

/* Encode the params. A finalizer may run in here and lend functions, which take these numbers: then
 * encode again. */
static const char *encode_params(lua_State *L, struct json_lend *lend, size_t *n)
{
    const struct calls *c = &box_of(L)->calls;
    const char *json;

    do {
        lua_settop(L, AT_HEAD);
        lua_pushnil(L);
        *lend = (struct json_lend){.slot = AT_FUNCTIONS, .first = c->lent + 1};
        json = json_encode_lending(L, AT_PARAMS, "params", lend, n);
    } while (c->lent + 1 != lend->first);
    return json;
}

/* The params are at AT_PARAMS, the start of the line at AT_HEAD. */
static int call_ask(lua_State *L)
{
    struct box *b = box_of(L);
    struct json_lend lend;
    size_t head_len, n;
    const char *head = lua_tolstring(L, AT_HEAD, &head_len), *json;

    /* Reserve for callbacks too: growing the stack in the middle of an Invoke could run a
     * finalizer. */
    luaL_checkstack(L, 16 + 2 * LUA_MINSTACK, "box.call");
    if (2 * b->calls.callbacks >= WIRE_CALLS_DEEP)
        return luaL_error(L, "box.call: calls and callbacks are nested more than %d deep",
                          WIRE_CALLS_DEEP);
    json = encode_params(L, &lend, &n);
    fit_line(L, "box.call: params", n, head_len + sizeof "}}");
    b->calls.lent += lend.count;
    wire_drop_reply(&b->wire);
    wire_json(&b->wire, head, json, n, "}}");
    lua_settop(L, AT__TOP);
    while (wire_begins(&b->wire, INVOKE))
        call_serve(L, &lend);
    if (!wire_reply_refs(L, &b->wire))
        return lua_error(L);
    if (lua_islightuserdata(L, -1))
        lua_pushnil(L); /* a null that is the whole value is nil */
    return 1;
}

int lib_call(lua_State *L)
{
    size_t n;
    const char *method = luaL_checklstring(L, 1, &n);

    if (!boot_has_call(&box_of(L)->boot, method, n))
        return luaL_error(
            L, "box.call: method \"%s\" is not listed: add it to \"calls\" in manifest.json",
            method);
    lua_settop(L, AT_PARAMS);
    /* A listed name has no character that JSON would escape. */
    lua_pushfstring(L, "{\"Call\":{\"method\":\"%s\",\"params\":", method);
    return call_ask(L);
}

int lib_method(lua_State *L)
{
    size_t id_len, class_len;
    const char *method = lua_tostring(L, lua_upvalueindex(1)), *id = ref_id(L, 1, &id_len), *name;

    if (!id)
        return luaL_error(L, "%s: not one of the caller's objects; call it as obj:%s(params)",
                          method, method);
    for (class_len = 0; class_len < id_len && id[class_len] != ':';)
        class_len++;
    lua_settop(L, AT_PARAMS);
    lua_pushlstring(L, id, class_len);
    name = lua_pushfstring(L, "%s:%s", lua_tostring(L, -1), method);
    if (!boot_has_call(&box_of(L)->boot, name, lua_rawlen(L, -1)))
        return luaL_error(L, "method \"%s\" is not listed: add it to \"calls\" in manifest.json",
                          name);
    lua_settop(L, AT_PARAMS);
    lua_pushlstring(L, id, id_len);
    lua_pushfstring(
        L, "{\"Call\":{\"ref\":\"%s\",\"method\":\"%s\",\"params\":", lua_tostring(L, -1), method);
    lua_replace(L, AT_HEAD);
    return call_ask(L);
}

void lib_call_open(lua_State *L)
{
    lua_createtable(L, WIRE_CALLS_DEEP / 2, 0);
    lua_rawsetp(L, LUA_REGISTRYINDEX, LENT);
    ref_open(L);
}
