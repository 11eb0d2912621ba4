/* What the setup and the start line add to the table `box`. */
#ifndef SCRIPT_LIB_BOX_H
#define SCRIPT_LIB_BOX_H

struct lua_State;

/* Registry key of the argument for the entry, whatever a script does to box.arg. */
#define LIB_BOX_ARG ((void *)lib_box_start)

/* Set box.name and box.version from the setup: "" where its second part has not come yet. */
void lib_box_name(struct lua_State *L);

/* Set box.arg, box.options and box.keyring from the decoded start line, a table on top of the
 * stack, which stays. */
void lib_box_start(struct lua_State *L);

#endif
