/* Standard input over the wire: asked for line by line, or to its end, and read in io.read's
 * formats. */
#ifndef SCRIPT_CORE_INPUT_H
#define SCRIPT_CORE_INPUT_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

struct input {
    char *data; /* a userdata in the registry */
    size_t begin, end, cap;
    bool eof;
};

/* io.read: formats are the arguments from FIRST on; pushes results like the stock one, returns how
 * many. */
int input_read(lua_State *L, int first);

#endif
