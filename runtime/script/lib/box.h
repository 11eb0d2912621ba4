/* What the start line adds to the table `box`. */
#ifndef SCRIPT_LIB_BOX_H
#define SCRIPT_LIB_BOX_H

struct lua_State;

/* Key of the registry: the argument, for the entry, whatever a script does to box.arg. */
#define LIB_BOX_ARG ((void *)lib_box_start)

/* The decoded start line, a table, is on top of the stack and stays. */
void lib_box_start(struct lua_State *L);

#endif
