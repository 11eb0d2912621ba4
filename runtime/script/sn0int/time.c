/* Dates, all in UTC, printed and read by the C library in its C locale. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "runtime/script/sn0int/chrono.h"
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
    size_t n;
    const char *format = luaL_checklstring(L, 1, &n);
    time_t time = (time_t)luaL_checkinteger(L, 2);
    struct chrono c;

    if (!chrono_translate(L, format, n, false, &c))
        return sandbox_fail(L, "strftime: %s", lua_tostring(L, -1));
    return push_time(L, c.format, time);
}

static bool same_day(const struct tm *a, const struct tm *b)
{
    return a->tm_year == b->tm_year && a->tm_mon == b->tm_mon && a->tm_mday == b->tm_mday;
}

static bool same_minute(const struct tm *a, const struct tm *b)
{
    return same_day(a, b) && a->tm_hour == b->tm_hour && a->tm_min == b->tm_min;
}

/* Push TEXT without the fraction of a second that C's format has. NULL: it is not there. */
static const char *without_fraction(lua_State *L, const struct chrono *c, const char *text)
{
    struct tm tm = {.tm_year = 70, .tm_mday = 1};
    const char *before, *end;
    size_t n;

    before = lua_pushlstring(L, c->format, c->fraction);
    end = strptime(text, before, &tm);
    if (!end || !chrono_fraction(c, end, &n))
        return NULL;
    lua_pushlstring(L, text, (size_t)(end - text));
    lua_pushstring(L, end + n);
    lua_concat(L, 2);
    return lua_tostring(L, -1);
}

/* NULL; or why TEXT, parsed, is no time. strptime(3) leaves fields alone that the text does not
 * determine: parsed twice, with different initial values, the text must give the same time. */
static const char *time_parse(const char *text, const char *format, time_t *time)
{
    struct tm tm = {.tm_year = 70, .tm_mday = 1};
    struct tm other = {.tm_year = 71, .tm_mon = 1, .tm_mday = 2, .tm_hour = 1, .tm_min = 1};
    const char *end = strptime(text, format, &tm);

    if (!end)
        return "input contains invalid characters";
    if (*end)
        return "trailing input";
    if (!strptime(text, format, &other) || !same_minute(&tm, &other))
        return "input is not enough for unique date and time";
    other = tm;
    other.tm_sec = 0; /* a leap second may be the next day's first */
    timegm(&other);
    if (!same_minute(&tm, &other))
        return "there is no such day";
    if (tm.tm_wday != other.tm_wday || tm.tm_yday != other.tm_yday)
        return "the day of the week, or of the year, is another";
    *time = timegm(&tm);
    return NULL;
}

static int sandbox_strptime(lua_State *L)
{
    size_t n, m;
    const char *format = luaL_checklstring(L, 1, &n), *text = luaL_checklstring(L, 2, &m), *why;
    struct chrono c;
    time_t time;

    if (!chrono_translate(L, format, n, true, &c))
        return sandbox_fail(L, "strptime: %s", lua_tostring(L, -1));
    if (strlen(text) == m && c.fraction != SIZE_MAX)
        text = without_fraction(L, &c, text);
    else if (strlen(text) != m)
        text = NULL;
    why = text ? time_parse(text, c.format, &time) : "input contains invalid characters";
    if (why)
        return sandbox_fail(L, "strptime: %s", why);
    lua_pushinteger(L, time);
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
