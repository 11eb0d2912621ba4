/* `runbox check` in the box. */
#ifndef SCRIPT_CHECK_CHECK_H
#define SCRIPT_CHECK_CHECK_H

struct lua_State;

/* A run (a lua_CFunction) that compiles every source, executes none, and reports its findings. */
int check_bundle(struct lua_State *L);

#endif
