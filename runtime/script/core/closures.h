/* C functions as Lua objects, whose addresses reveal nothing (setup.c), instead of bare code
 * addresses. */
#ifndef SCRIPT_CORE_CLOSURES_H
#define SCRIPT_CORE_CLOSURES_H

#include <lauxlib.h>
#include <lua.h>

/* lua_pushcclosure() and luaL_setfuncs(), substituted by the linker. Both may raise a memory
 * error. */
void closures_push(lua_State *L, lua_CFunction f, int upvalues);
void closures_set(lua_State *L, const luaL_Reg *list, int upvalues);

/* Make closures_push() return the C function at INDEX for its address: for one that a library both
 * pushes and keeps in its table. */
void closures_known(lua_State *L, int index);

/* Push F as its bare address, which needs no memory: for functions out of every script's reach. */
void closures_push_hidden(lua_State *L, lua_CFunction f);

#endif
