/* Dates, all in UTC. The formats are those of strftime(3) and strptime(3) in the C locale, which
 * agree with chrono's except for its extensions (%3f, %:z). */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "runtime/script/sn0int/sandbox.h"

#define SN0INT_FORMAT "%Y-%m-%dT%H:%M:%S"
#define FORMATTED_MAX 4096 /* bytes: a width in the format could request any number */

/* The format is a module's: harmless, since strftime(3) has no arguments that it could mismatch. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static int push_time(lua_State *L, const char *format, time_t time)
{
    char text[FORMATTED_MAX];
    struct tm tm;

    text[0] = '\0';
    if (!gmtime_r(&time, &tm))
        return sandbox_fail(L, "strftime: the time is out of range");

    size_t n = strftime(text, sizeof text, format, &tm);

    if (!n && *format)
        return sandbox_fail(L, "strftime: the result is empty or longer than %d bytes",
                            FORMATTED_MAX);
    lua_pushlstring(L, text, n);
    return 1;
}

static int sandbox_strftime(lua_State *L)
{
    const char *format = luaL_checkstring(L, 1);

    return push_time(L, format, (time_t)luaL_checkinteger(L, 2));
}

static bool same_minute(const struct tm *a, const struct tm *b)
{
    return a->tm_year == b->tm_year && a->tm_mon == b->tm_mon && a->tm_mday == b->tm_mday &&
           a->tm_hour == b->tm_hour && a->tm_min == b->tm_min;
}

/* strptime(3) leaves fields alone that the text does not determine: parsed twice, with different
 * initial values, the text must give the same date. */
static int sandbox_strptime(lua_State *L)
{
    const char *format = luaL_checkstring(L, 1), *text = luaL_checkstring(L, 2);
    struct tm tm = {.tm_year = 70, .tm_mday = 1};
    struct tm other = {.tm_year = 71, .tm_mon = 1, .tm_mday = 2, .tm_hour = 1, .tm_min = 1};
    const char *end = strptime(text, format, &tm);

    if (!end)
        return sandbox_fail(L, "strptime: input contains invalid characters");
    if (*end)
        return sandbox_fail(L, "strptime: trailing input");
    if (!strptime(text, format, &other) || !same_minute(&tm, &other))
        return sandbox_fail(L, "strptime: input is not enough for unique date and time");
    other = tm;
    other.tm_sec = 0; /* a leap second may be the next day's first */
    timegm(&other);
    if (!same_minute(&tm, &other))
        return sandbox_fail(L, "strptime: there is no such day");
    lua_pushinteger(L, timegm(&tm));
    return 1;
}

static int now(lua_State *L)
{
    return push_time(L, SN0INT_FORMAT, time(NULL));
}

static int sn0int_time_from(lua_State *L)
{
    return push_time(L, SN0INT_FORMAT, (time_t)luaL_checkinteger(L, 1));
}

static int time_unix(lua_State *L)
{
    lua_pushinteger(L, time(NULL));
    return 1;
}

void sandbox_open_time(lua_State *L)
{
    static const luaL_Reg functions[] = {{"strftime", sandbox_strftime},
                                         {"strptime", sandbox_strptime},
                                         {"datetime", now},
                                         {"sn0int_time", now},
                                         {"sn0int_time_from", sn0int_time_from},
                                         {"time_unix", time_unix},
                                         {NULL, NULL}};

    lua_pushglobaltable(L);
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}
