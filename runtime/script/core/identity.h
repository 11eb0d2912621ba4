/* Numbers instead of addresses. */
#ifndef SCRIPT_CORE_IDENTITY_H
#define SCRIPT_CORE_IDENTITY_H

#include <lua.h>

/* lua_topointer(), substituted by the linker: the number of the value at INDEX; NULL if Lua has no
 * pointer for it. May raise a memory error. */
const void *identity_of(lua_State *L, int index);

#endif
