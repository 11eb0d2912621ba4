/* One run: libraries, start line, main, entry or export, result. All of it happens in one protected call of
 * main(), so that even a box too small for its own libraries ends with a clear message. */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "runtime/script/arena/arena.h"
#include "runtime/script/core/box.h"
#include "runtime/script/core/json.h"
#include "runtime/script/core/source.h"
#include "runtime/script/core/template.h"
#include "runtime/script/lib/box.h"
#include "runtime/script/lib/export.h"
#include "runtime/script/lib/lib.h"
#include "runtime/script/lib/run.h"

/* Push the text of the error object at INDEX, as lua(1) shows it. False if it has none of its own. */
static bool run_describe(lua_State *L, int index)
{
    if (lua_type(L, index) == LUA_TSTRING || lua_type(L, index) == LUA_TNUMBER) {
        lua_pushvalue(L, index);
        lua_tostring(L, -1);
        return true;
    }
    if (luaL_callmeta(L, index, "__tostring") && lua_type(L, -1) == LUA_TSTRING)
        return true;
    lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, index));
    return false;
}

/* Lua reports "C stack overflow" without a position if a C function recurses too deeply (lstate.c):
 * prepend that of the nearest Lua function. The text is on top. */
static void add_place(lua_State *L)
{
    lua_Debug at = {.currentline = -1};

    for (int level = 1; at.currentline < 0 && lua_getstack(L, level, &at); level++)
        lua_getinfo(L, "Sl", &at);
    if (at.currentline < 0)
        return;
    lua_pushfstring(L, "%s:%d: %s", at.short_src, at.currentline, lua_tostring(L, -1));
    lua_remove(L, -2);
}

static const char traceback; /* its address is the registry key of the last traceback */

int run_message(lua_State *L)
{
    static const char overflow[] = "C stack overflow";
    struct box *b = box_of(L);
    bool sandbox = b->boot.head.flags & SETUP_SANDBOX; /* sn0int shows no tracebacks */
    bool told = run_describe(L, 1) || sandbox;
    const char *text;
    size_t n;

    text = lua_tolstring(L, -1, &n);
    if (!told || (n == sizeof overflow - 1 && memcmp(text, overflow, n) == 0))
        add_place(L);
    export_name_error(L);
    if (sandbox)
        return 1;
    lua_pushvalue(L, -1);
    lua_pushliteral(L, "\n");
    luaL_traceback(L, L, NULL, 1);
    lua_concat(L, 3); /* the text may hold NULs */
    lua_rawsetp(L, LUA_REGISTRYINDEX, &traceback);
    return 1;
}

void run_tell(lua_State *L)
{
    size_t n;
    const char *text;

    lua_rawgetp(L, LUA_REGISTRYINDEX, &traceback);
    text = lua_tolstring(L, -1, &n);
    if (text)
        wire_log(&box_of(L)->wire, "Debug", text, n);
    lua_pop(L, 1);
    if (!text)
        return;
    lua_pushnil(L); /* report it once; its slot exists, so nothing is allocated */
    lua_rawsetp(L, LUA_REGISTRYINDEX, &traceback);
}

void run_libraries(lua_State *L)
{
    const struct box *b = box_of(L);

    json_open(L);
    lib_open_base(L);
    lib_open_debug(L);
    lib_open_os(L);
    lib_open_io(L);
    if (b->boot.head.flags & SETUP_FILES)
        lib_open_files(L);
    lib_open_require(L);
    lib_open_box(L);
    if (b->left != UINT64_MAX)
        lib_open_count(L);
    lua_setwarnf(L, lib_warn, box_of(L));
}

void run_plant_seed(lua_State *L, int start)
{
    lua_getglobal(L, "math");
    lua_getfield(L, -1, "randomseed");
    lua_getfield(L, start, "seed");
    if (lua_type(L, -1) == LUA_TNUMBER) {
        lua_call(L, 1, 0); /* 2^63 and above: written with a sign */
    }
    lua_settop(L, start);
}

/* The start line is on top; LINE is its text. Only its argument may contain objects of the caller;
 * the monitor writes that member first. */
static void take_refs(lua_State *L, const char *line, size_t n)
{
    static const char head[] = "{\"arg\":";

    if (n <= sizeof head || memcmp(line, head, sizeof head - 1) != 0 || !memmem(line, n, "$ref", 4))
        return;
    json_decode_next_refs(L, line + sizeof head - 1, line + n, JSON_LINE);
    lua_setfield(L, -2, "arg");
}

static bool start_has(lua_State *L, const char *name)
{
    bool has = lua_getfield(L, -1, name) == LUA_TBOOLEAN && lua_toboolean(L, -1);

    lua_pop(L, 1);
    return has;
}

