/* Whether a source can define a member of the table that it returns, or a global, in a way that its
 * bytecode does not name: what is not named then is surely not defined. */
#ifndef SCRIPT_CHECK_MEMBERS_H
#define SCRIPT_CHECK_MEMBERS_H

#include <lua.h>
#include <stdbool.h>

struct members {
    lua_State *L;
    int keys; /* stack index of a table: each literal name that a table's member is set by is put there */
    bool open;    /* what is returned may have members by other names, or is not known */
    bool globals; /* the table of globals is at hand as a value */
};

/* Look at the function on top of the stack, a main chunk, which stays there; adds to *M. 0, or -1 if
 * the format of its bytecode is unknown. May raise Lua's memory error. */
int members_look(lua_State *L, struct members *m);

#endif
