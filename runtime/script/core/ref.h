/* Objects that stay with the caller: in the box an opaque userdata for each id, whose methods are calls of
 * the caller. Only the reader of what a caller said makes one. */
#ifndef SCRIPT_CORE_REF_H
#define SCRIPT_CORE_REF_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/* Once for a state: what the rest needs. */
void ref_open(lua_State *L);

/* A table of one member is on top: where it is {["$ref"] = id}, the object takes its place. */
void ref_take(lua_State *L);

/* An id: 1 to 128 bytes of [A-Za-z0-9_.:-], not ':' in front. What stands before its first ':' is the
 * object's class. Any other text behind "$ref" is data. */
bool ref_shaped(const char *id, size_t n);

/* The id of the object at INDEX, which lives as long as it; NULL where the value is none. */
const char *ref_id(lua_State *L, int index, size_t *n);

#endif
