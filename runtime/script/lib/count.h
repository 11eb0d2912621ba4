/* The instructions limit: what is left of it, across all threads. */
#ifndef SCRIPT_LIB_COUNT_H
#define SCRIPT_LIB_COUNT_H

#include "runtime/script/core/box.h"

/* Find where Lua counts, on a state of which no more is wanted, and watch it count; before anything
 * below. False: this Lua does it in another way. May raise an error. */
bool count_find(lua_State *L);

/* Let no more than MOST run from now on, whether there was a limit or not. Before any of the script has run:
 * coroutines and finalizers are counted from here. Raises an error as count_find() fails. */
void count_lower(lua_State *L, uint64_t most);

/* Let T run what is left, counted from now. */
void count_arm(struct box *b, lua_State *t);

/* Charge what T has used since it was armed, and arm it again. Ends the process if nothing is
 * left. */
void count_charge(struct box *b, lua_State *t);

/* Replace setmetatable with one that charges finalizers. */
void count_open_finalizers(lua_State *L);

#endif
