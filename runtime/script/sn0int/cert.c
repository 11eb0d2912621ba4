/* x509_parse_pem: what a certificate (RFC 5280) is valid for: names, addresses of mail and of hosts. It is
 * read, strictly as DER, and nothing of it is verified. */
#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#include "runtime/json/base64.h"
#include "runtime/json/utf8.h"
#include "runtime/script/core/json.h"
#include "runtime/script/sn0int/sandbox.h"

#define BEGIN "-----BEGIN "
#define END   "-----END "

enum tag {
    TAG_BOOLEAN = 0x01,
    TAG_INTEGER = 0x02,
    TAG_OCTETS = 0x04,
    TAG_OID = 0x06,
    TAG_UTF8 = 0x0c,
    TAG_PRINTABLE = 0x13,
    TAG_IA5 = 0x16,
    TAG_SEQUENCE = 0x30,
    TAG_SET = 0x31,
    TAG_MAIL = 0x81, /* of a GeneralName */
    TAG_DNS = 0x82,
    TAG_ADDRESS = 0x87,
    TAG_VERSION = 0xa0, /* of a certificate */
    TAG_ISSUER_ID = 0x81,
    TAG_SUBJECT_ID = 0x82,
    TAG_EXTENSIONS = 0xa3
};

struct der {
    const unsigned char *at, *end;
};

/* Take the next value, whatever it is. False: there is none, or it is not DER. */
static bool der_any(struct der *d, unsigned char *tag, struct der *value)
{
    size_t n, more;

    if (d->end - d->at < 2)
        return false;
    *tag = *d->at++;
    n = *d->at++;
    if (n > 0x84 || n == 0x80 || (*tag & 0x1f) == 0x1f)
        return false;
    if (n > 0x80) {
        more = n & 0x7f;
        if ((size_t)(d->end - d->at) < more || !*d->at)
            return false;
        for (n = 0; more; more--)
            n = n << 8 | *d->at++;
        if (n < 0x80)
            return false;
    }
    if ((size_t)(d->end - d->at) < n)
        return false;
    *value = (struct der){d->at, d->at + n};
    d->at += n;
    return true;
}

static bool der_is_next(const struct der *d, unsigned char tag)
{
    return d->at < d->end && *d->at == tag;
}

static bool der_take(struct der *d, unsigned char tag, struct der *value)
{
    unsigned char there;

    return der_is_next(d, tag) && der_any(d, &there, value);
}

static bool der_is(struct der d, const char *bytes, size_t n)
{
    return (size_t)(d.end - d.at) == n && memcmp(d.at, bytes, n) == 0;
}

/* Append the N bytes at TEXT to the list at index LIST, unless it has them. */
static void list_add(lua_State *L, int list, const char *text, size_t n)
{
    lua_Integer count = (lua_Integer)lua_rawlen(L, list);
    bool there = !utf8_valid(text, n);

    lua_pushlstring(L, text, n);
    for (lua_Integer i = 1; i <= count && !there; i++) {
        lua_rawgeti(L, list, i);
        there = lua_rawequal(L, -1, -2);
        lua_pop(L, 1);
    }
    if (there)
        lua_pop(L, 1);
    else
        lua_rawseti(L, list, count + 1);
}

static void list_add_der(lua_State *L, int list, struct der d)
{
    list_add(L, list, (const char *)d.at, (size_t)(d.end - d.at));
}

static void list_add_address(lua_State *L, int list, struct der d)
{
    char text[INET6_ADDRSTRLEN];
    ptrdiff_t n = d.end - d.at;

    if (n == 4 || n == 16)
        inet_ntop(n == 4 ? AF_INET : AF_INET6, d.at, text, sizeof text);
    if (n == 4 || n == 16)
        list_add(L, list, text, strlen(text));
}

/* Common names of a subject, SEQUENCE OF SET OF {OID, text}. */
static bool cert_subject(lua_State *L, int names, struct der subject)
{
    struct der set, pair, oid, value;
    unsigned char tag;

    while (subject.at < subject.end) {
        if (!der_take(&subject, TAG_SET, &set))
            return false;
        while (set.at < set.end) {
            if (!der_take(&set, TAG_SEQUENCE, &pair) || !der_take(&pair, TAG_OID, &oid) ||
                !der_any(&pair, &tag, &value) || pair.at < pair.end)
                return false;
            if (der_is(oid, "\x55\x04\x03", 3) &&
                (tag == TAG_UTF8 || tag == TAG_PRINTABLE || tag == TAG_IA5))
                list_add_der(L, names, value);
        }
    }
    return true;
}

/* A subjectAltName; its lists are NAMES, and the two after it. */
static bool cert_alternatives(lua_State *L, int names, struct der octets)
{
    struct der list, value;
    unsigned char tag;

    if (!der_take(&octets, TAG_SEQUENCE, &list) || octets.at < octets.end)
        return false;
    while (list.at < list.end) {
        if (!der_any(&list, &tag, &value))
            return false;
        if (tag == TAG_DNS)
            list_add_der(L, names, value);
        else if (tag == TAG_MAIL)
            list_add_der(L, names + 1, value);
        else if (tag == TAG_ADDRESS)
            list_add_address(L, names + 2, value);
    }
    return true;
}

