/* url_parse, url_join, and query strings (application/x-www-form-urlencoded). */
#include <string.h>

#include "runtime/json/utf8.h"
#include "runtime/script/core/sort.h"
#include "runtime/script/sn0int/sandbox.h"
#include "runtime/script/sn0int/text_out.h"
#include "runtime/script/sn0int/url.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Push the N bytes with %XX decoded; anything else after a '%' stays. PLUS: '+' is a space. */
static void push_unescaped(lua_State *L, const char *s, size_t n, bool plus)
{
    struct text_out o;

    out_open(L, &o);
    for (size_t i = 0; i < n; i++) {
        int high = s[i] == '%' && i + 2 < n ? hex_digit(s[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(s[i + 2]) : -1;

        if (low >= 0) {
            out_char(&o, (char)(high << 4 | low));
            i += 2;
        } else {
            out_char(&o, plus && s[i] == '+' ? ' ' : s[i]);
        }
    }
    out_push(&o);
    lua_remove(L, -2);
}

/* Push a query string's pairs as a table; the last of a name wins. Returns the number of pairs. */
static int push_pairs(lua_State *L, const char *s, size_t n)
{
    const char *end = s + n;
    int count = 0;

    lua_newtable(L);
    while (s < end) {
        const char *stop = memchr(s, '&', (size_t)(end - s));

        stop = stop ? stop : end;
        const char *equals = memchr(s, '=', (size_t)(stop - s));
        const char *name_end = equals ? equals : stop, *value = equals ? equals + 1 : stop;

        if (stop > s) {
            push_unescaped(L, s, (size_t)(name_end - s), true);
            push_unescaped(L, value, (size_t)(stop - value), true);
            lua_rawset(L, -3);
            count++;
        }
        s = stop + 1;
    }
    return count;
}

static void set_part(lua_State *L, int table, const char *name, struct part p)
{
    if (!p.at)
        return;
    lua_pushlstring(L, p.at, p.n);
    lua_setfield(L, table, name);
}

static int sandbox_url_parse(lua_State *L)
{
    struct url u;
    const char *why;
    size_t n;
    const char *text = luaL_checklstring(L, 1, &n);

    if (url_parse(L, text, n, &u, &why) < 0)
        return sandbox_fail(L, "%s", why);
    lua_newtable(L);

    int table = lua_gettop(L);

    set_part(L, table, "scheme", u.scheme);
    set_part(L, table, "host", u.host.n ? u.host : (struct part){NULL, 0});
    set_part(L, table, "path", u.path);
    set_part(L, table, "query", u.query);
    set_part(L, table, "fragment", u.fragment);
    if (u.port >= 0) {
        lua_pushinteger(L, u.port);
        lua_setfield(L, table, "port");
    }
    if (u.query.at && push_pairs(L, u.query.at, u.query.n))
        lua_setfield(L, table, "params");
    lua_settop(L, table);
    return 1;
}

static int sandbox_url_join(lua_State *L)
{
    struct part base, ref;
    const char *why;

    base.at = luaL_checklstring(L, 1, &base.n);
    ref.at = luaL_checklstring(L, 2, &ref.n);
    return url_join(L, base, ref, &why) == 0 ? 1 : sandbox_fail(L, "%s", why);
}

int sandbox_url_path(lua_State *L, int index)
{
    struct url u;
    const char *why;
    size_t n;
    const char *text = lua_tolstring(L, index, &n);
    bool good = url_parse(L, text, n, &u, &why) == 0;

    if (good)
        lua_pushlstring(L, u.path.at, u.path.n);
    else
        lua_pushstring(L, why);
    return good;
}

/* All but letters and digits, so that url_unescape() gives the same bytes again. */
static int url_escape(lua_State *L)
{
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    struct text_out o;

    out_open(L, &o);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
            out_char(&o, s[i]);
        else
            out_percent(&o, c);
    }
    out_push(&o);
    return 1;
}

static int url_unescape(lua_State *L)
{
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);

    push_unescaped(L, s, n, false);
    s = lua_tolstring(L, -1, &n);
    return utf8_valid(s, n) ? 1 : sandbox_fail(L, "url_unescape: the bytes are not UTF-8");
}

static int url_decode(lua_State *L)
{
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);

    push_pairs(L, s, n);
    return 1;
}

static void add_form(struct text_out *o, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char c = s[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            (c && strchr("*-._", c)))
            out_char(o, c);
        else if (c == ' ')
            out_char(o, '+');
        else
            out_percent(o, (unsigned char)c);
    }
}

/* The string on top, or the text of a number or boolean, pushed; NULL for any other type. */
static const char *form_value(lua_State *L, size_t *n)
{
    switch (lua_type(L, -1)) {
    case LUA_TSTRING:
        return lua_tolstring(L, -1, n);
    case LUA_TNUMBER:
    case LUA_TBOOLEAN:
        sandbox_plain(L, -1);
        return luaL_tolstring(L, -1, n);
    default:
        return NULL;
    }
}

/* Pairs are sorted by name, so that equal tables give the same query string. */
static int url_encode(lua_State *L)
{
    struct text_out o;
    struct name *names;
    size_t count;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    out_open(L, &o);
    names = sandbox_names(L, 1, &count);

    int top = lua_gettop(L);

    for (size_t i = 0; i < count; i++) {
        size_t n;

        lua_pushlstring(L, names[i].at, names[i].n);
        lua_rawget(L, 1);

        const char *value = form_value(L, &n);

        if (!value)
            return sandbox_fail(L, "url_encode: unsupported value");
        out_text(&o, i ? "&" : "");
        add_form(&o, names[i].at, names[i].n);
        out_char(&o, '=');
        add_form(&o, value, n);
        lua_settop(L, top);
    }
    out_push(&o);
    return 1;
}

void sandbox_open_url(lua_State *L)
{
    static const luaL_Reg functions[] = {{"url_parse", sandbox_url_parse},
                                         {"url_join", sandbox_url_join},
                                         {"url_escape", url_escape},
                                         {"url_unescape", url_unescape},
                                         {"url_decode", url_decode},
                                         {"url_encode", url_encode},
                                         {NULL, NULL}};

    lua_pushglobaltable(L);
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}
