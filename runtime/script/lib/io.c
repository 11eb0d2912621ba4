/* io over the wire: write, read, lines, and the three standard streams as objects. What a script
 * writes to io.stderr becomes a warning in the log. files.c adds real files if the profile has
 * them. */
#include <errno.h>
#include <string.h>

#include "runtime/script/lib/io.h"
#include "runtime/script/lib/lib.h"

static const char stream_name[] = "box.stream";

enum { NUMBER_MAX = 64 }; /* more than the text of any number */

/* What write() writes of an argument: as in stock Lua, 2.0 is "2", and not tostring()'s "2.0". */
static const char *stream_text(lua_State *L, int arg, char number[NUMBER_MAX], size_t *n)
{
    if (lua_type(L, arg) != LUA_TNUMBER || lua_isinteger(L, arg))
        return luaL_checklstring(L, arg, n);
    *n = (size_t)lua_number2str(number, NUMBER_MAX, lua_tonumber(L, arg));
    return number;
}

/* One event for one call, without the newline at its end. */
static void stream_warn(lua_State *L, int first)
{
    char number[NUMBER_MAX];
    luaL_Buffer all;
    const char *text;
    size_t n;
    int last = lua_gettop(L);

    luaL_buffinit(L, &all);
    for (int arg = first; arg <= last; arg++) {
        text = stream_text(L, arg, number, &n);
        luaL_addlstring(&all, text, n);
    }
    luaL_pushresult(&all);
    text = lua_tolstring(L, -1, &n);
    if (n)
        wire_log(&box_of(L)->wire, "Warn", text, text[n - 1] == '\n' ? n - 1 : n);
    lua_pop(L, 1);
}

static void stream_write_from(lua_State *L, int first, enum stream which)
{
    char number[NUMBER_MAX];

    if (which == STREAM_ERR) {
        stream_warn(L, first);
        return;
    }
    for (int arg = first; arg <= lua_gettop(L); arg++) {
        size_t n;
        const char *text = stream_text(L, arg, number, &n);

        wire_write(&box_of(L)->wire, text, n);
    }
}

bool stream_test(lua_State *L, int arg, enum stream *which)
{
    enum stream *s = luaL_testudata(L, arg, stream_name);

    if (s)
        *which = *s;
    return s != NULL;
}

static enum stream self(lua_State *L)
{
    enum stream which = STREAM_IN;

    if (!stream_test(L, 1, &which))
        luaL_typeerror(L, 1, LUA_FILEHANDLE); /* the name that a script knows */
    return which;
}

int stream_put(lua_State *L, int first, enum stream which)
{
    luaL_argcheck(L, which != STREAM_IN, 1, "standard input is not writable");
    stream_write_from(L, first, which);
    stream_push(L, which);
    return 1;
}

int stream_get(lua_State *L, int first, enum stream which)
{
    luaL_argcheck(L, which == STREAM_IN, 1, "only standard input is readable");
    return input_read(L, first);
}

int stream_write(lua_State *L)
{
    enum stream which = self(L);

    luaL_argcheck(L, which != STREAM_IN, 1, "standard input is not writable");
    stream_write_from(L, 2, which);
    lua_settop(L, 1);
    return 1;
}

int stream_read(lua_State *L)
{
    return stream_get(L, 2, self(L));
}

/* Upvalues: the number of formats, then the formats. */
static int lines_next(lua_State *L)
{
    int n = (int)lua_tointeger(L, lua_upvalueindex(1));

    lua_settop(L, 0);
    luaL_checkstack(L, n + 1, "too many formats");
    for (int i = 1; i <= n; i++)
        lua_pushvalue(L, lua_upvalueindex(1 + i));
    return input_read(L, 1);
}

int stream_lines(lua_State *L)
{
    int n = lua_gettop(L) - 1;

    luaL_argcheck(L, self(L) == STREAM_IN, 1, "only standard input is readable");
    luaL_argcheck(L, n <= 250, 252, "too many arguments");
    lua_pushinteger(L, n);
    lua_insert(L, 2);
    lua_pushcclosure(L, lines_next, n + 1);
    return 1;
}

static int stream_flush(lua_State *L)
{
    self(L);
    wire_sync(&box_of(L)->wire);
    lua_pushboolean(L, 1);
    return 1;
}

static int stream_close(lua_State *L)
{
    self(L);
    luaL_pushfail(L);
    lua_pushliteral(L, "a standard stream cannot be closed");
    return 2;
}

/* The size is the wire's own. Of the other streams nothing is gathered. */
static int stream_setvbuf(lua_State *L)
{
    static const char *const names[] = {"no", "line", "full", NULL};
    static const enum wire_pace paces[] = {WIRE_NONE, WIRE_LINES, WIRE_FULL};
    enum stream which = self(L);
    int name = luaL_checkoption(L, 2, NULL, names);

    if (which == STREAM_OUT)
        box_of(L)->wire.pace = paces[name];
    lua_pushboolean(L, 1);
    return 1;
}

