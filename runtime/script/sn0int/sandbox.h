/* sn0int's library for `runbox sandbox`: its names, its values, its way of failing. A function that
 * fails returns nil and a message, and keeps the message for last_err(); an error that nobody cleared
 * ends the run as one. Arguments of a wrong type are Lua errors. */
#ifndef SCRIPT_SN0INT_SANDBOX_H
#define SCRIPT_SN0INT_SANDBOX_H

#include <lauxlib.h>

struct name;
struct text_out;

/* Everything a module does, in place of run_bundle() (a lua_CFunction, run protected). */
int sandbox_run(lua_State *L);

/* Keep the error and return 2: nil and its text. FMT as lua_pushfstring's; or the text on top. */
int sandbox_fail(lua_State *L, const char *fmt, ...);
int sandbox_fail_top(lua_State *L);

/* Call FUNCTION with the COUNT values on top; its Lua error becomes sandbox_fail(). Returns as a
 * lua_CFunction does. */
int sandbox_try(lua_State *L, lua_CFunction function, int count);

/* Push the member NAME of the start line. Its type. */
int sandbox_start(lua_State *L, const char *name);

/* value.c: append the value at INDEX as sn0int prints it ("text", 1337.0, {1.0: true}). */
void sandbox_format(struct text_out *o, int index);

/* The text keys of TABLE (an absolute index), sorted, so that one value always looks the same. Pushes
 * two values, which keep them alive. */
struct name *sandbox_names(lua_State *L, int table, size_t *count);

/* json.c: push the value at INDEX as it goes into JSON: whole floats as integers, a sequence or else the
 * members with text for a name, bytes that are not UTF-8 as numbers, null for what has no JSON. */
void sandbox_plain(lua_State *L, int index);

/* Push a list of the bytes, as numbers. */
void sandbox_push_bytes(lua_State *L, const char *s, size_t n);

/* Replace every JSON null in the table at INDEX by nil. */
void sandbox_strip(lua_State *L, int index);

/* text.c: push argument ARG, a string or a list of numbers from 0 to 255, as a string, and return it; or
 * push what is wrong with it and return NULL. */
const char *sandbox_bytes(lua_State *L, int arg, size_t *n);

/* url_functions.c: push the path of the URL at INDEX; or what is wrong with it. 1 or 0. */
int sandbox_url_path(lua_State *L, int index);

/* blob.c: send the blob whose id is at INDEX to the caller to keep. 1; or push why not, 0. */
int sandbox_persist(lua_State *L, int index);
void sandbox_blobs(lua_State *L); /* take those of the start line */

/* Globals, a file each. */
void sandbox_open_log(lua_State *L);
void sandbox_open_json(lua_State *L);
void sandbox_open_host(lua_State *L);
void sandbox_open_database(lua_State *L);
void sandbox_open_text(lua_State *L);
void sandbox_open_url(lua_State *L);
void sandbox_open_time(lua_State *L);
void sandbox_open_blob(lua_State *L);
void sandbox_open_absent(lua_State *L);

#endif
