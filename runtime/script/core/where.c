/* "main.lua:12" in this process's own memory, written before a library function makes a system
 * call: after a forbidden call, nothing here runs any more. */
#include "runtime/script/core/where.h"

#include <stdio.h>
#include <string.h>

#include "schemas/setup.h"

#define LEVELS 3 /* io.read calls a file's read: the script is two levels up */

static char where[SETUP_WHERE];

/* Find the first Lua function from LEVEL up; its line is in *AR. */
static bool find_line(lua_State *L, int level, lua_Debug *ar)
{
    for (int last = level + LEVELS; level < last && lua_getstack(L, level, ar); level++) {
        lua_getinfo(L, "Sl", ar);
        if (ar->currentline > 0 && ar->source[0] == '@')
            return true;
    }
    return false;
}

uint64_t where_address(void)
{
    return (uint64_t)(uintptr_t)where;
}

/* A loop that writes byte by byte stays on one line: print it once. */
static void where_print(const char *source, int line)
{
    static const char *last_source;
    static int last_line;

    if (source == last_source && line == last_line)
        return;
    last_source = source;
    last_line = line;
    snprintf(where, sizeof where, "%s:%d", source, line);
}

void where_note(lua_State *L)
{
    lua_Debug ar;

    if (find_line(L, 1, &ar))
        where_print(ar.source + 1, ar.currentline);
    else
        where_print("", 0);
}

bool where_line(lua_State *L, int level, char *out, size_t size)
{
    lua_Debug ar;

    if (!find_line(L, level, &ar))
        return false;
    snprintf(out, size, "%s:%d", ar.source + 1, ar.currentline);
    return true;
}
