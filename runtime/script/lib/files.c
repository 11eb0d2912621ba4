/* Real files, if the profile has the system calls for them (the kernel bounds which files exist):
 * Lua's own io library, without what starts processes or names files for the script. Its default
 * streams are descriptors 0 to 2, and 0 is the wire: they are never handed out; ours replace
 * them. */
#include <lualib.h>

#include "runtime/script/core/where.h"
#include "runtime/script/lib/io.h"
#include "runtime/script/lib/lib.h"

/* Registry keys: the current files of io.read and io.write. Where one is a real file, it is stock's
 * too: stock functions know no streams of ours. */
static const char current_input, current_output;

static void push_current(lua_State *L, bool input)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, input ? &current_input : &current_output);
}

/* Whether the current file is a standard stream; if so, *WHICH. */
static bool current_stream(lua_State *L, bool input, enum stream *which)
{
    bool is_stream;

    push_current(L, input);
    is_stream = stream_test(L, -1, which);
    lua_pop(L, 1);
    return is_stream;
}

/* Upvalue: a stock function without upvalues. It runs in this function's frame, so that its errors
 * name the function that the script called. */
static int noted(lua_State *L)
{
    where_note(L);
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

static int files_write(lua_State *L)
{
    enum stream which;

    return current_stream(L, false, &which) ? stream_put(L, 1, which) : noted(L);
}

static int files_read(lua_State *L)
{
    enum stream which;

    return current_stream(L, true, &which) ? stream_get(L, 1, which) : noted(L);
}

static int files_lines(lua_State *L)
{
    enum stream which;

    if (!lua_isnoneornil(L, 1) || !current_stream(L, true, &which))
        return noted(L);
    lua_settop(L, lua_gettop(L) ? lua_gettop(L) : 1);
    push_current(L, true);
    lua_replace(L, 1);
    return stream_lines(L);
}

static int files_flush(lua_State *L)
{
    enum stream which;

    if (!current_stream(L, false, &which))
        return noted(L);
    wire_sync(&box_of(L)->wire);
    lua_pushboolean(L, 1);
    return 1;
}

static int choose(lua_State *L, bool input)
{
    enum stream which;

    if (lua_isnoneornil(L, 1)) {
        push_current(L, input);
        return 1;
    }
    if (stream_test(L, 1, &which))
        lua_settop(L, 1);
    else
        noted(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, input ? &current_input : &current_output);
    return 1;
}

static int files_input(lua_State *L)
{
    return choose(L, true);
}

static int files_output(lua_State *L)
{
    return choose(L, false);
}

static int files_close(lua_State *L)
{
    enum stream which;

    if (lua_isnone(L, 1) ? !current_stream(L, false, &which) : !stream_test(L, 1, &which))
        return noted(L);
    luaL_pushfail(L);
    lua_pushliteral(L, "a standard stream cannot be closed");
    return 2;
}

static int files_type(lua_State *L)
{
    enum stream which;

    if (!stream_test(L, 1, &which))
        return noted(L);
    lua_pushliteral(L, "file");
    return 1;
}

/* Stock io is below the top, ours on top: set our NAME to F, with stock's as its upvalue. */
static void files_add(lua_State *L, const char *name, lua_CFunction f)
{
    lua_getfield(L, -2, name);
    lua_pushcclosure(L, f, 1);
    lua_setfield(L, -2, name);
}

/* Like stock, but with a number of this run instead of the stream's address. */
static int file_tostring(lua_State *L)
{
    const luaL_Stream *s = luaL_checkudata(L, 1, LUA_FILEHANDLE);

    if (s->closef)
        lua_pushfstring(L, "file (%p)", lua_topointer(L, 1));
    else
        lua_pushliteral(L, "file (closed)");
    return 1;
}

/* Wrap the methods of a file, in its metatable's __index, in noted(). */
static void note_methods(lua_State *L)
{
    static const char *const names[] = {"read", "write", "lines",  "flush",
                                        "seek", "close", "setvbuf"};

    lua_getfield(L, -1, "__index");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        lua_getfield(L, -1, names[i]);
        lua_pushcclosure(L, noted, 1);
        lua_setfield(L, -2, names[i]);
    }
    lua_pop(L, 1);
}

void lib_open_files(lua_State *L)
{
    lua_pushcfunction(L, luaopen_io);
    lua_call(L, 0, 1);
    /* A script that could set the metatable's __gc would run code that no hook counts. */
    luaL_getmetatable(L, LUA_FILEHANDLE);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pushcfunction(L, file_tostring);
    lua_setfield(L, -2, "__tostring");
    note_methods(L);
    lua_pop(L, 1);

    lua_getglobal(L, "io");
    files_add(L, "open", noted);
    files_add(L, "lines", files_lines);
    files_add(L, "type", files_type);
    files_add(L, "input", files_input);
    files_add(L, "output", files_output);
    files_add(L, "write", files_write);
    files_add(L, "read", files_read);
    files_add(L, "flush", files_flush);
    files_add(L, "close", files_close);
    lua_pop(L, 2);
    stream_push(L, STREAM_IN);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &current_input);
    stream_push(L, STREAM_OUT);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &current_output);
}
