/* The functions of a bundle that a caller may choose by name. */
#ifndef SCRIPT_LIB_EXPORT_H
#define SCRIPT_LIB_EXPORT_H

#include <lua.h>

/* Keep which one the start line on top chooses, if any: .export of the box; and heed its limit of
 * instructions. */
void export_take(lua_State *L);

/* Push what export NAME is, for a main that returned the value at index FROM: something that can be
 * called. Raises an error that names it, and what was found. May run the script's code. */
void export_push(lua_State *L, int from, const char *name);

/* Put the export's name before the text on top, the message of an error, if it came of looking it up. */
void export_name_error(lua_State *L);

#endif
