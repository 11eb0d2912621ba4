/* Where the script last used a file: a text that the broker may read after a forbidden call has
 * stopped this process, to tell the script's author. It is a hint: nothing is decided by it. */
#ifndef SCRIPT_CORE_WHERE_H
#define SCRIPT_CORE_WHERE_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

/* Address of SETUP_WHERE bytes (schemas/setup.h). */
uint64_t where_address(void);

/* Note the line of Lua that called the running C function. */
void where_note(lua_State *L);

/* Write "main.lua:12" to OUT of SIZE bytes: the Lua line that runs at LEVEL, or calls what runs
 * there. False if none is near. */
bool where_line(lua_State *L, int level, char *out, size_t size);

#endif
