/* What the build hostile/lua of runbox-lua is linked with: a Lua that looks the same and is not. It keeps the period
 * of a count hook where it is expected, but counts nothing; and its opcodes have other numbers. */
#include <lua.h>
#include <stdlib.h>
#include <string.h>

void __real_lua_sethook(lua_State *L, lua_Hook f, int mask, int count);
void __wrap_lua_sethook(lua_State *L, lua_Hook f, int mask, int count);
int __real_lua_dump(lua_State *L, lua_Writer write, void *ud, int strip);
int __wrap_lua_dump(lua_State *L, lua_Writer write, void *ud, int strip);

void __wrap_lua_sethook(lua_State *L, lua_Hook f, int mask, int count)
{
    __real_lua_sethook(L, f, mask & ~LUA_MASKCOUNT, count);
}

struct writer {
    lua_Writer write;
    void *ud;
};

/* The code of a function is a piece of its own: four bytes an instruction, the opcode in the low bits of the first. */
static int write_other(lua_State *L, const void *piece, size_t n, void *ud)
{
    const struct writer *w = ud;
    char *other = malloc(n);
    int r;

    if (!other)
        return 1;
    memcpy(other, piece, n);
    if (n >= 8 && n % 4 == 0)
        for (size_t i = 0; i < n; i += 4)
            other[i] = (char)(other[i] ^ 1);
    r = w->write(L, other, n, w->ud);
    free(other);
    return r;
}

int __wrap_lua_dump(lua_State *L, lua_Writer write, void *ud, int strip)
{
    return __real_lua_dump(L, write_other, &(struct writer){write, ud}, strip);
}
