/* How deep the stack was when memory last ran out, and where: the error unwinds it before anything
 * can inspect it. An endless recursion ends so if memory is too small for Lua's own "stack
 * overflow". */
#ifndef SCRIPT_CORE_DEEP_H
#define SCRIPT_CORE_DEEP_H

#include <lua.h>
#include <stddef.h>

#define DEEP_TEXT 320

/* For arena_watch(). MAIN, a lua_State, is the main thread: it is inspected, and so is a coroutine
 * that it waits for. Neither allocates. */
void deep_measure(void *main);
void deep_note(void *main, size_t old, size_t new);

/* Write "the stack was N calls deep at PATH:LINE" to OUT of DEEP_TEXT bytes; "" if it was not
 * deep. */
void deep_print(char *out);

#endif