static int stream_seek(lua_State *L)
{
    static const char *const names[] = {"set", "cur", "end", NULL};

    self(L);
    luaL_checkoption(L, 2, "cur", names);
    luaL_optinteger(L, 3, 0);
    luaL_pushfail(L);
    lua_pushliteral(L, "a standard stream has no position");
    lua_pushinteger(L, ESPIPE);
    return 3;
}

static int stream_tostring(lua_State *L)
{
    static const char *const names[] = {"stdin", "stdout", "stderr"};

    lua_pushfstring(L, "file (%s)", names[self(L)]);
    return 1;
}

static int io_write(lua_State *L)
{
    stream_write_from(L, 1, STREAM_OUT);
    lua_pushvalue(L, lua_upvalueindex(1));
    return 1;
}

static int io_flush(lua_State *L)
{
    lua_settop(L, 0);
    lua_pushvalue(L, lua_upvalueindex(1));
    return stream_flush(L);
}

static int io_read(lua_State *L)
{
    return input_read(L, 1);
}

#define NO_FILES                                                                     \
    "this box cannot open files (it needs \"seccomp\": {\"profile\": \"files\"} in " \
    "manifest.json)"

static int refuse_file(lua_State *L)
{
    return luaL_error(L, NO_FILES);
}

/* liolib.c, l_checkmode(). */
static bool is_mode(const char *mode)
{
    if (!*mode || !strchr("rwa", *mode))
        return false;
    mode += mode[1] == '+' ? 2 : 1;
    return mode[strspn(mode, "b")] == '\0';
}

/* io.open of a box without files: fails as where permission is denied. */
static int io_open(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1), *mode = luaL_optstring(L, 2, "r");

    luaL_argcheck(L, is_mode(mode), 2, "invalid mode");
    luaL_pushfail(L);
    lua_pushfstring(L, "%s: " NO_FILES, path);
    lua_pushinteger(L, EACCES);
    return 3;
}

static int io_lines(lua_State *L)
{
    if (!lua_isnoneornil(L, 1)) {
        luaL_checkstring(L, 1);
        return refuse_file(L);
    }
    lua_settop(L, lua_gettop(L) ? lua_gettop(L) : 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_replace(L, 1);
    return stream_lines(L);
}

/* io.input(), io.output(): the only stream there is, which may be chosen. */
static int io_stream(lua_State *L)
{
    if (lua_isstring(L, 1))
        return refuse_file(L);
    if (!lua_isnoneornil(L, 1)) {
        self(L);
        luaL_argcheck(L, lua_rawequal(L, 1, lua_upvalueindex(1)), 1,
                      "without profile \"files\" there is no other stream to choose");
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    return 1;
}

static int io_close(lua_State *L)
{
    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        stream_push(L, STREAM_OUT);
    }
    return stream_close(L);
}

static int io_type(lua_State *L)
{
    luaL_checkany(L, 1);
    if (luaL_testudata(L, 1, stream_name))
        lua_pushliteral(L, "file");
    else
        luaL_pushfail(L);
    return 1;
}

void stream_push(lua_State *L, enum stream which)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, stream_name + which);
}

static void make_streams(lua_State *L)
{
    static const luaL_Reg methods[] = {{"write", stream_write}, {"read", stream_read},
                                       {"lines", stream_lines}, {"flush", stream_flush},
                                       {"close", stream_close}, {"setvbuf", stream_setvbuf},
                                       {"seek", stream_seek},   {NULL, NULL}};

    luaL_newmetatable(L, stream_name);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, stream_tostring);
    lua_setfield(L, -2, "__tostring");
    lua_pushliteral(L, LUA_FILEHANDLE); /* in messages */
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    for (enum stream which = STREAM_IN; which <= STREAM_ERR; which++) {
        *(enum stream *)lua_newuserdatauv(L, sizeof which, 0) = which;
        lua_pushvalue(L, -2);
        lua_setmetatable(L, -2);
        lua_rawsetp(L, LUA_REGISTRYINDEX, stream_name + which);
    }
    lua_pop(L, 1);
}

static void io_add(lua_State *L, const char *name, lua_CFunction f, enum stream which)
{
    stream_push(L, which);
    if (f)
        lua_pushcclosure(L, f, 1);
    lua_setfield(L, -2, name);
}

void lib_open_io(lua_State *L)
{
    make_streams(L);
    lua_createtable(L, 0, 13);
    io_add(L, "stdin", NULL, STREAM_IN);
    io_add(L, "stdout", NULL, STREAM_OUT);
    io_add(L, "stderr", NULL, STREAM_ERR);
    io_add(L, "input", io_stream, STREAM_IN);
    io_add(L, "output", io_stream, STREAM_OUT);
    io_add(L, "write", io_write, STREAM_OUT);
    io_add(L, "flush", io_flush, STREAM_OUT);
    io_add(L, "read", io_read, STREAM_IN);
    io_add(L, "lines", io_lines, STREAM_IN);
    io_add(L, "close", io_close, STREAM_OUT);
    io_add(L, "type", io_type, STREAM_OUT);
    io_add(L, "open", io_open, STREAM_OUT);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, "io");
    lua_pop(L, 1);
    lua_setglobal(L, "io");
}