static bool cert_extensions(lua_State *L, int names, struct der outer)
{
    struct der list, extension, oid, critical, octets;

    if (!der_take(&outer, TAG_SEQUENCE, &list) || outer.at < outer.end)
        return false;
    while (list.at < list.end) {
        if (!der_take(&list, TAG_SEQUENCE, &extension) || !der_take(&extension, TAG_OID, &oid) ||
            (der_is_next(&extension, TAG_BOOLEAN) &&
             !der_take(&extension, TAG_BOOLEAN, &critical)) ||
            !der_take(&extension, TAG_OCTETS, &octets) || extension.at < extension.end)
            return false;
        if (der_is(oid, "\x55\x1d\x11", 3) && !cert_alternatives(L, names, octets))
            return false;
    }
    return true;
}

/* What a certificate says, in the lists from index NAMES on. NULL; or what is wrong with it. */
static const char *cert_read(lua_State *L, int names, struct der d)
{
    static const char no_der[] = "Failed to parse der";
    struct der certificate, tbs, version, subject, skipped;
    unsigned char tag;

    if (!der_take(&d, TAG_SEQUENCE, &certificate) || !der_take(&certificate, TAG_SEQUENCE, &tbs) ||
        !der_any(&certificate, &tag, &skipped) || !der_any(&certificate, &tag, &skipped) ||
        certificate.at < certificate.end)
        return no_der;
    if (d.at < d.end)
        return "input cert has trailing garbage";
    if (!der_take(&tbs, TAG_VERSION, &version) || !der_is(version, "\x02\x01\x02", 3))
        return "unexpected certificate version";
    if (!der_take(&tbs, TAG_INTEGER, &skipped) || !der_take(&tbs, TAG_SEQUENCE, &skipped) ||
        !der_take(&tbs, TAG_SEQUENCE, &skipped) || !der_take(&tbs, TAG_SEQUENCE, &skipped) ||
        !der_take(&tbs, TAG_SEQUENCE, &subject) || !der_take(&tbs, TAG_SEQUENCE, &skipped) ||
        (der_is_next(&tbs, TAG_ISSUER_ID) && !der_any(&tbs, &tag, &skipped)) ||
        (der_is_next(&tbs, TAG_SUBJECT_ID) && !der_any(&tbs, &tag, &skipped)))
        return no_der;
    if (!cert_subject(L, names, subject))
        return no_der;
    if (!der_take(&tbs, TAG_EXTENSIONS, &skipped))
        return tbs.at < tbs.end ? no_der : NULL;
    return cert_extensions(L, names, skipped) && tbs.at == tbs.end ? NULL : no_der;
}

/* Push the bytes of the PEM text (RFC 7468), between its lines BEGIN and END. NULL; or what is wrong. */
static const char *pem_read(lua_State *L, const char *text)
{
    static const char label[] = "CERTIFICATE-----", no_pem[] = "Failed to parse pem";
    const char *from = strstr(text, BEGIN), *end;
    luaL_Buffer b;
    char *bytes;
    size_t n;

    end = from ? strstr(from, END) : NULL;
    if (!end)
        return no_pem;
    from += strlen(BEGIN);
    if (strncmp(from, label, strlen(label)) != 0)
        return "input is not a certificate";
    luaL_buffinit(L, &b);
    for (from += strlen(label); from < end; from++)
        if (!strchr(" \t\r\n", *from))
            luaL_addchar(&b, *from);
    luaL_pushresult(&b);
    end += strlen(END);
    if (strncmp(end, label, strlen(label)) != 0)
        return no_pem;
    end += strlen(label);
    if (end[strspn(end, " \t\r\n")])
        return "input cert has trailing garbage";
    from = lua_tolstring(L, -1, &n);
    bytes = lua_newuserdatauv(L, n / 4 * 3 + 1, 0);
    n = base64_decode(from, n, bytes);
    if (n == (size_t)-1)
        return no_pem;
    lua_pushlstring(L, bytes, n);
    return NULL;
}

static int x509_parse_pem(lua_State *L)
{
    static const char *const fields[] = {"valid_names", "valid_emails", "valid_ipaddrs"};
    const char *why = pem_read(L, luaL_checkstring(L, 1));
    struct der d;
    int names;
    size_t n;

    if (why)
        return sandbox_fail(L, "%s", why);
    d.at = (const unsigned char *)lua_tolstring(L, -1, &n);
    d.end = d.at + n;
    names = lua_gettop(L) + 1;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        lua_newtable(L);
        json_push_array_mark(L);
        lua_setmetatable(L, -2);
    }
    why = cert_read(L, names, d);
    if (why)
        return sandbox_fail(L, "%s", why);
    lua_newtable(L);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        lua_pushvalue(L, names + (int)i);
        lua_setfield(L, -2, fields[i]);
    }
    return 1;
}

void sandbox_open_cert(lua_State *L)
{
    lua_pushcfunction(L, x509_parse_pem);
    lua_setglobal(L, "x509_parse_pem");
}
