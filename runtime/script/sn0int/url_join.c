/* Joining URLs (RFC 3986, 5.2): see url.h. */
#include <lauxlib.h>
#include <string.h>

#include "runtime/script/sn0int/text_out.h"
#include "runtime/script/sn0int/url.h"

static void add_part(struct text_out *o, const char *before, struct part p)
{
    if (!p.at)
        return;
    out_text(o, before);
    out_add(o, p.at, p.n);
}

static void add_origin(struct text_out *o, const struct url *u)
{
    out_add(o, u->scheme.at, u->scheme.n);
    out_char(o, ':');
    if (!u->host.at)
        return;
    out_text(o, "//");
    add_part(o, "", u->user);
    out_text(o, u->user.at ? "@" : "");
    add_part(o, "", u->host);
    if (u->port >= 0) {
        lua_pushfstring(o->L, ":%d", u->port);
        out_text(o, lua_tostring(o->L, -1));
        lua_pop(o->L, 1);
    }
}

/* Without a host before it, a path that begins with "//" would be parsed as one. */
static void add_path(struct text_out *o, const struct url *u, struct part path)
{
    if (!u->host.at && path.n > 1 && path.at[0] == '/' && path.at[1] == '/')
        out_text(o, "/.");
    add_part(o, "", path);
}

static void add_all(struct text_out *o, const struct url *u)
{
    add_origin(o, u);
    add_path(o, u, u->path);
    add_part(o, "?", u->query);
    add_part(o, "#", u->fragment);
}

/* Append REF, relative to U, as one unnormalized URL. */
static void resolve(struct text_out *o, const struct url *u, struct part ref)
{
    char first = ref.n ? *ref.at : '\0';
    struct part dir = u->path;

    if (u->special && first == '\\')
        first = '/';
    if (first == '/' && ref.n > 1 && (ref.at[1] == '/' || (u->special && ref.at[1] == '\\'))) {
        add_part(o, "", u->scheme);
        out_char(o, ':');
        out_add(o, ref.at, ref.n);
        return;
    }
    add_origin(o, u);
    while (first && !strchr("/?#", first) && dir.n && dir.at[dir.n - 1] != '/')
        dir.n--;
    if (first != '/')
        add_path(o, u, dir);
    if (!first || first == '#')
        add_part(o, "?", u->query);
    out_add(o, ref.at, ref.n);
}

int url_join(lua_State *L, struct part base, struct part ref, const char **why)
{
    struct url u;
    struct text_out o;

    if (url_parse(L, base.at, base.n, &u, why) < 0)
        return -1;
    if (!url_scheme(ref.at, ref.n)) {
        if (u.opaque && !(ref.n && *ref.at == '#')) {
            *why = "relative URL with a cannot-be-a-base base";
            return -1;
        }
        out_open(L, &o);
        resolve(&o, &u, ref);
        out_push(&o);
        ref.at = lua_tolstring(L, -1, &ref.n);
    }
    if (url_parse(L, ref.at, ref.n, &u, why) < 0)
        return -1;
    out_open(L, &o);
    add_all(&o, &u);
    out_push(&o);
    return 0;
}
