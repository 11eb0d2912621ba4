/* The runs of the box program: of a bundle, of a template; and what the runs of a module and of
 * `runbox check` share with them. */
#ifndef SCRIPT_LIB_RUN_H
#define SCRIPT_LIB_RUN_H

struct box;
struct lua_State;

/* Read what follows the first part of the setup, up to the start line (schemas/setup.h). Exits if
 * that cannot be done. */
void run_read_setup(struct box *b);

/* Run a script: everything from an empty state to box_exit_*() (a lua_CFunction, run protected). */
int run_bundle(struct lua_State *L);

/* The same in a template (SETUP_TEMPLATE): continues in each box that it forks, never in itself. */
int run_template(struct lua_State *L);

/* Open every library that a script of this box may use. */
void run_libraries(struct lua_State *L);

/* Push the bundle's main, compiled; raise its errors. */
void run_load_main(struct lua_State *L);

/* Seed math.random from the start line at index START, so that a run can be repeated. Drops what is
 * above START. */
void run_plant_seed(struct lua_State *L, int start);

/* Message handler: returns the error as text and keeps its traceback. An error while closing a
 * variable replaces the previous one, possibly repeatedly: run_tell() logs only the last traceback,
 * once, and raises nothing. */
int run_message(struct lua_State *L);
void run_tell(struct lua_State *L);

#endif
