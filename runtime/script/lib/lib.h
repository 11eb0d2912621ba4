/* The library: what each of its files gives a script. */
#ifndef SCRIPT_LIB_LIB_H
#define SCRIPT_LIB_LIB_H

#include <stdint.h>
#include <stdio.h>

struct lua_State;

/* Globals. Each leaves the stack as it was. */
void lib_open_base(struct lua_State *L);
void lib_open_os(struct lua_State *L);
void lib_open_io(struct lua_State *L);
void lib_open_files(struct lua_State *L); /* after lib_open_io(); SETUP_FILES */
void lib_open_require(struct lua_State *L);
void lib_open_box(struct lua_State *L);   /* all but box.arg, box.options: run_bundle() sets them */
void lib_open_count(struct lua_State *L); /* where instructions are limited: last */

void lib_warn(void *ud, const char *text, int more); /* lua_WarnFunction; ud is the box */

/* As fopen(3), of files and directories alone. */
FILE *files_open(const char *path, const char *mode);

/* box.artifact */
int lib_artifact(struct lua_State *L);

/* box.ratelimit(key, passes, ms) */
int lib_ratelimit(struct lua_State *L);

/* Wait for the caller to let the arguments pass, as box.ratelimit does. 1; or push the caller's "Err", 0. */
int wait_ratelimit(struct lua_State *L);

/* Wait; the monitor counts the time, since no system call of the box could. */
void wait_sleep(struct lua_State *L, uint64_t secs, uint64_t nanos);

#endif
