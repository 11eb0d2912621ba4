/* URL parsing: see url.h. The text is a module's: each part is checked or encoded before use. */
#include "runtime/script/sn0int/url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <lauxlib.h>
#include <string.h>

#include "runtime/script/sn0int/text_out.h"

static const struct {
    const char *scheme;
    int port;
} specials[] = {{"http", 80}, {"https", 443}, {"ws", 80}, {"wss", 443}, {"ftp", 21}, {"file", -1}};

static bool part_is(struct part p, const char *text)
{
    return p.n == strlen(text) && memcmp(p.at, text, p.n) == 0;
}

/* Replace O's slot, and all above it, with the finished text; return it as a part. */
static struct part url_finish(struct text_out *o)
{
    struct part p;

    out_push(o);
    lua_replace(o->L, o->slot);
    lua_settop(o->L, o->slot);
    p.at = lua_tolstring(o->L, o->slot, &p.n);
    return p;
}

static struct part lower(lua_State *L, const char *at, size_t n)
{
    struct text_out o;

    out_open(L, &o);
    for (size_t i = 0; i < n; i++)
        out_char(&o, (char)tolower((unsigned char)at[i]));
    return url_finish(&o);
}

/* Encode controls, spaces, non-ASCII bytes and the characters of SET as %XX. */
static struct part sn0int_url_encode(lua_State *L, const char *at, size_t n, const char *set)
{
    struct text_out o;

    out_open(L, &o);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)at[i];

        if (c <= ' ' || c >= 0x7f || strchr(set, c))
            out_percent(&o, c);
        else
            out_char(&o, (char)c);
    }
    return url_finish(&o);
}

/* How many dots the N bytes at AT are, of which each may be "%2e"; 0: they are something else. */
static int dots(const char *at, size_t n)
{
    const char *end = at + n;
    int count = 0;

    for (; at < end; count++) {
        if (*at == '.')
            at++;
        else if (end - at >= 3 && strncasecmp(at, "%2e", 3) == 0)
            at += 3;
        else
            return 0;
    }
    return count;
}

/* PATH, which begins with '/', without its "." and ".." segments (RFC 3986, 5.2.4). */
static struct part without_dots(lua_State *L, struct part path, bool special)
{
    const char *at = path.at, *end = at + path.n;
    struct text_out o;

    out_open(L, &o);
    while (at < end) {
        const char *segment = at + 1, *next = segment;

        while (next < end && *next != '/' && !(special && *next == '\\'))
            next++;

        size_t n = (size_t)(next - segment);
        int count = dots(segment, n);
        bool up = count == 2, here = count == 1;

        while (up && o.used && o.data[--o.used] != '/')
            ;
        if ((!up && !here) || next == end)
            out_char(&o, '/');
        if (!up && !here)
            out_add(&o, segment, n);
        at = next;
    }
    return url_finish(&o);
}

size_t url_scheme(const char *text, size_t n)
{
    size_t i = 0;

    if (!n || !isalpha((unsigned char)*text))
        return 0;
    while (i < n && (isalnum((unsigned char)text[i]) || (text[i] && strchr("+-.", text[i]))))
        i++;
    return i < n && text[i] == ':' ? i : 0;
}

static int take_port(struct url *u, const char *at, size_t n, const char **why)
{
    int port = 0;

    u->port = -1;
    for (size_t i = 0; i < n; i++) {
        port = at[i] >= '0' && at[i] <= '9' ? port * 10 + (at[i] - '0') : 65536;
        if (port > 65535) {
            *why = "invalid port number";
            return -1;
        }
    }
    if (n)
        u->port = port;
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++)
        if (part_is(u->scheme, specials[i].scheme) && specials[i].port == u->port)
            u->port = -1;
    return 0;
}

