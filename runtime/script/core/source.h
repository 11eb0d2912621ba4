/* A source of the bundle as a Lua function. */
#ifndef SCRIPT_CORE_SOURCE_H
#define SCRIPT_CORE_SOURCE_H

#include "runtime/script/core/setup.h"

struct lua_State;

/* Push the compiled chunk, named after PATH ("main.lua:3:" in messages), and return LUA_OK; or push
 * the error's text and return another status. A byte order mark and a first line that begins with
 * '#' are skipped, as lua(1) does. */
int source_load(struct lua_State *L, const char *path, struct text bytes);

#endif
