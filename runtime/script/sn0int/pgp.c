/* pgp_pubkey, pgp_pubkey_armored: what a public key of OpenPGP (RFC 4880) says of itself: fingerprint,
 * user ids, and whose signatures it carries. Nothing of it is verified; what is not understood is
 * passed over, as sn0int does. */
#include <nettle/sha1.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "runtime/json/base64.h"
#include "runtime/json/utf8.h"
#include "runtime/script/sn0int/sandbox.h"

enum packet_tag { PACKET_SIGNATURE = 2, PACKET_KEY = 6, PACKET_USER = 13, PACKET_MOST = 19 };
enum subpacket_tag { SUBPACKET_ISSUER = 16, SUBPACKET_FINGERPRINT = 33 };

struct bytes {
    const unsigned char *at, *end;
};

/* A table that is being made, of indices on the stack. */
struct pgp {
    lua_State *L;
    int key, users, signatures, seen;
};

static bool bytes_number(struct bytes *b, size_t count, size_t *number)
{
    if ((size_t)(b->end - b->at) < count)
        return false;
    for (*number = 0; count; count--)
        *number = *number << 8 | *b->at++;
    return true;
}

/* A length as new packets and subpackets have it; *PARTIAL: more follows the part of this length. */
static bool bytes_length(struct bytes *b, size_t *n, bool *partial)
{
    size_t second;

    *partial = false;
    if (!bytes_number(b, 1, n))
        return false;
    if (*n < 192)
        return true;
    if (*n == 255)
        return bytes_number(b, 4, n);
    if (*n < 224) {
        if (!bytes_number(b, 1, &second))
            return false;
        *n = ((*n - 192) << 8) + second + 192;
        return true;
    }
    *partial = true;
    *n = (size_t)1 << (*n & 31);
    return true;
}

static bool bytes_take(struct bytes *b, size_t n, struct bytes *taken)
{
    if ((size_t)(b->end - b->at) < n)
        return false;
    *taken = (struct bytes){b->at, b->at + n};
    b->at += n;
    return true;
}

/* Take the next packet: push its body, and say what it is. False: there is none that is whole. */
static bool packet_next(lua_State *L, struct bytes *b, unsigned *tag, struct bytes *body)
{
    size_t first, n;
    bool partial = false;
    luaL_Buffer whole;

    if (!bytes_number(b, 1, &first) || !(first & 0x80))
        return false;
    *tag = first & 0x40 ? first & 0x3f : first >> 2 & 0xf;
    luaL_buffinit(L, &whole);
    do {
        if (first & 0x40       ? !bytes_length(b, &n, &partial)
            : (first & 3) == 3 ? (n = (size_t)(b->end - b->at), false)
                               : !bytes_number(b, (size_t)1 << (first & 3), &n))
            return false;
        if (!bytes_take(b, n, body))
            return false;
        luaL_addlstring(&whole, (const char *)body->at, n);
    } while (partial);
    luaL_pushresult(&whole);
    body->at = (const unsigned char *)lua_tolstring(L, -1, &n);
    body->end = body->at + n;
    return *tag <= PACKET_MOST;
}

static void push_upper(lua_State *L, const unsigned char *bytes, size_t n)
{
    luaL_Buffer b;

    luaL_buffinit(L, &b);
    for (size_t i = 0; i < n; i++) {
        char text[3];

        snprintf(text, sizeof text, "%02X", bytes[i]);
        luaL_addlstring(&b, text, 2);
    }
    luaL_pushresult(&b);
}

/* RFC 4880, 12.2 */
static void key_packet(const struct pgp *p, struct bytes body)
{
    size_t n = (size_t)(body.end - body.at);
    const uint8_t head[] = {0x99, (uint8_t)(n >> 8), (uint8_t)n};
    uint8_t digest[SHA1_DIGEST_SIZE];
    struct sha1_ctx sha1;

    sha1_init(&sha1);
    sha1_update(&sha1, sizeof head, head);
    sha1_update(&sha1, n, body.at);
    sha1_digest(&sha1, sizeof digest, digest);
    push_upper(p->L, digest, sizeof digest);
    lua_setfield(p->L, p->key, "fingerprint");
}

static void user_packet(const struct pgp *p, struct bytes body)
{
    const char *text = (const char *)body.at;
    size_t n = (size_t)(body.end - body.at);

    if (!utf8_valid(text, n))
        return;
    lua_pushlstring(p->L, text, n);
    lua_rawseti(p->L, p->users, (lua_Integer)lua_rawlen(p->L, p->users) + 1);
}

/* Set the issuer's id, or fingerprint, of the signature at the top. False: a part is not whole. */
static bool subpackets(const struct pgp *p, struct bytes all)
{
    while (all.at < all.end) {
        struct bytes one;
        size_t n, tag;
        bool partial;

        if (!bytes_length(&all, &n, &partial) || partial || !bytes_take(&all, n, &one) ||
            !bytes_number(&one, 1, &tag))
            return false;
        if (tag == SUBPACKET_ISSUER && n == 9) {
            push_upper(p->L, one.at, 8);
            lua_setfield(p->L, -2, "keyid");
        } else if (tag == SUBPACKET_FINGERPRINT && n > 1) {
            push_upper(p->L, one.at + 1, n - 2);
            lua_setfield(p->L, -2, "fingerprint");
        }
    }
    return true;
}

