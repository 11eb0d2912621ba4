/* Blobs: bytes named by their content, as sn0int does (BLAKE2b, base58). A blob stays in the box
 * until an entity that needs it is added; then it is sent to the caller to keep. */
#include <string.h>

#include "runtime/json/base64.h"
#include "runtime/script/core/blake2b.h"
#include "runtime/script/core/box.h"
#include "runtime/script/sn0int/sandbox.h"

#define ID_LENGTH    44
#define DIGEST_BYTES 32

static const char blobs; /* its address is the registry key of the table id -> bytes */

/* Base58 (Bitcoin's alphabet), padded to ID_LENGTH with '0', which is not one of its digits. */
static void push_id(lua_State *L, const char *bytes, size_t n)
{
    static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    unsigned char digest[DIGEST_BYTES], digits[ID_LENGTH] = {0};
    size_t count = 0, zeros = 0;
    char id[ID_LENGTH];

    blake2b(bytes, n, NULL, 0, digest, sizeof digest);
    while (zeros < sizeof digest && !digest[zeros])
        zeros++;
    for (size_t i = zeros; i < sizeof digest; i++) {
        unsigned carry = digest[i];

        for (size_t k = 0; k < count || carry; k++) {
            carry += 256u * (k < count ? digits[k] : 0);
            digits[k] = (unsigned char)(carry % 58);
            carry /= 58;
            count = k >= count ? k + 1 : count;
        }
    }
    memset(id, '0', sizeof id);
    memset(id, alphabet[0], zeros);
    for (size_t i = 0; i < count && zeros + i < sizeof id; i++)
        id[zeros + i] = alphabet[digits[count - 1 - i]];
    lua_pushlstring(L, id, sizeof id);
}

/* Keep the bytes on top, and push their id. */
static void keep(lua_State *L)
{
    size_t n;
    const char *bytes = lua_tolstring(L, -1, &n);

    lua_rawgetp(L, LUA_REGISTRYINDEX, &blobs);
    push_id(L, bytes, n);
    lua_pushvalue(L, -1);
    lua_pushvalue(L, -4);
    lua_rawset(L, -4);
    lua_remove(L, -2);
}

static int create_blob(lua_State *L)
{
    size_t n;

    if (!sandbox_bytes_arg(L, 1, &n))
        return sandbox_fail_top(L);
    keep(L);
    return 1;
}

void sandbox_blobs(lua_State *L)
{
    int top = lua_gettop(L);

    if (sandbox_start(L, "blobs") == LUA_TTABLE)
        for (lua_Integer i = 1; lua_rawgeti(L, top + 1, i) == LUA_TSTRING; i++) {
            size_t n;
            const char *text = lua_tolstring(L, -1, &n);
            char *bytes = lua_newuserdatauv(L, n / 4 * 3 + 3, 0);
            size_t len = base64_decode(text, n, bytes);

            if (len == (size_t)-1)
                luaL_error(L, "start line: /blobs/%d: not base64", (int)i - 1);
            lua_pushlstring(L, bytes, len);
            keep(L);
            lua_settop(L, top + 1);
        }
    lua_settop(L, top);
}

int sandbox_persist(lua_State *L, int index)
{
    struct wire *w = &box_of(L)->wire;
    size_t n;
    const char *bytes;
    char *coded;

    index = lua_absindex(L, index);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &blobs);
    lua_pushvalue(L, index);
    if (lua_rawget(L, -2) != LUA_TSTRING) {
        lua_pushliteral(L, "Invalid blob reference");
        return 0;
    }
    bytes = lua_tolstring(L, -1, &n);
    if (base64_size(n) + sizeof "{\"Blob\":\"\"}\n" > w->line_max) {
        lua_pushfstring(L, "Failed to store blob: its base64 does not fit in a line of %d bytes",
                        (int)w->line_max);
        return 0;
    }
    coded = lua_newuserdatauv(L, base64_size(n) + 1, 0);
    base64_encode(bytes, n, coded);
    wire_drop_reply(w);
    wire_json(w, "{\"Blob\":\"", coded, base64_size(n), "\"}");
    if (wire_reply(L, w))
        return 1;
    lua_pushfstring(L, "Failed to store blob: \"%s\"", lua_tostring(L, -1));
    return 0;
}

void sandbox_open_blob(lua_State *L)
{
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &blobs);
    lua_register(L, "create_blob", create_blob);
}
