/* One run of a sn0int module: its library, start line, run(), and verdict. sn0int offers fewer of
 * Lua's own libraries than a bundle gets; a module gets a bundle's base libraries. */
#include "runtime/script/sn0int/sandbox.h"

#include <stdarg.h>
#include <string.h>

#include "runtime/script/core/box.h"
#include "runtime/script/core/json.h"
#include "runtime/script/core/release.h"
#include "runtime/script/lib/lib.h"
#include "runtime/script/lib/run.h"
#include "runtime/script/sn0int/text_out.h"

static const char last_error, start_line, lent; /* their addresses are registry keys */
static lua_State *lender;                       /* kept by the registry */

void sandbox_lend(lua_State *L)
{
    if (lender == L)
        return;
    lua_pushthread(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lent);
    lender = L;
}

bool sandbox_collect(void)
{
    return lender && lua_gc(lender, LUA_GCCOLLECT) == 0;
}

int sandbox_fail_top(lua_State *L)
{
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &last_error);
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
}

int sandbox_fail(lua_State *L, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    lua_pushvfstring(L, fmt, ap);
    va_end(ap);
    return sandbox_fail_top(L);
}

int sandbox_try(lua_State *L, lua_CFunction function, int count)
{
    int base = lua_gettop(L) - count;

    lua_pushcfunction(L, function);
    lua_insert(L, base + 1);
    if (lua_pcall(L, count, LUA_MULTRET, 0) != LUA_OK)
        return sandbox_fail_top(L);
    return lua_gettop(L) - base;
}

int sandbox_start(lua_State *L, const char *name)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &start_line);
    lua_pushstring(L, name);
    lua_rawget(L, -2);
    lua_remove(L, -2);
    return lua_type(L, -1);
}

static int last_err(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &last_error);
    return 1;
}

static int set_err(lua_State *L)
{
    luaL_checkstring(L, 1);
    lua_settop(L, 1);
    sandbox_fail_top(L);
    return 0;
}

static int clear_err(lua_State *L)
{
    lua_pushnil(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &last_error);
    return 0;
}

static void open_libraries(lua_State *L)
{
    static const luaL_Reg errors[] = {
        {"last_err", last_err}, {"set_err", set_err}, {"clear_err", clear_err}, {NULL, NULL}};

    json_open(L);
    lib_open_base(L);
    lua_pushglobaltable(L);
    lua_pushnil(L); /* no others of a module's files */
    lua_setfield(L, -2, "loadfile");
    lua_pushnil(L);
    lua_setfield(L, -2, "dofile");
    luaL_setfuncs(L, errors, 0);
    lua_pop(L, 1);
    sandbox_open_log(L);
    sandbox_open_json(L);
    sandbox_open_host(L);
    sandbox_open_database(L);
    sandbox_open_text(L);
    sandbox_open_url(L);
    sandbox_open_time(L);
    sandbox_open_blob(L);
    sandbox_open_digest(L);
    sandbox_open_encoding(L);
    sandbox_open_secret(L);
    sandbox_open_geo(L);
    sandbox_open_semver(L);
    sandbox_open_regex(L);
    sandbox_open_html(L);
    sandbox_open_xml(L);
    sandbox_open_cert(L);
    sandbox_open_pgp(L);
    sandbox_open_absent(L);
    if (box_of(L)->left != UINT64_MAX)
        lib_open_count(L);
    lua_setwarnf(L, lib_warn, box_of(L));
}

static void read_start(lua_State *L)
{
    struct box *b = box_of(L);
    size_t n;
    const char *line = wire_line(L, &b->wire, &n);

    json_decode(L, line, n, JSON_LINE);
    lua_remove(L, -2);
    luaL_checktype(L, -1, LUA_TTABLE);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &start_line);
    sandbox_start(L, "verbose");
    b->verbose = lua_tointeger(L, -1);
    lua_pop(L, 1);
    run_plant_seed(L, lua_gettop(L));
    sandbox_strip(L, lua_gettop(L));
    lua_pop(L, 1);
    sandbox_blobs(L);
}

/* A kept error that was not cleared takes precedence over what run() returned. */
static void judge(lua_State *L)
{
    struct text_out o;

    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &last_error) != LUA_TNIL)
        lua_error(L);
    lua_pop(L, 1);
    if (lua_type(L, -1) != LUA_TSTRING)
        return;
    out_open(L, &o);
    out_text(&o, "Script returned error: ");
    sandbox_format(&o, o.slot - 1);
    out_push(&o);
    lua_error(L);
}

/* number.c knows what a value of Lua's is in memory. */
static void try_numbers(lua_State *L)
{
    lua_pushnumber(L, 5);
    if (strcmp(lua_tostring(L, -1), "5") != 0)
        box_exit_setup(box_of(L), LUA_RELEASE " keeps numbers in a way unknown here");
    lua_pop(L, 1);
}

int sandbox_run(lua_State *L)
{
    try_numbers(L);
    open_libraries(L);
    read_start(L);
    run_load_main(L);
    lua_call(L, 0, 0);
    if (lua_getglobal(L, "run") != LUA_TFUNCTION)
        return luaL_error(L, "run undefined");
    sandbox_start(L, "arg");
    lua_call(L, 1, 1);
    judge(L);
    return 0;
}
