/* What box.std.hash and box.std.base64 have from C: digests of libmd, BLAKE2b, base64. Their arguments
 * were checked by the module (runtime/script/std/), and are checked again here. */
#include <md5.h>
#include <sha1.h>
#include <sha2.h>
#include <string.h>

#include "runtime/json/base64.h"
#include "runtime/script/core/blake2b.h"
#include "runtime/script/core/box.h"
#include "runtime/script/lib/lib.h"

#define DIGEST(name, NAME, context)                        \
    static int hash_##name(lua_State *L)                   \
    {                                                      \
        uint8_t digest[NAME##_DIGEST_LENGTH];              \
        size_t n;                                          \
        const char *bytes = luaL_checklstring(L, 1, &n);   \
        context c;                                         \
                                                           \
        NAME##Init(&c);                                    \
        NAME##Update(&c, (const uint8_t *)bytes, n);       \
        NAME##Final(digest, &c);                           \
        lua_pushlstring(L, (char *)digest, sizeof digest); \
        return 1;                                          \
    }

DIGEST(md5, MD5, MD5_CTX)
DIGEST(sha1, SHA1, SHA1_CTX)
DIGEST(sha256, SHA256, SHA2_CTX)
DIGEST(sha512, SHA512, SHA2_CTX)

/* blake2b(bytes, size, key) */
static int hash_blake2b(lua_State *L)
{
    unsigned char digest[BLAKE2B_MOST];
    size_t n, key_size;
    const char *bytes = luaL_checklstring(L, 1, &n), *key = luaL_checklstring(L, 3, &key_size);
    lua_Integer size = luaL_checkinteger(L, 2);

    luaL_argcheck(L, size >= 1 && size <= BLAKE2B_MOST, 2, "1 to 64 expected");
    luaL_argcheck(L, key_size <= BLAKE2B_MOST, 3, "at most 64 bytes expected");
    blake2b(bytes, n, key, key_size, digest, (size_t)size);
    lua_pushlstring(L, (char *)digest, (size_t)size);
    return 1;
}

void hash_push(lua_State *L)
{
    static const luaL_Reg functions[] = {{"md5", hash_md5},         {"sha1", hash_sha1},
                                         {"sha256", hash_sha256},   {"sha512", hash_sha512},
                                         {"blake2b", hash_blake2b}, {NULL, NULL}};

    luaL_newlib(L, functions);
}

static int base64_lib_encode(lua_State *L)
{
    size_t n;
    const char *bytes = luaL_checklstring(L, 1, &n);
    luaL_Buffer b;

    base64_encode(bytes, n, luaL_buffinitsize(L, &b, base64_size(n)));
    luaL_pushresultsize(&b, base64_size(n));
    return 1;
}

/* nil if it is no base64. */
static int base64_lib_decode(lua_State *L)
{
    size_t n;
    const char *text = luaL_checklstring(L, 1, &n);
    luaL_Buffer b;
    size_t bytes = base64_decode(text, n, luaL_buffinitsize(L, &b, n / 4 * 3));

    if (bytes == (size_t)-1)
        luaL_pushfail(L);
    else
        luaL_pushresultsize(&b, bytes);
    return 1;
}

void base64_push(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"encode", base64_lib_encode}, {"decode", base64_lib_decode}, {NULL, NULL}};

    luaL_newlib(L, functions);
}
