/* md5, sha1, sha2_*, sha3_* and HMAC over them: nettle's. Results are bytes. */
#include <nettle/hmac.h>
#include <nettle/nettle-meta.h>
#include <nettle/sha3.h>

#include "runtime/script/sn0int/sandbox.h"

union state {
    struct md5_ctx md5;
    struct sha1_ctx sha1;
    struct sha256_ctx sha256;
    struct sha512_ctx sha512;
    struct sha3_256_ctx sha3_256;
    struct sha3_512_ctx sha3_512;
};

static const struct digest {
    const char *name, *hmac;
    const struct nettle_hash *hash;
} digests[] = {
    {"md5", "hmac_md5", &nettle_md5},
    {"sha1", "hmac_sha1", &nettle_sha1},
    {"sha2_256", "hmac_sha2_256", &nettle_sha256},
    {"sha2_512", "hmac_sha2_512", &nettle_sha512},
    {"sha3_256", "hmac_sha3_256", &nettle_sha3_256},
    {"sha3_512", "hmac_sha3_512", &nettle_sha3_512},
};

static const struct nettle_hash *digest_hash(lua_State *L)
{
    const struct digest *d = lua_touserdata(L, lua_upvalueindex(1));

    return d->hash;
}

/* Upvalue: its digest. */
static int digest_bytes(lua_State *L)
{
    const struct nettle_hash *hash = digest_hash(L);
    uint8_t digest[SHA512_DIGEST_SIZE];
    union state state;
    size_t n;
    const char *bytes = sandbox_bytes_arg(L, 1, &n);

    if (!bytes)
        return sandbox_fail_top(L);
    hash->init(&state);
    hash->update(&state, n, (const uint8_t *)bytes);
    hash->digest(&state, hash->digest_size, digest);
    lua_pushlstring(L, (const char *)digest, hash->digest_size);
    return 1;
}

/* Upvalue: its digest. Arguments: the key, the message. */
static int digest_hmac(lua_State *L)
{
    const struct nettle_hash *hash = digest_hash(L);
    uint8_t digest[SHA512_DIGEST_SIZE];
    union state outer, inner, state;
    size_t n, key_size;
    const char *key = sandbox_bytes_arg(L, 1, &key_size);
    const char *bytes = key ? sandbox_bytes_arg(L, 2, &n) : NULL;

    if (!bytes)
        return sandbox_fail_top(L);
    hmac_set_key(&outer, &inner, &state, hash, key_size, (const uint8_t *)key);
    hmac_update(&state, hash, n, (const uint8_t *)bytes);
    hmac_digest(&outer, &inner, &state, hash, hash->digest_size, digest);
    lua_pushlstring(L, (const char *)digest, hash->digest_size);
    return 1;
}

void sandbox_open_digest(lua_State *L)
{
    lua_pushglobaltable(L);
    for (size_t i = 0; i < sizeof digests / sizeof *digests; i++) {
        lua_pushlightuserdata(L, (void *)(uintptr_t)&digests[i]);
        lua_pushvalue(L, -1);
        lua_pushcclosure(L, digest_bytes, 1);
        lua_setfield(L, -3, digests[i].name);
        lua_pushcclosure(L, digest_hmac, 1);
        lua_setfield(L, -2, digests[i].hmac);
    }
    lua_pop(L, 1);
}
