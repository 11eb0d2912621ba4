/* JSON (RFC 8259) and Lua values. Integers stay 64-bit integers; other numbers, and -0, are floats and
 * print with enough digits, and a '.' or 'e', to read back as the same float; an integer beyond 64 bits
 * that no float equals is an error. null is the light userdata NULL. An array carries the metatable of
 * json_push_array_mark(), which tells an empty one from an empty object. Never calls a metamethod. */
#ifndef SCRIPT_CORE_JSON_H
#define SCRIPT_CORE_JSON_H

#include <lua.h>
#include <stddef.h>

#define JSON_DEPTH 128              /* of a value */
#define JSON_LINE  (JSON_DEPTH + 2) /* of a line that carries values */

/* Call once per state, before the functions below. */
void json_open(lua_State *L);

/* Push the value of TEXT; the byte after its N bytes must be readable and not part of a number.
 * Raise "json: LINE:COLUMN: what" on error. */
void json_decode(lua_State *L, const char *text, size_t n, int depth);

/* The same for the first value from TEXT up to END (*END as the byte above), whatever follows it;
 * return where the rest starts. If only white space is left, push nothing and return NULL. */
const char *json_decode_next(lua_State *L, const char *text, const char *end, int depth);

/* The same for the caller's JSON, where {"$ref":"id"} is an object of the caller (ref.h). */
void json_decode_refs(lua_State *L, const char *text, size_t n, int depth);
const char *json_decode_next_refs(lua_State *L, const char *text, const char *end, int depth);

/* Push a value that keeps the text alive; return the JSON of the value at INDEX, *N bytes. Members
 * are sorted bytewise. Raise "WHAT.place: why" for a value that has no JSON form; the wire carries
 * no NUL in a member's name. JSON_REFS: the caller's own objects go back as {"$ref":"id"}, and a table
 * that would read as a handle is an error. */
enum json_for { JSON_SCRIPT, JSON_WIRE, JSON_REFS, JSON_LEND };

const char *json_encode(lua_State *L, int index, const char *what, enum json_for use, size_t *n);

/* JSON_LEND, the params of a call: like JSON_REFS, and a function becomes {"$fn":N}, numbered in
 * the order of the text. */
struct json_lend {
    int slot;                 /* stack index of a nil: becomes the array of the functions */
    lua_Integer first, count; /* FIRST is the first function's number */
};

const char *json_encode_lending(lua_State *L, int index, const char *what, struct json_lend *lend,
                                size_t *n);

void json_push_array_mark(lua_State *L);

#endif
