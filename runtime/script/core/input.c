/* io.read over the wire. Input received but not yet read is in one buffer that the collector owns
 * (a value in the registry), so that an error half-way leaks and loses nothing. */
#include "runtime/script/core/input.h"

#include <ctype.h>
#include <lauxlib.h>
#include <string.h>

#include "runtime/json/base64.h"
#include "runtime/script/core/box.h"

#define NUMBER_MAX 200 /* like stock Lua's longest numeral */
#define KEEP       65536

static void input_grow(lua_State *L, struct input *in, size_t more)
{
    size_t used = in->end - in->begin;

    if (used && in->begin) {
        memmove(in->data, in->data + in->begin, used);
        in->begin = 0;
        in->end = used;
    } else if (!used) {
        in->begin = in->end = 0;
    }
    if (in->cap - in->end >= more && (in->cap <= KEEP || used + more > KEEP))
        return;

    size_t cap = in->cap && in->cap <= KEEP ? in->cap : 4096;

    while (cap < used + more)
        cap *= 2;

    char *data = lua_newuserdatauv(L, cap, 0);

    if (used)
        memcpy(data, in->data, used);
    in->data = data;
    in->cap = cap;
    lua_rawsetp(L, LUA_REGISTRYINDEX, in);
}

/* Request more; false at end of file, after which nothing is requested. */
static bool fill(lua_State *L, bool to_end)
{
    static const char line[] = "{\"Stdio\":\"Readline\"}", all[] = "{\"Stdio\":\"ToEnd\"}";
    struct box *b = box_of(L);
    struct input *in = &b->input;
    size_t n;

    if (in->eof)
        return false;
    luaL_checkstack(L, 8, "io.read");
    wire_drop_reply(&b->wire);
    wire_json(&b->wire, to_end ? all : line, "", 0, "");
    if (!wire_reply(L, &b->wire))
        lua_error(L);
    if (lua_type(L, -1) != LUA_TSTRING) {
        in->eof = true;
        lua_pop(L, 1);
        return false;
    }

    const char *text = lua_tolstring(L, -1, &n);

    input_grow(L, in, n);
    if (b->wire.base64) {
        n = base64_decode(text, n, in->data + in->end);
        if (n == (size_t)-1)
            luaL_error(L, "standard input is not base64");
    } else {
        memcpy(in->data + in->end, text, n);
    }
    in->end += n;
    lua_pop(L, 1);
    return true;
}

static void push(lua_State *L, struct input *in, size_t n)
{
    lua_pushlstring(L, in->data ? in->data + in->begin : "", n);
    in->begin += n;
}

static bool read_line(lua_State *L, bool chop)
{
    struct input *in = &box_of(L)->input;
    size_t seen = 0;

    for (;;) {
        size_t have = in->end - in->begin;
        char *nl = have > seen ? memchr(in->data + in->begin + seen, '\n', have - seen) : NULL;

        if (nl) {
            push(L, in, (size_t)(nl - (in->data + in->begin)) + !chop);
            in->begin += chop;
            return true;
        }
        seen = have;
        if (!fill(L, false)) {
            push(L, in, have);
            return have > 0;
        }
    }
}

static bool read_chars(lua_State *L, size_t n)
{
    struct input *in = &box_of(L)->input;

    while (in->end - in->begin < n && fill(L, false))
        ;

    size_t have = in->end - in->begin;

    push(L, in, have < n ? have : n);
    return have > 0;
}

static void input_read_all(lua_State *L)
{
    struct input *in = &box_of(L)->input;

    while (fill(L, true))
        ;
    push(L, in, in->end - in->begin);
}

static int peek(lua_State *L)
{
    struct input *in = &box_of(L)->input;

    while (in->begin == in->end)
        if (!fill(L, false))
            return -1;
    return (unsigned char)in->data[in->begin];
}

struct numeral {
    char text[NUMBER_MAX + 1];
    size_t n;
};

/* Take the next character if it is one of SET. */
static bool input_take(lua_State *L, struct numeral *num, const char *set)
{
    int c = peek(L);

    if (c <= 0 || !strchr(set, c))
        return false;
    if (num->n >= NUMBER_MAX) {
        num->n = 0;
        num->text[0] = 0; /* too long: not a number */
        return false;
    }
    num->text[num->n++] = (char)c;
    box_of(L)->input.begin++;
    return true;
}

static int take_digits(lua_State *L, struct numeral *num, bool hex)
{
    int n = 0;

    while (input_take(L, num, hex ? "0123456789abcdefABCDEF" : "0123456789"))
        n++;
    return n;
}

/* Read the longest prefix that looks like a numeral, as stock Lua does. */
static bool read_number(lua_State *L)
{
    struct numeral num = {.n = 0};
    int count = 0;
    bool hex = false;

    while (isspace(peek(L)))
        box_of(L)->input.begin++;
    input_take(L, &num, "+-");
    if (input_take(L, &num, "0")) {
        hex = input_take(L, &num, "xX");
        count = !hex;
    }
    count += take_digits(L, &num, hex);
    if (input_take(L, &num, "."))
        count += take_digits(L, &num, hex);
    if (count > 0 && input_take(L, &num, hex ? "pP" : "eE")) {
        input_take(L, &num, "+-");
        take_digits(L, &num, false);
    }
    num.text[num.n] = 0;
    if (lua_stringtonumber(L, num.text))
        return true;
    lua_pushnil(L);
    return false;
}

static bool read_format(lua_State *L, int arg)
{
    const char *f = luaL_checkstring(L, arg);

    switch (f[*f == '*']) {
    case 'n':
        return read_number(L);
    case 'l':
        return read_line(L, true);
    case 'L':
        return read_line(L, false);
    case 'a':
        input_read_all(L);
        return true;
    default:
        return luaL_argerror(L, arg, "invalid format");
    }
}

static bool read_count(lua_State *L, int arg)
{
    lua_Integer n = luaL_checkinteger(L, arg);

    luaL_argcheck(L, n >= 0, arg, "negative count");
    if (n > 0)
        return read_chars(L, (size_t)n);
    lua_pushliteral(L, ""); /* io.read(0) tells whether anything is left */
    return peek(L) >= 0;
}

int input_read(lua_State *L, int first)
{
    int last = lua_gettop(L);
    bool ok = true;

    luaL_checkstack(L, last + 8, "too many arguments");
    if (last < first)
        ok = read_line(L, true);
    for (int arg = first; arg <= last && ok; arg++)
        ok = lua_type(L, arg) == LUA_TNUMBER ? read_count(L, arg) : read_format(L, arg);
    if (!ok) {
        lua_pop(L, 1);
        luaL_pushfail(L);
    }
    return lua_gettop(L) - last;
}
