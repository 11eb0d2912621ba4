/* How deep the stack was when memory ran out last, and where: the error unwinds it before anybody can look, and it is
 * what an endless recursion ends with where memory is too little for Lua's own "stack overflow". */
#ifndef SCRIPT_CORE_DEEP_H
#define SCRIPT_CORE_DEEP_H

#include <lua.h>
#include <stddef.h>

#define DEEP_TEXT 320

/* For arena_watch(); MAIN is the main thread (a lua_State): it is looked at, and so is a coroutine that it waits for. Neither
 * allocates. */
void deep_measure(void *main);
void deep_note(void *main, size_t old, size_t new);

/* "the stack was N calls deep at PATH:LINE", or "" where it was not: in OUT, which has DEEP_TEXT bytes. */
void deep_print(char *out);

#endif
