/* Standard input over the wire: requested line by line, or to its end, and read in io.read's
 * formats. */
#ifndef SCRIPT_CORE_INPUT_H
#define SCRIPT_CORE_INPUT_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

struct input {
    char *data; /* a userdata in the registry */
    size_t begin, end, cap;
    size_t want; /* bytes to ask for next; 0: nothing was asked for yet */
    bool eof;
};

/* io.read: the formats are the arguments from FIRST on. Pushes results like the stock one; returns
 * their number. */
int input_read(lua_State *L, int first);

#endif
