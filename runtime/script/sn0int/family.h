/* What sn0int does to an entity before sending it: normalize values, derive fields from others. */
#ifndef SCRIPT_SN0INT_FAMILY_H
#define SCRIPT_SN0INT_FAMILY_H

#include <stdbool.h>

struct lua_State;
struct record;

/* Normalize the entity of kind R, the table on top, whose keys are present and of the right type.
 * 1; or 0 with an error message pushed. */
int family_check(struct lua_State *L, const struct record *r);

#endif
