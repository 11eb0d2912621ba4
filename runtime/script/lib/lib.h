/* The library: what each of its files offers a script. */
#ifndef SCRIPT_LIB_LIB_H
#define SCRIPT_LIB_LIB_H

#include <stdint.h>
#include <stdio.h>

struct lua_State;

/* Set globals. Each leaves the stack unchanged. */
void lib_open_base(struct lua_State *L);
void lib_open_os(struct lua_State *L);
void lib_open_io(struct lua_State *L);
void lib_open_files(struct lua_State *L); /* after lib_open_io(); SETUP_FILES */
void lib_open_require(struct lua_State *L);
void lib_open_box(struct lua_State *L);   /* all but what lib_box_start() sets */
void lib_open_count(struct lua_State *L); /* if instructions are limited: last */

void lib_warn(void *ud, const char *text, int more); /* lua_WarnFunction; ud is the box */

/* Like fopen(3), but for files and directories only. */
FILE *files_open(const char *path, const char *mode);

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