static int check_host(struct part host, const char **why)
{
    struct in6_addr address;
    char text[INET6_ADDRSTRLEN];

    if (host.n > 2 && host.at[0] == '[' && host.n - 2 < sizeof text) {
        memcpy(text, host.at + 1, host.n - 2);
        text[host.n - 2] = '\0';
        *why = "invalid IPv6 address";
        /* inet_pton(3) stops at a NUL, whatever follows it. */
        return host.at[host.n - 1] == ']' && strlen(text) == host.n - 2 &&
                       inet_pton(AF_INET6, text, &address) == 1
                   ? 0
                   : -1;
    }
    for (size_t i = 0; i < host.n; i++) {
        unsigned char c = (unsigned char)host.at[i];

        *why = c >= 0x80 ? "invalid international domain name" : "invalid domain character";
        if (c <= ' ' || c >= 0x7f || strchr("#%/:<>?@[\\]^|", c))
            return -1;
    }
    return 0;
}

static int take_authority(lua_State *L, struct url *u, const char *at, size_t n, const char **why)
{
    const char *user = memrchr(at, '@', n), *host = user ? user + 1 : at, *end = at + n;
    const char *bracket = memrchr(host, ']', (size_t)(end - host));
    const char *after = bracket ? bracket : host;
    const char *colon = memchr(after, ':', (size_t)(end - after));
    const char *stop = colon ? colon : end;

    if (user)
        u->user = sn0int_url_encode(L, at, (size_t)(user - at), "\"#<>?`{}/;=@[\\]^|");
    u->host = lower(L, host, (size_t)(stop - host));
    if (!u->host.n && u->special && !part_is(u->scheme, "file")) {
        *why = "empty host";
        return -1;
    }
    if (check_host(u->host, why) < 0)
        return -1;
    return take_port(u, colon ? colon + 1 : end, colon ? (size_t)(end - colon) - 1 : 0, why);
}

/* Cut the *N bytes at TEXT at the first C; return the part after it. */
static struct part cut(const char *text, size_t *n, char c)
{
    const char *at = memchr(text, c, *n);
    struct part p = {at ? at + 1 : NULL, at ? *n - (size_t)(at - text) - 1 : 0};

    if (at)
        *n = (size_t)(at - text);
    return p;
}

static int take_hierarchy(lua_State *L, struct url *u, const char *at, size_t n, const char **why)
{
    const char *end = at + n, *slash;
    bool slashes = n >= 2 && at[0] == '/' && at[1] == '/';

    if (slashes)
        at += 2;
    while (u->special && !part_is(u->scheme, "file") && at < end && (*at == '/' || *at == '\\'))
        at++;
    if (u->special || slashes) {
        slash = at;
        while (slash < end && *slash != '/' && !(u->special && *slash == '\\'))
            slash++;
        if (take_authority(L, u, at, (size_t)(slash - at), why) < 0)
            return -1;
        at = slash;
    }
    u->opaque = !u->special && !u->host.at && (at == end || *at != '/');
    u->path = sn0int_url_encode(L, at, (size_t)(end - at), u->opaque ? "" : "\"<>`{}");
    if (!u->opaque && u->path.n)
        u->path = without_dots(L, u->path, u->special);
    if (u->special && !u->path.n)
        u->path = (struct part){"/", 1};
    return 0;
}

int url_parse(lua_State *L, const char *text, size_t n, struct url *u, const char **why)
{
    struct part query, fragment;
    size_t scheme;

    luaL_checkstack(L, 20, "url");
    *u = (struct url){.port = -1};
    for (; n && (unsigned char)*text <= ' '; n--)
        text++;
    while (n && (unsigned char)text[n - 1] <= ' ')
        n--;
    scheme = url_scheme(text, n);
    if (!scheme) {
        *why = "relative URL without a base";
        return -1;
    }
    u->scheme = lower(L, text, scheme);
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++)
        u->special = u->special || part_is(u->scheme, specials[i].scheme);
    text += scheme + 1;
    n -= scheme + 1;
    fragment = cut(text, &n, '#');
    query = cut(text, &n, '?');
    if (query.at)
        u->query = sn0int_url_encode(L, query.at, query.n, u->special ? "\"<>'" : "\"<>");
    if (fragment.at)
        u->fragment = sn0int_url_encode(L, fragment.at, fragment.n, "\"<>`");
    return take_hierarchy(L, u, text, n, why);
}
