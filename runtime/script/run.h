/* What a bundle's run and a sn0int module's have in common. */
#ifndef SCRIPT_RUN_H
#define SCRIPT_RUN_H

struct lua_State;

/* Push the bundle's main, compiled; raise what is wrong with it. */
void run_load_main(struct lua_State *L);

/* math.random starts from the seed of the start line at index START, so that a run can be repeated.
 * Drops what is above START. */
void run_plant_seed(struct lua_State *L, int start);

#endif
