/* The library: what each of its files offers a script. */
#ifndef SCRIPT_LIB_LIB_H
#define SCRIPT_LIB_LIB_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct lua_State;

/* Set globals. Each leaves the stack unchanged. */
void lib_open_base(struct lua_State *L);
void lib_open_debug(struct lua_State *L);
void lib_open_os(struct lua_State *L);
void lib_open_io(struct lua_State *L);
void lib_open_files(struct lua_State *L); /* after lib_open_io(); SETUP_FILES */
void lib_open_require(struct lua_State *L);
void lib_open_box(struct lua_State *L);   /* all but what lib_box_start() sets */
void lib_open_count(struct lua_State *L); /* if instructions are limited: last */

void lib_warn(void *ud, const char *text, int more); /* lua_WarnFunction; ud is the box */

int lib_load(struct lua_State *L); /* upvalue: stock load */
int lib_loadfile(struct lua_State *L);
int lib_dofile(struct lua_State *L);

int lib_collectgarbage(struct lua_State *L);

/* Like fopen(3), but for files and directories only. */
FILE *files_open(const char *path, const char *mode);

/* Whether a module of this name is runbox's own, and so never the bundle's: box.std and box.std.*. */
bool std_named(const char *name, size_t n);

/* Two texts: the name, and what std_push() pushed. */
#define STD_MISSING "module '%s' not found: box.std has %s"

/* Push the loader of the module NAME of box.std: true. Or, if it is none of them, push their names,
 * separated by commas: false. */
bool std_push(struct lua_State *L, const char *name);

/* What modules of box.std have from C: each pushes a new table. */
void box_push_json(struct lua_State *L);
void hash_push(struct lua_State *L);
void base64_push(struct lua_State *L);

/* box.artifact */
int lib_artifact(struct lua_State *L);

/* box.ratelimit(key, passes, ms) */
int lib_ratelimit(struct lua_State *L);

/* Wait until the caller lets the arguments pass, as box.ratelimit does: 1. Or push the caller's
 * "Err": 0. */
int wait_ratelimit(struct lua_State *L);

/* Sleep; the monitor keeps the time, since the box has no system call for it. */
void wait_sleep(struct lua_State *L, uint64_t secs, uint64_t nanos);

#endif
