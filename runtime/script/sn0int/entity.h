/* An entity of sn0int's database, as a Lua table and as JSON, by its record (schemas/database.def). */
#ifndef SCRIPT_SN0INT_ENTITY_H
#define SCRIPT_SN0INT_ENTITY_H

#include <lua.h>
#include <stdbool.h>

#include "schemas/database.h"

struct text_out;

/* The record of FAMILY, or NULL; and that of an activity. */
const struct record *entity_find(const char *family);
const struct record *entity_activity(void);

/* Has the family anything that an update can change? */
bool entity_is_mutable(const struct record *r);

/* Push a copy of the fields of R that the table at FROM has; raise what is wrong with them. Of an
 * update only what can change is looked at. */
void entity_take(lua_State *L, const struct record *r, int from, bool update);

/* Take out of the changes, the table at CHANGES, what the entity at BEFORE has already. Is any left? */
bool entity_reduce(lua_State *L, const struct record *r, int before, int changes);

/* Append {"value":...}: all fields in their order; or, for an update, ID and the changes. The second
 * puts it into {"Domain":...}. */
void entity_add(struct text_out *o, const struct record *r, int entity, const char *id);
void entity_add_variant(struct text_out *o, const struct record *r, int entity, const char *id);

#endif
