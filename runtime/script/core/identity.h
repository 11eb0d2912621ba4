/* Numbers in the place of addresses. */
#ifndef SCRIPT_CORE_IDENTITY_H
#define SCRIPT_CORE_IDENTITY_H

#include <lua.h>

/* lua_topointer(), as the linker has it: the number of the value at INDEX, NULL where Lua has no pointer for it. May
 * raise an error of memory. */
const void *identity_of(lua_State *L, int index);

#endif
