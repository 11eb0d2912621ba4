/* "main.lua:12" in memory of this process's own, written before a library function asks the kernel for
 * something: once the call is made and forbidden, nothing here runs any more. */
#include "runtime/script/where.h"

#include <stdio.h>
#include <string.h>

#include "schemas/setup.h"

#define LEVELS 3 /* io.read calls a file's read: the script is two up */

static char where[SETUP_WHERE];

uint64_t where_address(void)
{
    return (uint64_t)(uintptr_t)where;
}

/* A loop that writes byte by byte comes from one line: it is printed once. */
static void print(const char *source, int line)
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

    for (int level = 1; level <= LEVELS && lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline > 0 && ar.source[0] == '@') {
            print(ar.source + 1, ar.currentline);
            return;
        }
    }
    print("", 0);
}
