/* md5, sha1, sha2_*, sha3_* and HMAC over them: nettle's. Results are bytes. keccak_*, which sn0int does not
 * have, are SHA-3 as it was before FIPS 202, of other padding. */
#include <string.h>

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

/* Of a state with a block of which INDEX bytes are filled: FIPS 202, section 5.1, without the two bits of
 * section 6.1. */
static void keccak_digest(struct sha3_state *state, uint8_t *block, size_t size, size_t index,
                          size_t n, uint8_t *digest)
{
    memset(block + index, 0, size - index);
    block[index] = 1;
    block[size - 1] |= 0x80;
    for (size_t i = 0; i < size; i++)
        state->a[i / 8] ^= (uint64_t)block[i] << i % 8 * 8;
    sha3_permute(state);
    for (size_t i = 0; i < n; i++)
        digest[i] = (uint8_t)(state->a[i / 8] >> i % 8 * 8);
}

static void keccak_256_digest(void *of, size_t n, uint8_t *digest)
{
    struct sha3_256_ctx *c = of;

    keccak_digest(&c->state, c->block, sizeof c->block, c->index, n, digest);
}

static void keccak_512_digest(void *of, size_t n, uint8_t *digest)
{
    struct sha3_512_ctx *c = of;

    keccak_digest(&c->state, c->block, sizeof c->block, c->index, n, digest);
}

static const struct digest {
    const char *name, *hmac;
    const struct nettle_hash *hash;
    nettle_hash_digest_func *digest; /* NULL: the hash's own */
} digests[] = {
    {"md5", "hmac_md5", &nettle_md5, NULL},
    {"sha1", "hmac_sha1", &nettle_sha1, NULL},
    {"sha2_256", "hmac_sha2_256", &nettle_sha256, NULL},
    {"sha2_512", "hmac_sha2_512", &nettle_sha512, NULL},
    {"sha3_256", "hmac_sha3_256", &nettle_sha3_256, NULL},
    {"sha3_512", "hmac_sha3_512", &nettle_sha3_512, NULL},
    {"keccak_256", NULL, &nettle_sha3_256, keccak_256_digest},
    {"keccak_512", NULL, &nettle_sha3_512, keccak_512_digest},
};

static const struct digest *digest_self(lua_State *L)
{
    return lua_touserdata(L, lua_upvalueindex(1));
}

/* Upvalue: its digest. */
static int digest_bytes(lua_State *L)
{
    const struct digest *d = digest_self(L);
    const struct nettle_hash *hash = d->hash;
    uint8_t digest[SHA512_DIGEST_SIZE];
    union state state;
    size_t n;
    const char *bytes = sandbox_bytes_arg(L, 1, &n);

    if (!bytes)
        return sandbox_fail_top(L);
    hash->init(&state);
    hash->update(&state, n, (const uint8_t *)bytes);
    if (d->digest)
        d->digest(&state, hash->digest_size, digest);
    else
        hash->digest(&state, hash->digest_size, digest);
    lua_pushlstring(L, (const char *)digest, hash->digest_size);
    return 1;
}

/* Upvalue: its digest. Arguments: the key, the message. */
static int digest_hmac(lua_State *L)
{
    const struct nettle_hash *hash = digest_self(L)->hash;
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
        if (digests[i].hmac)
            lua_setfield(L, -2, digests[i].hmac);
        else
            lua_pop(L, 1);
    }
    lua_pop(L, 1);
}
