/* A source of the bundle as a Lua function. */
#ifndef SCRIPT_CORE_SOURCE_H
#define SCRIPT_CORE_SOURCE_H

#include "runtime/script/core/setup.h"

struct lua_State;

/* Push the compiled chunk, named after PATH ("main.lua:3:" in messages), and return LUA_OK; or push
 * the error text and return another status. Skips a byte order mark and a first line that begins
 * with '#', as lua(1) does. */
int source_load(struct lua_State *L, const char *path, struct text bytes);

#endif
