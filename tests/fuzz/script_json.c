/* The box's JSON, runtime/script/json*.c, beside the monitor's: both take the same texts, but for what only
 * a script may have (NUL in a name, very long numbers) or may not (integers that no float equals). What the
 * box writes for the wire, the monitor reads as the same value; and writing what was read of it gives the
 * same bytes. */
#include "runtime/script/core/json.h"

#include <lua.h>
#include <string.h>

#include "runtime/json/json.h"
#include "tests/fuzz/judge/judge.h"

static int encode(lua_State *L)
{
    size_t n;
    const char *text = json_encode(L, 1, "value", (enum json_for)lua_tointeger(L, 2), &n);

    lua_pushlstring(L, text, n);
    return 1;
}

/* Put the JSON of the value on top in its place: true; or the message. */
static bool encodes(lua_State *L, enum json_for use)
{
    lua_pushcfunction(L, encode);
    lua_insert(L, -2);
    lua_pushinteger(L, (lua_Integer)use);
    return lua_pcall(L, 2, 1, 0) == LUA_OK;
}

/* lua_tostring() would make a text of a number on the stack. */
static const char *message(lua_State *L)
{
    return lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
}

/* The value on top, written for the script, must come back as itself. */
static void check_again(lua_State *L)
{
    const char *first, *second;
    size_t n, m;

    must(encodes(L, JSON_SCRIPT), "%s", message(L));
    first = lua_tolstring(L, -1, &n);
    must(judge_decodes(L, first, n, JSON_DEPTH), "%s: %s", message(L), first);
    must(encodes(L, JSON_SCRIPT), "%s", message(L));
    second = lua_tolstring(L, -1, &m);
    must(n == m && memcmp(first, second, n) == 0, "%s, then %s", first, second);
    lua_pop(L, 2);
}

/* What a double may not hold as it is written: more than 15 digits, or a very small number. */
static bool has_long_number(const char *text, size_t n)
{
    size_t digits = 0;

    for (size_t i = 0; i < n; i++) {
        if (text[i] == '-' && i && (text[i - 1] | 32) == 'e')
            return true;
        if (text[i] != '.')
            digits = text[i] >= '0' && text[i] <= '9' ? digits + 1 : 0;
        if (digits > 15)
            return true;
    }
    return false;
}

static void check_wire(lua_State *L, const char *text, size_t n, bool monitor)
{
    const char *line;
    size_t len;

    if (!encodes(L, JSON_WIRE)) {
        must(strstr(message(L), "holds a NUL") && !monitor, "%s", message(L));
        return;
    }
    line = lua_tolstring(L, -1, &len);
    must(judge_json(line, len, JSON_DEPTH_MAX), "the monitor cannot read %s", line);
    must(!memchr(line, '\n', len) && !memchr(line, '\r', len), "not one line: %s", line);
    must(!monitor || has_long_number(text, n) || judge_equal(text, n, line, len),
         "another value: %s", line);
}

static void check(lua_State *L, const char *text, size_t n)
{
    const char *error = "";
    size_t offset;
    bool monitor = json_check(text, n, &error, &offset) == 0;

    if (!judge_decodes(L, text, n, JSON_DEPTH)) {
        must(strstr(message(L), "json: "), "%s", message(L));
        must(!monitor || strstr(message(L), "no float equals it"),
             "the monitor reads what the box does not: %s", message(L));
        return;
    }
    must(monitor || strstr(error, "\\u0000") || strstr(error, "too many digits"),
         "the box reads what the monitor does not: %s", error);
    lua_pushvalue(L, -1);
    check_again(L);
    lua_settop(L, 1);
    check_wire(L, text, n, monitor);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    lua_State *L = judge_lua();

    check(L, (const char *)data, n);
    lua_close(L);
    return 0;
}
