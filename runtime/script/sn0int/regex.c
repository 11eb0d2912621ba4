/* regex_find, regex_find_all: patterns of Rust's regex crate (rust.h), matched by PCRE2. That crate needs
 * time linear in the text; here one match takes STEPS at most. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "runtime/json/utf8.h"
#include "runtime/script/sn0int/rust.h"
#include "runtime/script/sn0int/sandbox.h"

#define STEPS  10000000
#define FRAMES 8192 /* KiB that it may take for what it would come back to */

static const char regex_type; /* its address is a registry key */

struct regex {
    pcre2_compile_context *how;
    pcre2_code *code;
    pcre2_match_data *match;
    pcre2_match_context *limits;
};

/* Lua knows nothing of what one takes: freed as soon as it has served, or by its end after an error. */
static void regex_free(struct regex *x)
{
    pcre2_compile_context_free(x->how);
    pcre2_code_free(x->code);
    pcre2_match_data_free(x->match);
    pcre2_match_context_free(x->limits);
    *x = (struct regex){.code = NULL};
}

static int regex_collect(lua_State *L)
{
    regex_free(lua_touserdata(L, 1));
    return 0;
}

/* Push an empty one, which is freed with its userdata. */
static struct regex *regex_push(lua_State *L)
{
    struct regex *x = lua_newuserdatauv(L, sizeof *x, 0);

    *x = (struct regex){.code = NULL};
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &regex_type) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushcfunction(L, regex_collect);
        lua_setfield(L, -2, "__gc");
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &regex_type);
    }
    lua_setmetatable(L, -2);
    return x;
}

/* Compile the pattern at index 1. Or push what is wrong with it: NULL. */
static struct regex *regex_compile(lua_State *L)
{
    struct rust r = {0};
    struct text_out o;
    struct regex *x = regex_push(L);
    PCRE2_UCHAR text[256];
    PCRE2_SIZE at;
    size_t n;
    int error;

    r.begin = r.at = lua_tolstring(L, 1, &n);
    r.end = r.begin + n;
    r.o = &o;
    out_open(L, &o);
    if (!utf8_valid(r.begin, n) || !rust_translate(&r)) {
        lua_pushfstring(L, "regex parse error: at byte %d: %s", (int)(r.at - r.begin),
                        r.why ? r.why : "not UTF-8");
        return NULL;
    }
    x->how = pcre2_compile_context_create(NULL);
    pcre2_set_newline(x->how, PCRE2_NEWLINE_LF);
    x->code =
        pcre2_compile((PCRE2_SPTR)o.data, o.used,
                      PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_CIRCUMFLEX, &error, &at, x->how);
    if (!x->code) {
        regex_free(x);
        pcre2_get_error_message(error, text, sizeof text);
        lua_pushfstring(L, "regex parse error: %s", (const char *)text);
        return NULL;
    }
    x->match = pcre2_match_data_create_from_pattern(x->code, NULL);
    x->limits = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(x->limits, STEPS);
    pcre2_set_heap_limit(x->limits, FRAMES);
    return x;
}

/* Push the groups of the match, up to the first that took no part in it. */
static void regex_groups(lua_State *L, const struct regex *x, const char *text, int count)
{
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(x->match);

    lua_createtable(L, count, 0);
    for (int i = 0; i < count && at[2 * i] != PCRE2_UNSET; i++) {
        lua_pushlstring(L, text + at[2 * i], at[2 * i + 1] - at[2 * i]);
        lua_rawseti(L, -2, i + 1);
    }
}

/* The number of groups of the first match from byte FROM on; 0: there is none; -1, pushed: why not. */
static int regex_match(lua_State *L, const struct regex *x, const char *text, size_t n, size_t from)
{
    int count =
        pcre2_match(x->code, (PCRE2_SPTR)text, n, from, PCRE2_NO_UTF_CHECK, x->match, x->limits);
    PCRE2_UCHAR why[128];

    if (count == PCRE2_ERROR_NOMATCH)
        return 0;
    if (count > 0)
        return count;
    if (count == PCRE2_ERROR_MATCHLIMIT || count == PCRE2_ERROR_DEPTHLIMIT) {
        lua_pushfstring(L, "regex: a match would take more than %d steps", STEPS);
    } else if (count == PCRE2_ERROR_HEAPLIMIT) {
        lua_pushfstring(L, "regex: a match would take more than %dM of memory", FRAMES >> 10);
    } else {
        pcre2_get_error_message(count, why, sizeof why);
        lua_pushfstring(L, "regex: %s", (const char *)why);
    }
    return -1;
}

/* Arguments: the pattern, the text. *X: the pattern, compiled; or push why not: false. */
static bool regex_begin(lua_State *L, struct regex **x, const char **text, size_t *n)
{
    luaL_checkstring(L, 1);
    *text = luaL_checklstring(L, 2, n);
    lua_settop(L, 2);
    sandbox_lend(L);
    if (!utf8_valid(*text, *n)) {
        lua_pushliteral(L, "regex: the text is not UTF-8");
        return false;
    }
    *x = regex_compile(L);
    return *x != NULL;
}

static int regex_find(lua_State *L)
{
    struct regex *x;
    const char *text;
    size_t n;
    int count;

    if (!regex_begin(L, &x, &text, &n))
        return sandbox_fail_top(L);
    count = regex_match(L, x, text, n, 0);
    if (count > 0)
        regex_groups(L, x, text, count);
    if (count == 0)
        lua_pushnil(L);
    regex_free(x);
    return count < 0 ? sandbox_fail_top(L) : 1;
}

/* A match of nothing where the last one ended is none: then the next begins a character later. */
static int regex_find_all(lua_State *L)
{
    struct regex *x;
    const char *text;
    size_t n, from = 0, last = SIZE_MAX;
    lua_Integer found = 0;
    int count = 0, list;

    if (!regex_begin(L, &x, &text, &n))
        return sandbox_fail_top(L);
    lua_newtable(L);
    list = lua_gettop(L);
    while (from <= n && (count = regex_match(L, x, text, n, from)) > 0) {
        const PCRE2_SIZE *at = pcre2_get_ovector_pointer(x->match);

        if (at[0] == at[1] && at[1] == last) {
            from += from < n ? (size_t)utf8_step(text + from, n - from) : 1;
            continue;
        }
        from = last = at[1];
        regex_groups(L, x, text, count);
        lua_rawseti(L, list, ++found);
    }
    regex_free(x);
    if (count < 0)
        return sandbox_fail_top(L);
    lua_settop(L, list);
    return 1;
}

void sandbox_open_regex(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"regex_find", regex_find}, {"regex_find_all", regex_find_all}, {NULL, NULL}};

    lua_pushglobaltable(L);
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}
