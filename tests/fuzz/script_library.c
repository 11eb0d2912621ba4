/* What sn0int's library parses for a module, runtime/script/sn0int/: patterns, HTML and selectors, XML,
 * certificates, keys, versions, encodings, dates. The first byte says which function is called, the first line
 * and the rest are its arguments. Each returns its results, or nil and why not; and a pattern that is
 * taken is one for PCRE2, unless it is too large. */
#include <string.h>

#include "runtime/script/core/box.h"
#include "runtime/script/sn0int/sandbox.h"
#include "tests/fuzz/judge/judge.h"

#define BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
#define BASE32 "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

static const struct {
    const char *name;
    int given;            /* arguments from the input */
    const char *alphabet; /* and these, or NULL */
} functions[] = {
    {"regex_find_all", 2, NULL},
    {"html_select_list", 2, NULL},
    {"xml_decode", 1, NULL},
    {"x509_parse_pem", 1, NULL},
    {"pgp_pubkey", 1, NULL},
    {"pgp_pubkey_armored", 1, NULL},
    {"semver_match", 2, NULL},
    {"base64_custom_decode", 1, BASE64},
    {"base32_custom_decode", 1, BASE32},
    {"regex_find", 2, NULL},
    {"strptime", 2, NULL},
};

static size_t which(unsigned char first)
{
    return first % (sizeof functions / sizeof *functions);
}

static void check_refusal(const char *name, const char *why)
{
    if (strncmp(name, "regex", 5) == 0 && strncmp(why, "regex parse error: ", 19) == 0)
        must(strstr(why, ": at byte ") || strstr(why, "too large") || strstr(why, "too deeply") ||
                 strstr(why, "too complicated") || strstr(why, "too long") ||
                 strstr(why, "too many"),
             "%s", why);
}

static int run(lua_State *L)
{
    const struct text *t = lua_touserdata(L, 1);
    size_t called = which(t[0].n ? (unsigned char)t[0].at[0] : 0);
    int count = functions[called].given;

    sandbox_open_regex(L);
    sandbox_open_html(L);
    sandbox_open_xml(L);
    sandbox_open_cert(L);
    sandbox_open_pgp(L);
    sandbox_open_semver(L);
    sandbox_open_encoding(L);
    sandbox_open_time(L);
    lua_getglobal(L, functions[called].name);
    for (int i = 1; i <= count; i++)
        lua_pushlstring(L, t[i].at, t[i].n);
    if (functions[called].alphabet) {
        lua_pushstring(L, functions[called].alphabet);
        lua_pushliteral(L, "=");
        count += 2;
    }
    lua_call(L, count, LUA_MULTRET);
    must(lua_gettop(L) == 2 || (lua_gettop(L) == 3 && lua_isnil(L, 2) && lua_isstring(L, 3)),
         "%d results", lua_gettop(L) - 1);
    if (lua_gettop(L) == 3)
        check_refusal(functions[called].name, lua_tostring(L, 3));
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct box box = {.boot.seed = 7};
    const char *text = (const char *)data, *first = n ? text + 1 : text;
    size_t rest = n ? n - 1 : 0;
    const char *stop = rest ? memchr(first, '\n', rest) : NULL;
    size_t line = stop ? (size_t)(stop - first) : rest;
    struct text t[] = {
        {text, n != 0}, {first, line}, {stop ? stop + 1 : "", stop ? rest - line - 1 : 0}};
    lua_State *L = judge_lua();

    *(struct box **)lua_getextraspace(L) = &box;
    if (functions[which(n ? *data : 0)].given == 1)
        t[1].n = rest;
    lua_pushcfunction(L, run);
    lua_pushlightuserdata(L, t);
    must(lua_pcall(L, 1, 0, 0) == LUA_OK, "%s", lua_tostring(L, -1));
    lua_close(L);
    return 0;
}
