/* URLs, taken apart and put together as a browser would (https://url.spec.whatwg.org), for the schemes
 * that modules meet. International host names are refused: their tables are larger than the box. */
#ifndef SCRIPT_SN0INT_URL_H
#define SCRIPT_SN0INT_URL_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

struct part { /* of a URL; .at is NULL where it has none. The texts are Lua strings on the stack */
    const char *at;
    size_t n;
};

struct url {
    struct part scheme, user, host, path, query, fragment;
    int port;     /* -1: none, or the scheme's own */
    bool special; /* http, https, ws, wss, ftp, file */
    bool opaque;  /* mailto:x: nothing can be joined to it */
};

/* 0, its parts on the stack; or -1 and *WHY (static). */
int url_parse(lua_State *L, const char *text, size_t n, struct url *u, const char **why);

/* "scheme:" at the beginning of TEXT: its length without the ':', or 0. */
size_t url_scheme(const char *text, size_t n);

/* The URL that REF means on a page at BASE: 0 and its text on the stack; or -1 and *WHY. */
int url_join(lua_State *L, struct part base, struct part ref, const char **why);

#endif
