/* Parses and joins URLs as a browser would (https://url.spec.whatwg.org), for the schemes that
 * modules meet. Rejects internationalized host names: their tables are larger than the box. */
#ifndef SCRIPT_SN0INT_URL_H
#define SCRIPT_SN0INT_URL_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

struct part { /* of a URL; .at is NULL if absent. The texts are Lua strings on the stack */
    const char *at;
    size_t n;
};

struct url {
    struct part scheme, user, host, path, query, fragment;
    int port;     /* -1: none, or the scheme's default */
    bool special; /* http, https, ws, wss, ftp, file */
    bool opaque;  /* mailto:x: cannot be a base */
};

/* Parse TEXT. 0, with the parts on the stack; or -1 and *WHY (static). */
int url_parse(lua_State *L, const char *text, size_t n, struct url *u, const char **why);

/* The length of the "scheme:" at the start of TEXT, without the ':', or 0. */
size_t url_scheme(const char *text, size_t n);

/* Resolve REF against BASE. 0, with the URL's text on the stack; or -1 and *WHY. */
int url_join(lua_State *L, struct part base, struct part ref, const char **why);

#endif
