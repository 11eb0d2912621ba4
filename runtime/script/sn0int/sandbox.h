/* sn0int's library for `runbox sandbox`: its names, values and error handling. A function that
 * fails returns nil and a message, and keeps the message for last_err(); an error that is never
 * cleared fails the run. Arguments of a wrong type are Lua errors. */
#ifndef SCRIPT_SN0INT_SANDBOX_H
#define SCRIPT_SN0INT_SANDBOX_H

#include <lauxlib.h>
#include <stdbool.h>

struct name;
struct text_out;

/* Run a module, in place of run_bundle() (a lua_CFunction, called in protected mode). */
int sandbox_run(lua_State *L);

/* What this library is built on, a line each; gumbo does not tell its version. */
void sandbox_libraries(char *text, size_t size);

/* Before a library allocates: should memory be short, what L has left as garbage can be collected. */
void sandbox_lend(lua_State *L);

/* Collect it: for heap_on_short(). False: nobody has lent, or a collection has led here. */
bool sandbox_collect(void);

/* Keep the error, push nil and its text, return 2. FMT as for lua_pushfstring(); the second takes
 * the text on top. */
int sandbox_fail(lua_State *L, const char *fmt, ...);
int sandbox_fail_top(lua_State *L);

/* Call FUNCTION with the COUNT values on top; a Lua error is handled as by sandbox_fail(). Returns
 * the number of results, as a lua_CFunction does. */
int sandbox_try(lua_State *L, lua_CFunction function, int count);

/* Push the start line's member NAME; return its type. */
int sandbox_start(lua_State *L, const char *name);

/* value.c: append the value at INDEX as sn0int prints it ("text", 1337.0, {1.0: true}). */
void sandbox_format(struct text_out *o, int index);

/* The string keys of TABLE (an absolute index), sorted, so that equal values always print the same.
 * Pushes two values, which keep them alive. */
struct name *sandbox_names(lua_State *L, int table, size_t *count);

/* json.c: push the value at INDEX as it is encoded: whole floats as integers, a table as the list of
 * what has numbers for keys or else its members with string keys, strings that are not UTF-8 as lists of numbers,
 * null for a value that has no JSON form. */
void sandbox_plain(lua_State *L, int index);

/* Push the bytes as a list of numbers. */
void sandbox_push_bytes(lua_State *L, const char *s, size_t n);

/* Replace every JSON null in the table at INDEX, at any depth, with nil. */
void sandbox_strip(lua_State *L, int index);

/* text.c: push the value at INDEX, a string or a list of numbers from 0 to 255, as a string, and return
 * it; or push an error message and return NULL. The second: of argument ARG, which its message names,
 * with the function that runs and where it was called. */
const char *sandbox_bytes(lua_State *L, int index, size_t *n);
const char *sandbox_bytes_arg(lua_State *L, int arg, size_t *n);

/* url_functions.c: push the path of the URL at INDEX, 1; or an error message, 0. */
int sandbox_url_path(lua_State *L, int index);

/* blob.c: send the blob whose id is at INDEX to the caller to keep. 1; or push why not, 0. */
int sandbox_persist(lua_State *L, int index);
void sandbox_blobs(lua_State *L); /* keep the blobs of the start line */

/* Set globals; one function per file. */
void sandbox_open_log(lua_State *L);
void sandbox_open_json(lua_State *L);
void sandbox_open_host(lua_State *L);
void sandbox_open_database(lua_State *L);
void sandbox_open_text(lua_State *L);
void sandbox_open_url(lua_State *L);
void sandbox_open_time(lua_State *L);
void sandbox_open_blob(lua_State *L);
void sandbox_open_digest(lua_State *L);
void sandbox_open_encoding(lua_State *L);
void sandbox_open_secret(lua_State *L);
void sandbox_open_geo(lua_State *L);
void sandbox_open_semver(lua_State *L);
void sandbox_open_regex(lua_State *L);
void sandbox_open_html(lua_State *L);
void sandbox_open_xml(lua_State *L);
void sandbox_open_cert(lua_State *L);
void sandbox_open_pgp(lua_State *L);
void sandbox_open_absent(lua_State *L);

#endif
