/* Before `runbox check` looks at a bundle: are the bytecode and the opcodes of the linked compiler those
 * that this program reads? A source of runbox's own tells, whose uses are known. */
#include <lauxlib.h>
#include <string.h>

#include "runtime/script/check/bytecode.h"

static const char source[] = "a = b.c\n"
                             "box.call('m', x and y)\n"
                             "local t = {}\n"
                             "function f() t.x = 0.5 return os.time('t') end\n"
                             "string.z = nil";

/* Functions come before what surrounds them. No pointers: each would be relocated at every start. */
static const struct {
    enum use_kind kind;
    int line;
    char name[8], field[8], text[8];
} wanted[] = {
    {USE_READ, 4, "os", "", ""},       {USE_FIELD, 4, "os", "time", ""},
    {USE_TEXT, 4, "os", "time", "t"},  {USE_READ, 1, "b", "", ""},
    {USE_FIELD, 1, "b", "c", ""},      {USE_WRITE, 1, "a", "", ""},
    {USE_READ, 2, "box", "", ""},      {USE_FIELD, 2, "box", "call", ""},
    {USE_READ, 2, "x", "", ""},        {USE_READ, 2, "y", "", ""},
    {USE_TEXT, 2, "box", "call", "m"}, {USE_WRITE, 4, "f", "", ""},
    {USE_READ, 5, "string", "", ""},   {USE_SET, 5, "string", "z", ""},
};

#define WANTED (sizeof wanted / sizeof wanted[0])

struct met {
    size_t uses; /* in the order of WANTED; WANTED + 1: there was another */
};

static bool is_text(struct text t, const char *text)
{
    return t.n == strlen(text) && (!t.n || memcmp(t.at, text, t.n) == 0);
}

static void known_seen(void *ud, const struct use *use)
{
    struct met *m = ud;
    size_t i = m->uses;

    if (i < WANTED && use->kind == wanted[i].kind && use->line == wanted[i].line &&
        is_text(use->name, wanted[i].name) && is_text(use->field, wanted[i].field) &&
        is_text(use->text, wanted[i].text))
        m->uses++;
    else
        m->uses = WANTED + 1;
}

bool bytecode_known(lua_State *L)
{
    struct met m = {0};
    int r;

    if (luaL_loadbufferx(L, source, sizeof source - 1, "=known", "t") != LUA_OK)
        lua_error(L);
    r = bytecode_function_uses(L, known_seen, &m);
    lua_pop(L, 1);
    return r == 0 && m.uses == WANTED;
}
