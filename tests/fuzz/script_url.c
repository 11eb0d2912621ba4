/* A module's URLs, runtime/script/url*.c: what two texts are joined to can be taken apart again, and joining
 * it to itself changes nothing. The first line is the page, the rest what it links to. */
#include "runtime/script/sn0int/url.h"

#include <string.h>

#include "tests/fuzz/judge/judge.h"

struct task {
    struct part base, ref;
};

static bool is_url_text(struct part p)
{
    for (size_t i = 0; i < p.n; i++)
        if ((unsigned char)p.at[i] <= ' ' || (unsigned char)p.at[i] >= 0x7f)
            return false;
    return true;
}

/* Two URLs of one meaning have one text: the parser's own. */
static void check_again(lua_State *L, struct part first)
{
    struct part second;
    const char *why = "";

    must(is_url_text(first), "not the text of a URL: %.*s", (int)first.n, first.at);
    must(url_join(L, first, first, &why) == 0, "%.*s: %s", (int)first.n, first.at, why);
    second.at = lua_tolstring(L, -1, &second.n);
    must(first.n == second.n && memcmp(first.at, second.at, first.n) == 0, "%s, then %s", first.at,
         second.at);
}

static int run(lua_State *L)
{
    const struct task *t = lua_touserdata(L, 1);
    const char *why = NULL;
    struct part joined;
    struct url u;

    if (url_parse(L, t->ref.at, t->ref.n, &u, &why) == 0) {
        must(u.scheme.at && u.scheme.n && u.port >= -1 && u.port <= 65535, "a port of %d", u.port);
        must(is_url_text(u.path) && is_url_text(u.query) && is_url_text(u.fragment) &&
                 is_url_text(u.host) && is_url_text(u.user),
             "a part is no text of a URL");
    } else {
        must(why && *why, "refused without a word");
    }
    lua_settop(L, 1);
    if (url_join(L, t->base, t->ref, &why) < 0)
        return 0;
    joined.at = lua_tolstring(L, -1, &joined.n);
    check_again(L, joined);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *text = (const char *)data, *stop = memchr(text, '\n', n);
    size_t first = stop ? (size_t)(stop - text) : n;
    struct task t = {{text, first}, {stop ? stop + 1 : "", stop ? n - first - 1 : 0}};
    lua_State *L = judge_lua();

    lua_pushcfunction(L, run);
    lua_pushlightuserdata(L, &t);
    must(lua_pcall(L, 1, 0, 0) == LUA_OK, "%s", lua_tostring(L, -1));
    lua_close(L);
    return 0;
}
