/* Reads Lua 5.4's dump format (ldump.c): a header, then nested functions. Each length is checked
 * against the bytes left, although this process's own compiler made the dump. */
#include "runtime/script/check/bytecode.h"

#include <lauxlib.h>
#include <string.h>

#include "runtime/script/check/trace.h"

#define DEPTH_MAX 250 /* nested functions: Lua's parser allows 200 C levels */

enum {
    K_NIL = 0x00,
    K_FALSE = 0x01,
    K_TRUE = 0x11,
    K_INT = 0x03,
    K_FLOAT = 0x13,
    K_SHORT = 0x04,
    K_LONG = 0x14
};

struct reader {
    lua_State *L;
    const unsigned char *at, *end;
    void (*each)(void *ud, struct function *f);
    void *ud;
    bool bad;
};

static const unsigned char *bytecode_take(struct reader *r, size_t n)
{
    const unsigned char *at = r->at;

    if (r->bad || (size_t)(r->end - r->at) < n) {
        r->bad = true;
        return NULL;
    }
    r->at += n;
    return at;
}

static unsigned take_byte(struct reader *r)
{
    const unsigned char *at = bytecode_take(r, 1);

    return at ? *at : 0;
}

/* dumpSize(): seven bits per byte, most significant first, the top bit set in the last one. */
static size_t take_size(struct reader *r)
{
    size_t n = 0;
    unsigned byte;

    do {
        byte = take_byte(r);
        if (r->bad || n > SIZE_MAX >> 7) {
            r->bad = true;
            return 0;
        }
        n = n << 7 | (byte & 0x7f);
    } while (!(byte & 0x80));
    return n;
}

/* A count of items that each take at least EACH bytes of the dump. */
static size_t bytecode_take_count(struct reader *r, size_t each)
{
    size_t n = take_size(r);

    if (n > (size_t)(r->end - r->at) / each) {
        r->bad = true;
        return 0;
    }
    return n;
}

static struct text take_text(struct reader *r)
{
    size_t n = take_size(r);
    const unsigned char *at = n ? bytecode_take(r, n - 1) : NULL;

    return (struct text){(const char *)at, at ? n - 1 : 0};
}

/* Push a zeroed userdata of N times SIZE bytes. */
static void *new_array(struct reader *r, size_t n, size_t size)
{
    void *array = lua_newuserdatauv(r->L, (n ? n : 1) * size, 0);

    memset(array, 0, (n ? n : 1) * size);
    return array;
}

static void take_constants(struct reader *r, struct function *f)
{
    struct text *constant;

    f->constants = bytecode_take_count(r, 1);
    f->constant = constant = new_array(r, f->constants, sizeof *constant);
    for (size_t i = 0; i < f->constants && !r->bad; i++)
        switch (take_byte(r)) {
        case K_NIL:
        case K_FALSE:
        case K_TRUE:
            break;
        case K_INT:
        case K_FLOAT:
            bytecode_take(r, 8);
            break;
        case K_SHORT:
        case K_LONG:
            constant[i] = take_text(r);
            break;
        default:
            r->bad = true;
        }
}

/* An upvalue is _ENV if it is the first one of the main chunk, or refers to such an upvalue of the
 * enclosing function. One that refers to a local is not, whatever its name. */
static void take_upvalues(struct reader *r, struct function *f, struct function *around)
{
    f->around = around;
    f->upvalues = bytecode_take_count(r, 3);
    f->upvalue = bytecode_take(r, 3 * f->upvalues);
    r->bad |= f->upvalues > 255;
    for (size_t i = 0; i < f->upvalues && !r->bad; i++) {
        const unsigned char *at = f->upvalue + 3 * i;

        f->env[i] = around ? !at[0] && around->env[at[1]] : i == 0;
    }
}

/* Lines are stored as differences, and now and then absolute (ldebug.c, luaG_getfuncline). */
static void take_lines(struct reader *r, struct function *f, size_t first)
{
    int *line = new_array(r, f->size, sizeof *line), at = (int)first;
    size_t count = bytecode_take_count(r, 1), whole;
    const unsigned char *step = bytecode_take(r, count);

    f->line = line;
    whole = bytecode_take_count(r, 2);
    r->bad |= count != f->size;
    for (size_t i = 0; i < count && !r->bad; i++) {
        if (step[i] == 0x80 && whole) {
            take_size(r);
            at = (int)take_size(r);
            whole--;
        } else {
            at += (signed char)step[i];
        }
        line[i] = at;
    }
    r->bad |= whole != 0;
}

