/* base64 and base32 with an alphabet and a padding of the module's, strict as RFC 4648 is: bits that
 * are left over are zero, and padding is exact. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "runtime/script/sn0int/sandbox.h"

struct encoding {
    unsigned bits; /* of a symbol: 6 or 5 */
    const char *symbols;
    int pad;                /* or -1 */
    signed char value[128]; /* -1: no symbol */
};

/* Symbols of whole bytes. */
static size_t encoding_block(const struct encoding *e)
{
    return e->bits == 6 ? 4 : e->bits == 5 ? 8 : 2;
}

/* Arguments 2 and 3: the alphabet, the padding ("" for none). Or push what is wrong with them. */
static bool encoding_take(lua_State *L, unsigned bits, struct encoding *e)
{
    size_t n, padding;
    const char *text =
        bits == 4 ? luaL_optlstring(L, 3, "", &padding) : luaL_checklstring(L, 3, &padding);

    *e = (struct encoding){.bits = bits, .pad = -1};
    e->symbols = luaL_checklstring(L, 2, &n);
    memset(e->value, -1, sizeof e->value);
    if (n != 1u << bits) {
        lua_pushfstring(L, "alphabet isn't base%d", 1 << bits);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)e->symbols[i];

        if (c > 127 || e->value[c] >= 0) {
            lua_pushliteral(L, "the alphabet has a symbol twice, or one that is not ASCII");
            return false;
        }
        e->value[c] = (signed char)i;
    }
    if (padding)
        e->pad = (unsigned char)*text;
    if (e->pad > 127 || (padding && e->value[e->pad] >= 0)) {
        lua_pushliteral(L, "the padding is a symbol of the alphabet, or not ASCII");
        return false;
    }
    return true;
}

/* Push N bytes, encoded. */
static void encoding_push(lua_State *L, const struct encoding *e, const char *bytes, size_t n)
{
    unsigned held = 0;
    uint32_t bits = 0;
    luaL_Buffer b;

    luaL_buffinit(L, &b);
    for (size_t i = 0; i < n; i++) {
        bits = bits << 8 | (unsigned char)bytes[i];
        for (held += 8; held >= e->bits; held -= e->bits)
            luaL_addchar(&b, e->symbols[bits >> (held - e->bits) & ((1u << e->bits) - 1)]);
    }
    if (held)
        luaL_addchar(&b, e->symbols[bits << (e->bits - held) & ((1u << e->bits) - 1)]);
    while (e->pad >= 0 && luaL_bufflen(&b) % encoding_block(e))
        luaL_addchar(&b, (char)e->pad);
    luaL_pushresult(&b);
}

/* Push the bytes of the N characters at TEXT; or, false, what is wrong with it. */
static bool encoding_decode(lua_State *L, const struct encoding *e, const char *text, size_t n)
{
    size_t whole = n;
    unsigned held = 0;
    uint32_t bits = 0;
    luaL_Buffer b;

    while (e->pad >= 0 && whole && n - whole < encoding_block(e) && text[whole - 1] == (char)e->pad)
        whole--;
    luaL_buffinit(L, &b);
    for (size_t i = 0; i < whole; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c > 127 || e->value[c] < 0) {
            lua_pushfstring(L, "invalid symbol at %I", (LUAI_UACINT)i);
            return false;
        }
        bits = bits << e->bits | (uint32_t)(unsigned char)e->value[c];
        held += e->bits;
        if (held >= 8)
            luaL_addchar(&b, (char)(bits >> (held -= 8)));
    }
    luaL_pushresult(&b);
    /* Of a last symbol that adds no bit to a byte, none was needed. */
    if (held >= e->bits ||
        (e->pad >= 0 ? n % encoding_block(e) || n - whole >= encoding_block(e) : n != whole)) {
        lua_pushfstring(L, "invalid length at %I", (LUAI_UACINT)whole);
        return false;
    }
    if (bits & ((1u << held) - 1)) {
        lua_pushfstring(L, "non-zero trailing bits at %I", (LUAI_UACINT)whole - 1);
        return false;
    }
    return true;
}

/* Upvalue: bits of a symbol. */
static int encoding_encode_custom(lua_State *L)
{
    struct encoding e;
    size_t n;
    const char *bytes;

    if (!encoding_take(L, (unsigned)lua_tointeger(L, lua_upvalueindex(1)), &e))
        return sandbox_fail_top(L);
    bytes = sandbox_bytes_arg(L, 1, &n);
    if (!bytes)
        return sandbox_fail_top(L);
    encoding_push(L, &e, bytes, n);
    return 1;
}

static int encoding_decode_custom(lua_State *L)
{
    struct encoding e;
    size_t n;
    const char *text = luaL_checklstring(L, 1, &n);

    if (!encoding_take(L, (unsigned)lua_tointeger(L, lua_upvalueindex(1)), &e) ||
        !encoding_decode(L, &e, text, n))
        return sandbox_fail_top(L);
    return 1;
}

void sandbox_open_encoding(lua_State *L)
{
    static const struct {
        const char *name;
        lua_CFunction function;
        int bits;
    } functions[] = {
        {"base64_custom_encode", encoding_encode_custom, 6},
        {"base64_custom_decode", encoding_decode_custom, 6},
        {"base32_custom_encode", encoding_encode_custom, 5},
        {"base32_custom_decode", encoding_decode_custom, 5},
        {"hex_custom_encode", encoding_encode_custom, 4}, /* these two are not sn0int's */
        {"hex_custom_decode", encoding_decode_custom, 4}};

    lua_pushglobaltable(L);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        lua_pushinteger(L, functions[i].bits);
        lua_pushcclosure(L, functions[i].function, 1);
        lua_setfield(L, -2, functions[i].name);
    }
    lua_pop(L, 1);
}
