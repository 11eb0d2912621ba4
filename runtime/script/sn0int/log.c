/* A module's messages for people. info, debug and print take any value, the others only strings. */
#include "runtime/script/core/box.h"
#include "runtime/script/sn0int/sandbox.h"
#include "runtime/script/sn0int/text_out.h"

#define VERBOSE_DEBUG 2 /* sn0int's verbosity at which debug() is sent */

static const char *formatted(lua_State *L, size_t *n)
{
    struct text_out o;

    lua_settop(L, 1);
    out_open(L, &o);
    sandbox_format(&o, 1);
    out_push(&o);
    return lua_tolstring(L, -1, n);
}

static int sandbox_info(lua_State *L)
{
    size_t n;
    const char *text = formatted(L, &n);

    wire_log(&box_of(L)->wire, "Info", text, n);
    return 0;
}

static int sandbox_debug(lua_State *L)
{
    struct box *b = box_of(L);
    size_t n;
    const char *text = formatted(L, &n);

    if (b->verbose >= VERBOSE_DEBUG)
        wire_log(&b->wire, "Debug", text, n);
    return 0;
}

static int sandbox_print(lua_State *L)
{
    struct wire *w = &box_of(L)->wire;
    size_t n;
    const char *text = formatted(L, &n);

    wire_gather(w, text, n);
    wire_write(w, "\n", 1);
    return 0;
}

/* Upvalue: the level on the wire. */
static int sandbox_text(lua_State *L)
{
    size_t n;
    const char *text = luaL_checklstring(L, 1, &n);

    wire_log(&box_of(L)->wire, lua_tostring(L, lua_upvalueindex(1)), text, n);
    return 0;
}

void sandbox_open_log(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"info", sandbox_info}, {"debug", sandbox_debug}, {"print", sandbox_print}, {NULL, NULL}};
    static const char *const levels[][2] = {
        {"error", "Error"}, {"warn", "Warn"}, {"warn_once", "WarnOnce"}, {"status", "Status"}};

    lua_pushglobaltable(L);
    luaL_setfuncs(L, functions, 0);
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        lua_pushstring(L, levels[i][1]);
        lua_pushcclosure(L, sandbox_text, 1);
        lua_setfield(L, -2, levels[i][0]);
    }
    lua_pop(L, 1);
}
