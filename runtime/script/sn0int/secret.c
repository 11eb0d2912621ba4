/* key_trunc_pad, and sodium_secretbox_open (libsodium's XSalsa20-Poly1305). */
#include <sodium/crypto_secretbox.h>
#include <string.h>

#include "runtime/script/sn0int/sandbox.h"

/* Bytes, a length, the byte to pad with. */
static int key_trunc_pad(lua_State *L)
{
    lua_Integer length = luaL_checkinteger(L, 2), pad = luaL_checkinteger(L, 3);
    size_t n;
    const char *bytes;
    luaL_Buffer b;
    char *key;

    luaL_argcheck(L, length >= 0 && length <= UINT32_MAX, 2, "expected 0 to 4294967295");
    luaL_argcheck(L, pad >= 0 && pad <= 255, 3, "expected 0 to 255");
    bytes = sandbox_bytes_arg(L, 1, &n);
    if (!bytes)
        return sandbox_fail_top(L);
    n = n < (size_t)length ? n : (size_t)length;
    key = luaL_buffinitsize(L, &b, (size_t)length);
    memcpy(key, bytes, n);
    memset(key + n, (int)pad, (size_t)length - n);
    luaL_pushresultsize(&b, (size_t)length);
    return 1;
}

/* The nonce and the box, one after the other; the key. */
static int secretbox_open(lua_State *L)
{
    size_t n, key_size;
    const char *box = sandbox_bytes_arg(L, 1, &n);
    const char *key = box ? sandbox_bytes_arg(L, 2, &key_size) : NULL;
    const unsigned char *bytes = (const unsigned char *)box;
    unsigned char *plain;

    if (!key)
        return sandbox_fail_top(L);
    if (n <= crypto_secretbox_NONCEBYTES)
        return sandbox_fail(L, "Encrypted message is too short");
    if (key_size != crypto_secretbox_KEYBYTES)
        return sandbox_fail(L, "Key has wrong length");
    n -= crypto_secretbox_NONCEBYTES;
    plain = lua_newuserdatauv(L, n, 0);
    if (crypto_secretbox_open_easy(plain, bytes + crypto_secretbox_NONCEBYTES, n, bytes,
                                   (const unsigned char *)key) != 0)
        return sandbox_fail(L, "Failed to decrypt secretbox");
    lua_pushlstring(L, (const char *)plain, n - crypto_secretbox_MACBYTES);
    return 1;
}

void sandbox_open_secret(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"key_trunc_pad", key_trunc_pad}, {"sodium_secretbox_open", secretbox_open}, {NULL, NULL}};

    lua_pushglobaltable(L);
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}
