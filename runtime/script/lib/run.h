/* The runs of the box program: a bundle's, a template's; and what those of a module and of `runbox check` have in common with them. */
#ifndef SCRIPT_LIB_RUN_H
#define SCRIPT_LIB_RUN_H

struct lua_State;

/* Everything a script does, from an empty state to box_exit_*() (a lua_CFunction, run protected). */
int run_bundle(struct lua_State *L);

/* The same in a template (SETUP_TEMPLATE): goes on in each box that it forks, never in itself. */
int run_template(struct lua_State *L);

/* Every library that a script of this box may have. */
void run_libraries(struct lua_State *L);

/* Push the bundle's main, compiled; raise what is wrong with it. */
void run_load_main(struct lua_State *L);

/* math.random starts from the seed of the start line at index START, so that a run can be repeated.
 * Drops what is above START. */
void run_plant_seed(struct lua_State *L, int start);

/* Message handler: the error as text; its traceback is kept. An error in what closes a variable comes instead of the one
 * before it, which may go on: run_tell() tells the log the last one's, once, and raises nothing. */
int run_message(struct lua_State *L);
void run_tell(struct lua_State *L);

#endif