static void skip_names(struct reader *r)
{
    for (size_t count = bytecode_take_count(r, 3); count && !r->bad; count--) { /* locals */
        take_text(r);
        take_size(r);
        take_size(r);
    }
    for (size_t count = bytecode_take_count(r, 1); count && !r->bad; count--) /* upvalues */
        take_text(r);
}

static void take_function(struct reader *r, struct function *around, unsigned depth)
{
    struct function *f;
    int top = lua_gettop(r->L);
    size_t first;

    luaL_checkstack(r->L, 6, "too many nested functions");
    f = new_array(r, 1, sizeof *f);
    take_text(r); /* source */
    first = take_size(r);
    take_size(r);        /* last line */
    bytecode_take(r, 3); /* parameters, vararg, stack */
    f->size = bytecode_take_count(r, 4);
    f->code = bytecode_take(r, 4 * f->size);
    take_constants(r, f);
    take_upvalues(r, f, around);
    r->bad |= depth == 0;
    for (size_t count = bytecode_take_count(r, 1); count && !r->bad; count--)
        take_function(r, f, depth - 1);
    take_lines(r, f, first);
    skip_names(r);
    f->since = new_array(r, f->size, sizeof *f->since);
    if (!r->bad)
        r->each(r->ud, f);
    lua_settop(r->L, top);
}

/* lundump.c, checkHeader: signature, version, format, data, sizes, and an integer and a float in
 * this machine's representation. */
static void take_header(struct reader *r)
{
    static const char head[] = "\x1bLua\x54\x00\x19\x93\r\n\x1a\n\x04\x08\x08";
    const lua_Integer integer = 0x5678;
    const lua_Number number = 370.5;
    const unsigned char *at = bytecode_take(r, sizeof head - 1 + 16);

    if (at &&
        (memcmp(at, head, sizeof head - 1) != 0 || memcmp(at + sizeof head - 1, &integer, 8) != 0 ||
         memcmp(at + sizeof head + 7, &number, 8) != 0))
        r->bad = true;
    bytecode_take(r, 1); /* count of the main function's upvalues, repeated in it */
}

static int bytecode_read(lua_State *L, const char *dump, size_t n,
                         void (*each)(void *ud, struct function *f), void *ud)
{
    struct reader r = {.L = L,
                       .at = (const unsigned char *)dump,
                       .end = (const unsigned char *)dump + n,
                       .each = each,
                       .ud = ud};

    take_header(&r);
    take_function(&r, NULL, DEPTH_MAX);
    return r.bad || r.at != r.end ? -1 : 0;
}

struct uses {
    void (*seen)(void *ud, const struct use *use);
    void *ud;
};

static void uses_of(void *ud, struct function *f)
{
    const struct uses *u = ud;

    trace_function(f, u->seen, u->ud);
}

int bytecode_uses(lua_State *L, const char *dump, size_t n,
                  void (*seen)(void *ud, const struct use *use), void *ud)
{
    return bytecode_read(L, dump, n, uses_of, &(struct uses){seen, ud});
}

struct dump {
    bool begun; /* the buffer takes a stack slot, but lua_dump() needs the function on top */
    luaL_Buffer buffer;
};

static int add_piece(lua_State *L, const void *piece, size_t n, void *ud)
{
    struct dump *d = ud;

    if (!d->begun)
        luaL_buffinit(L, &d->buffer);
    d->begun = true;
    luaL_addlstring(&d->buffer, piece, n);
    return 0;
}

int bytecode_functions(lua_State *L, void (*each)(void *ud, struct function *f), void *ud)
{
    struct dump d = {0};
    size_t n;
    int r;

    lua_dump(L, add_piece, &d, 0);
    luaL_pushresult(&d.buffer);

    const char *dump = lua_tolstring(L, -1, &n);

    r = bytecode_read(L, dump, n, each, ud);
    lua_pop(L, 1);
    return r;
}

int bytecode_function_uses(lua_State *L, void (*seen)(void *ud, const struct use *use), void *ud)
{
    return bytecode_functions(L, uses_of, &(struct uses){seen, ud});
}