/* One of each signer. */
static void signature_packet(const struct pgp *p, struct bytes body)
{
    lua_State *L = p->L;
    struct bytes hashed, unhashed;
    size_t version, skipped, n, m;

    lua_newtable(L);
    if (!bytes_number(&body, 1, &version) || version != 4 || !bytes_number(&body, 3, &skipped) ||
        !bytes_number(&body, 2, &n) || !bytes_take(&body, n, &hashed) ||
        !bytes_number(&body, 2, &m) || !bytes_take(&body, m, &unhashed) || !subpackets(p, hashed) ||
        !subpackets(p, unhashed))
        return;
    if (lua_getfield(L, -1, "fingerprint") == LUA_TNIL) {
        lua_pop(L, 1);
        if (lua_getfield(L, -1, "keyid") == LUA_TNIL)
            return;
    }
    lua_pushvalue(L, -1);
    if (lua_rawget(L, p->seen) != LUA_TNIL)
        return;
    lua_pop(L, 1);
    lua_pushboolean(L, true);
    lua_rawset(L, p->seen);
    lua_rawseti(L, p->signatures, (lua_Integer)lua_rawlen(L, p->signatures) + 1);
}

static int pgp_read(lua_State *L, const char *bytes, size_t n)
{
    struct bytes b = {(const unsigned char *)bytes, (const unsigned char *)bytes + n}, body;
    int top = lua_gettop(L);
    struct pgp p = {L, top + 1, top + 2, top + 3, top + 4};
    unsigned tag;

    luaL_checkstack(L, 20, "pgp");
    for (int i = 0; i < 4; i++)
        lua_newtable(L);
    while (packet_next(L, &b, &tag, &body)) {
        if (tag == PACKET_KEY)
            key_packet(&p, body);
        else if (tag == PACKET_USER)
            user_packet(&p, body);
        else if (tag == PACKET_SIGNATURE)
            signature_packet(&p, body);
        lua_settop(L, p.seen);
    }
    lua_settop(L, p.signatures);
    if (lua_rawlen(L, p.signatures))
        lua_setfield(L, p.key, "sigs");
    lua_settop(L, p.users);
    if (lua_rawlen(L, p.users))
        lua_setfield(L, p.key, "uids");
    lua_settop(L, p.key);
    return 1;
}

static int pgp_pubkey(lua_State *L)
{
    size_t n;
    const char *bytes = sandbox_bytes_arg(L, 1, &n);

    return bytes ? pgp_read(L, bytes, n) : sandbox_fail_top(L);
}

static bool line_is(const char *line, size_t n, const char *begins)
{
    static const char ends[] = "-----";
    size_t m = strlen(begins);

    return n >= m + strlen(ends) && memcmp(line, begins, m) == 0 &&
           memcmp(line + n - strlen(ends), ends, strlen(ends)) == 0;
}

/* Push what lies between the armor's headers and its checksum, in one line. */
static void armor_push(lua_State *L, const char *text, size_t n)
{
    const char *end = text + n, *line, *next;
    enum { BEFORE, HEADERS, WITHIN, AFTER } at = BEFORE;
    luaL_Buffer b;

    luaL_buffinit(L, &b);
    for (line = text; line < end && at != AFTER; line = next) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));

        next = stop ? stop + 1 : end;
        stop = stop ? stop : end;
        while (stop > line && strchr(" \t\r", stop[-1]))
            stop--;
        if (line_is(line, (size_t)(stop - line), "-----BEGIN PGP "))
            at = HEADERS;
        else if (line_is(line, (size_t)(stop - line), "-----END PGP ") ||
                 (at == WITHIN && *line == '='))
            at = AFTER;
        else if (at == HEADERS && stop == line)
            at = WITHIN;
        else if (at == WITHIN)
            luaL_addlstring(&b, line, (size_t)(stop - line));
    }
    luaL_pushresult(&b);
}

static int pgp_pubkey_armored(lua_State *L)
{
    size_t n;
    const char *text = luaL_checklstring(L, 1, &n);
    char *bytes;

    armor_push(L, text, n);
    text = lua_tolstring(L, -1, &n);
    bytes = lua_newuserdatauv(L, n / 4 * 3 + 1, 0);
    n = base64_decode(text, n, bytes);
    if (n == (size_t)-1)
        return sandbox_fail(L, "pgp_pubkey_armored: not padded base64");
    return pgp_read(L, bytes, n);
}

void sandbox_open_pgp(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"pgp_pubkey", pgp_pubkey}, {"pgp_pubkey_armored", pgp_pubkey_armored}, {NULL, NULL}};

    lua_pushglobaltable(L);
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}
