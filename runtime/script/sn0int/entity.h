/* Entities of sn0int's database, as Lua tables and as JSON, by their records
 * (schemas/database.def). */
#ifndef SCRIPT_SN0INT_ENTITY_H
#define SCRIPT_SN0INT_ENTITY_H

#include <lua.h>
#include <stdbool.h>

#include "schemas/database.h"

struct text_out;

/* The record of FAMILY, or NULL; and the record of an activity. */
const struct record *entity_find(const char *family);
const struct record *entity_activity(void);

/* Whether the family has a field that an update can change. */
bool entity_is_mutable(const struct record *r);

/* Push a copy of those fields of R that the table at FROM has; raise an error if one is missing or
 * invalid. For an UPDATE, only fields that can change are read. */
void entity_take(lua_State *L, const struct record *r, int from, bool update);

/* Remove from the table at CHANGES what the entity at BEFORE already has. Whether any is left. */
bool entity_reduce(lua_State *L, const struct record *r, int before, int changes);

/* Append {"value":...}: all fields in order; or, for an update, ID (else NULL) and the changes. The
 * second function wraps it in {"Domain":...}. */
void entity_add(struct text_out *o, const struct record *r, int entity, const char *id);
void entity_add_variant(struct text_out *o, const struct record *r, int entity, const char *id);

#endif
