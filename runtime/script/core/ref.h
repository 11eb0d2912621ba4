/* Objects that stay with the caller: in the box an opaque userdata per id, whose methods are calls
 * to the caller. Only decoding the caller's JSON creates them. */
#ifndef SCRIPT_CORE_REF_H
#define SCRIPT_CORE_REF_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/* Call once per state, before the functions below. */
void ref_open(lua_State *L);

/* A table of one member is on top: if it is {["$ref"] = id}, replace it with the object. */
void ref_take(lua_State *L);

/* Whether ID is an id: 1 to 128 bytes of [A-Za-z0-9_.:-], not starting with ':'. The part before
 * its first ':' is the object's class. Any other text in "$ref" is data. */
bool ref_shaped(const char *id, size_t n);

/* The id of the object at INDEX, valid as long as the object; NULL if the value is no such
 * object. */
const char *ref_id(lua_State *L, int index, size_t *n);

#endif
