/* What sources use, against the compiler that is linked: opcodes and dump format are held to it. */
#include "runtime/script/check/bytecode.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/tap.h"

static char told[65536];
static size_t uses;

static void seen(void *ud, const struct use *use)
{
    size_t n = strlen(told);

    (void)ud;
    uses++;
    if (n < sizeof told - 1000)
        snprintf(told + n, sizeof told - n, "%s%d%c%.*s%s%.*s%s%.*s", n ? " " : "", use->line,
                 "rwfsmpt"[use->kind], (int)use -> name.n, use->name.at, use->field.at ? "." : "",
                 (int)use->field.n, use->field.at ? use->field.at : "", use->text.at ? ":" : "",
                 (int)use->text.n, use->text.at ? use->text.at : "");
}

static int add(lua_State *L, const void *piece, size_t n, void *ud)
{
    char **end = ud;

    (void)L;
    memcpy(*end, piece, n);
    *end += n;
    return 0;
}

static char dump[1 << 20];

static size_t compile(lua_State *L, const char *source)
{
    char *end = dump;

    if (luaL_loadbufferx(L, source, strlen(source), "=x", "t"))
        return 0;
    lua_dump(L, add, &end, 0);
    lua_pop(L, 1);
    return (size_t)(end - dump);
}

static void uses_are(lua_State *L, const char *what, const char *source, const char *want)
{
    size_t n = compile(L, source);

    told[0] = '\0';

    int r = n ? bytecode_uses(L, dump, n, seen, NULL) : -1;

    if (!ok(r == 0 && strcmp(told, want) == 0 && lua_gettop(L) == 0, "%s", what))
        printf("# %s\n# told:   %s\n# wanted: %s\n", source, told, want);
}

static void table(lua_State *L)
{
    uses_are(L, "reads and writes, with their lines", "a = b\n\nc = 1", "1rb 1wa 3wc");
    uses_are(L, "locals and upvalues are no globals", "local a = 1 return function() a = a + 1 end",
             "");
    uses_are(L, "a field that is called like a global", "local t = {} t.print = t.x", "");
    uses_are(L, "globals of functions in functions",
             "function f()\n return function()\n return x end end", "3rx 1wf");
    uses_are(L, "a local _ENV is another world", "local _ENV = {} x = y", "");
    uses_are(L, "a parameter called _ENV too", "local function f(_ENV) return x end", "");
    uses_are(L, "_ENV by name", "return _ENV.x", "1rx");
    uses_are(L, "a field of a global", "return os.time", "1ros 1fos.time");
    uses_are(L, "a field that is set", "string.x = 1", "1rstring 1sstring.x");
    uses_are(L, "set after a choice", "_G.x = a and b", "1r_G 1ra 1rb 1s_G.x");
    uses_are(L, "a member of a field", "return box.options.top",
             "1rbox 1fbox.options 1mbox.options:top");
    uses_are(L, "a member that is set", "box.json.mine = 1", "1rbox 1fbox.json 1pbox.json:mine");
    uses_are(L, "a literal argument", "require 'm'", "1rrequire 1trequire:m");
    uses_are(L, "a literal argument of a field", "return box.call('m', {a = b or 1})",
             "1rbox 1fbox.call 1rb 1tbox.call:m");
    uses_are(L, "a tail call is none in the main chunk's way", "local x = box.call('m')",
             "1rbox 1fbox.call 1tbox.call:m");
    uses_are(L, "an argument that is computed", "box.call('m' .. x)", "1rbox 1fbox.call 1rx");
    uses_are(L, "an argument that is chosen", "box.call(x and 'm' or 'n')", "1rbox 1fbox.call 1rx");
    uses_are(L, "a function as an argument is not called", "pcall(require, 'm')",
             "1rpcall 1rrequire");
    uses_are(L, "no argument", "box.call()", "1rbox 1fbox.call");
    uses_are(L, "a choice of tables has no known fields", "return (a and os or b).x",
             "1ra 1ros 1rb");
    uses_are(L, "a local that a loop replaces", "local t = os while x do t.y() t = {} end",
             "1ros 1rx");
    uses_are(L, "strings and comments", "-- os.execute()\nreturn 'debug', [[dofile]]", "");
    uses_are(L, "every kind of constant",
             "return 1, 2.5, 2^53, -0.0, true, false, nil, ('x'):rep(300)", "");
}

/* More constants than fit an instruction's operand, and a line beyond what a difference can tell. */
static void large(lua_State *L)
{
    char *source = malloc(65536), *at = source;

    at += sprintf(at, "local t = {");
    for (int i = 0; i < 300; i++)
        at += sprintf(at, "'k%d',", i);
    at += sprintf(at, "}");
    for (int i = 0; i < 400; i++)
        *at++ = '\n';
    sprintf(at, "a = b\nos.x()\nbox.call('m')\nc = d and e or f\nos.y = 1");
    uses_are(L, "where constants do not fit an operand", source,
             "401rb 401wa 402ros 402fos.x 403rbox 403fbox.call 403tbox.call:m "
             "404rd 404re 404rf 404wc 405ros 405sos.y");
    free(source);
}

/* No dump is ever a stranger's; all the same, a damaged one is refused or misread, and nothing worse. */
static void damaged(lua_State *L)
{
    size_t n = compile(L, "local a, b = 1 function f(x) return os.time(x), a, {b} end require 'm'");
    bool short_refused = n > 0;
    char kept[4096];

    memcpy(kept, dump, n);
    for (size_t i = 0; i < n; i++)
        short_refused &= bytecode_uses(L, dump, i, seen, NULL) < 0;
    ok(short_refused, "every beginning of a dump is refused");
    for (size_t i = 0; i < n; i++)
        for (int bit = 0; bit < 8; bit++) {
            memcpy(dump, kept, n);
            dump[i] = (char)(dump[i] ^ 1 << bit);
            bytecode_uses(L, dump, n, seen, NULL);
        }
    ok(lua_gettop(L) == 0, "each bit of a dump turned");
    dump[0] = 'x';
    ok(bytecode_uses(L, dump, n, seen, NULL) < 0, "another format is refused");
}

int main(void)
{
    lua_State *L = luaL_newstate();

    if (!L)
        return 1;
    table(L);
    large(L);
    damaged(L);
    lua_close(L);
    return done();
}