/* How the streams cross, as the start line on top says. */
static void read_streams(lua_State *L, struct wire *w)
{
    if (lua_getfield(L, -1, "encoding") == LUA_TSTRING) {
        const char *form = lua_tostring(L, -1);

        w->form = strcmp(form, "base64") == 0  ? WIRE_BASE64
                  : strcmp(form, "bytes") == 0 ? WIRE_BYTES
                                               : WIRE_TEXT;
    }
    lua_pop(L, 1);
    w->reads = start_has(L, "read");
    w->pace = start_has(L, "paced") ? WIRE_PACED : WIRE_LINES;
}

static void read_start(lua_State *L)
{
    struct box *b = box_of(L);
    size_t n;
    const char *line = wire_line(L, &b->wire, &n);

    json_decode(L, line, n, JSON_LINE);
    luaL_checktype(L, -1, LUA_TTABLE);
    take_refs(L, line, n);
    lua_remove(L, -2);
    read_streams(L, &b->wire);
    export_take(L);
    lib_box_start(L);
    run_plant_seed(L, lua_gettop(L));
    lua_pop(L, 1);
}

void run_load_main(lua_State *L)
{
    const struct boot *g = &box_of(L)->boot;
    struct text bytes;

    lua_pushlstring(L, g->main.at, g->main.n);

    const char *path = lua_tostring(L, -1);

    if (!boot_source(g, g->main.at, g->main.n, &bytes))
        luaL_error(L, "%s is not in the bundle", path);

    int status = source_load(L, path, bytes);

    if (status == LUA_ERRSYNTAX && strncmp(lua_tostring(L, -1), path, strlen(path)) != 0)
        luaL_error(L, "%s: bytecode: a box loads text only", path); /* Lua names no file here */
    if (status)
        lua_error(L);
    lua_remove(L, -2);
}

/* main's return value is on top; if there is an entry, its result replaces it. */
static void call_entry(lua_State *L)
{
    const struct box *b = box_of(L);

    lua_pushglobaltable(L);
    lua_pushlstring(L, b->boot.entry.at, b->boot.entry.n);
    if (lua_rawget(L, -2) != LUA_TFUNCTION) {
        if (b->boot.head.flags & SETUP_ENTRY_NAMED)
            luaL_error(L, "the entry \"%s\" named in manifest.json is not a global function",
                       lua_pushlstring(L, b->boot.entry.at, b->boot.entry.n));
        lua_pop(L, 2);
        return;
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, LIB_BOX_ARG);
    lua_call(L, 1, 1);
    lua_replace(L, -3);
    lua_pop(L, 1);
}

/* main's return value is on top; the export's result replaces it. */
static void call_export(lua_State *L)
{
    export_push(L, lua_gettop(L), box_of(L)->export);
    lua_rawgetp(L, LUA_REGISTRYINDEX, LIB_BOX_ARG);
    lua_call(L, 1, 1);
    lua_remove(L, -2);
}

static void send_result(lua_State *L)
{
    struct wire *w = &box_of(L)->wire;
    size_t n;

    if (lua_isnil(L, -1))
        return;

    const char *json = json_encode(L, -1, "result", JSON_REFS, &n);

    if (n + sizeof "{\"Result\":}\n" > w->line_max)
        luaL_error(L, "result: %d bytes of JSON do not fit in a line of %d", (int)n,
                   (int)w->line_max);
    wire_json(w, "{\"Result\":", json, n, "}");
}

/* Runs under the filter: from here on, bytes of the bundle are parsed. */
static void run_job(lua_State *L)
{
    read_start(L);
    run_load_main(L);
    lua_call(L, 0, 1);
    if (box_of(L)->export[0])
        call_export(L);
    else
        call_entry(L);
    send_result(L);
}

void run_read_setup(struct box *b)
{
    struct setup_job job;
    const char *why;
    int given = boot_read_keys(&b->wire, &b->boot, &why);

    if (given > 0)
        box_exit_limit(b, "memory", why);
    if (given < 0)
        box_exit_error(b, why, strlen(why));
    if (b->boot.head.flags & SETUP_TEMPLATE) {
        wire_take(&b->wire, &job, sizeof job);
        arena_lower(b->arena, job.arena);
        b->left = job.instructions;
    }
    if (boot_read_texts(&b->wire, &b->boot, &why))
        box_exit_error(b, why, strlen(why));
}

int run_bundle(lua_State *L)
{
    run_libraries(L);
    run_job(L);
    return 0;
}

int run_template(lua_State *L)
{
    struct box *b = box_of(L);

    b->left = UINT64_MAX; /* the limit belongs to a job */
    run_libraries(L);
    lua_gc(L, LUA_GCCOLLECT); /* or each box would soon mark, and so copy, shared pages */
    arena_mix(b->arena);
    template_serve(b);
    run_read_setup(b);
    lib_box_name(L);
    if (b->left != UINT64_MAX)
        lib_open_count(L);
    run_job(L);
    return 0;
}
