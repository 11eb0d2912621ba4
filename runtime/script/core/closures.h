/* C functions as objects of Lua's, whose addresses say nothing (setup.c), in the place of their own. */
#ifndef SCRIPT_CORE_CLOSURES_H
#define SCRIPT_CORE_CLOSURES_H

#include <lauxlib.h>
#include <lua.h>

/* lua_pushcclosure() and luaL_setfuncs(), as the linker has them. Both may raise an error of memory. */
void closures_push(lua_State *L, lua_CFunction f, int upvalues);
void closures_set(lua_State *L, const luaL_Reg *list, int upvalues);

/* The C function at INDEX is from now on what closures_push() gives for it: for one that a library pushes and has in its
 * table too. */
void closures_known(lua_State *L, int index);

/* F as its address, which needs no memory: for what no script can get hold of. */
void closures_push_hidden(lua_State *L, lua_CFunction f);

#endif
