/* io.read over the wire. Input received but not yet read is in one buffer that the collector owns
 * (a value in the registry), so that an error half-way leaks nothing, and loses nothing but what "a"
 * has gathered, or a SHORT text where memory is full. A finalizer, which any allocation but
 * wire_push_room()'s may run, reads from it too: what was seen of it before holds no longer. */
#include "runtime/script/core/input.h"

#include <ctype.h>
#include <lauxlib.h>
#include <string.h>

#include "runtime/json/base64.h"
#include "runtime/script/core/box.h"
#include "schemas/setup.h"

#define NUMBER_MAX 200 /* like stock Lua's longest numeral */
#define KEEP       65536
#define SHORT      1024 /* bytes of a text whose copy is not worth a protected call */

#define STDIO_FIRST 4096 /* bytes that are asked for first */

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

    char *data = wire_push_room(L, cap);

    if (used)
        memcpy(data, in->data, used);
    lua_rawsetp(L, LUA_REGISTRYINDEX, in); /* which may fail the first time */
    in->data = data;
    in->cap = cap;
}

/* Append N bytes of TEXT, which is on top of the stack, as they are encoded. */
static void input_add(lua_State *L, struct box *b, const char *text, size_t n)
{
    struct input *in = &b->input;

    input_grow(L, in, n);
    if (b->wire.form == WIRE_BASE64) {
        n = base64_decode(text, n, in->data + in->end);
        if (n == (size_t)-1)
            luaL_error(L, "standard input is not base64");
    } else {
        memcpy(in->data + in->end, text, n);
    }
    in->end += n;
}

/* Request a text; false at the end. */
static bool fill_text(lua_State *L, struct box *b, bool to_end)
{
    static const char line[] = "{\"Stdio\":\"Readline\"}", all[] = "{\"Stdio\":\"ToEnd\"}";
    const char *text;
    size_t n;

    wire_drop_reply(&b->wire);
    if (b->wire.reads)
        wire_ask_bytes(&b->wire, STDIO_MOST);
    else
        wire_json(&b->wire, to_end ? all : line, "", 0, "");
    if (!wire_reply(L, &b->wire))
        lua_error(L);
    text = lua_tolstring(L, -1, &n);
    if (text)
        input_add(L, b, text, n);
    lua_pop(L, 1);
    return text != NULL;
}

/* Request as many bytes as there is room for: more, while there are as many. Nothing is allocated
 * between the request and its reply, so nothing of it can be lost. */
static bool fill_bytes(lua_State *L, struct box *b)
{
    struct input *in = &b->input;
    size_t n;

    if (!in->want)
        in->want = STDIO_FIRST;
    input_grow(L, in, in->want);
    n = in->cap - in->end;
    n = n < STDIO_MOST ? n : STDIO_MOST;
    n = wire_read(&b->wire, in->data + in->end, n);
    in->end += n;
    if (n >= in->want && in->want < STDIO_MOST)
        in->want *= 2;
    return n > 0;
}

/* Request more; false at end of file, after which nothing is requested. */
static bool fill(lua_State *L, bool to_end)
{
    struct box *b = box_of(L);

    if (b->input.eof)
        return false;
    luaL_checkstack(L, 8 + LUA_MINSTACK, "io.read");
    b->input.eof = b->wire.form == WIRE_BYTES ? !fill_bytes(L, b) : !fill_text(L, b, to_end);
    return !b->input.eof;
}

static int copy(lua_State *L)
{
    lua_pushlstring(L, lua_touserdata(L, 1), (size_t)lua_tointeger(L, 2));
    return 1;
}

/* Push N bytes and step over SKIP more. They are taken first: finalizers run once N are copied. A long
 * text that does not fit in memory is put back. */
static void push(lua_State *L, struct input *in, size_t n, size_t skip)
{
    char *from = in->data ? in->data + in->begin : NULL;

    in->begin += n + skip;
    if (n <= SHORT) {
        lua_pushlstring(L, n ? from : "", n);
        return;
    }
    lua_pushcfunction(L, copy);
    lua_pushlightuserdata(L, from);
    lua_pushinteger(L, (lua_Integer)n);
    if (lua_pcall(L, 2, 1, 0) != LUA_OK) {
        in->begin -= n + skip;
        wire_no_memory(L);
    }
}

static bool read_line(lua_State *L, bool chop)
{
    struct input *in = &box_of(L)->input;
    size_t seen = 0;

    for (;;) {
        size_t have = in->end - in->begin;
        char *nl = have > seen ? memchr(in->data + in->begin + seen, '\n', have - seen) : NULL;

        if (nl) {
            push(L, in, (size_t)(nl - (in->data + in->begin)) + !chop, chop);
            return true;
        }
        seen = have;
        if (!fill(L, false)) {
            have = in->end - in->begin;
            push(L, in, have, 0);
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

    push(L, in, have < n ? have : n, 0);
    return have > 0;
}

/* At TO, STDIO_MOST bytes at most: what is there, or else what comes; 0 at the end. */
static size_t take_bytes(struct box *b, char *to)
{
    struct input *in = &b->input;
    size_t have = in->end - in->begin, n = have < STDIO_MOST ? have : STDIO_MOST;

    if (n) {
        memcpy(to, in->data + in->begin, n);
        in->begin += n;
    } else if (!in->eof) {
        n = wire_read(&b->wire, to, STDIO_MOST);
        in->eof = n == 0;
    }
    return n;
}

/* Each piece where it will stay, as in stock Lua. */
static void read_all_bytes(lua_State *L, struct box *b)
{
    luaL_Buffer all;
    size_t n;

    luaL_buffinit(L, &all);
    do {
        n = take_bytes(b, luaL_prepbuffsize(&all, STDIO_MOST));
        luaL_addsize(&all, n);
    } while (n);
    luaL_pushresult(&all);
}

static void input_read_all(lua_State *L)
{
    struct box *b = box_of(L);
    struct input *in = &b->input;

    if (b->wire.form == WIRE_BYTES && !in->eof) {
        read_all_bytes(L, b);
        return;
    }
    while (fill(L, true))
        ;
    push(L, in, in->end - in->begin, 0);
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
