/* The one box of this process: what the setup said, its memory, its wire. Reached from any Lua
 * state with box_of(L), so that nothing depends on a global that a script can change. */
#ifndef SCRIPT_BOX_H
#define SCRIPT_BOX_H

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/script/input.h"
#include "runtime/script/lib_call.h"
#include "runtime/script/setup.h"
#include "runtime/script/wire.h"

struct box {
    struct given given;
    struct arena *arena;
    struct input input;
    struct calls calls;
    uint64_t left;     /* instructions that may still run; UINT64_MAX: no limit */
    int64_t verbose;   /* runbox sandbox: what the start line said */
    bool ready;        /* it has said so: before, its wire carries no lines */
    bool awaited;      /* ... with a listener, which has yet to be taken */
    bool warnings;     /* warn("@on"), the default, or warn("@off") */
    bool warn_goes_on; /* the warning being gathered is not whole */
    struct wire wire;  /* last: its buffers are behind all that is small */
};

static inline struct box *box_of(lua_State *L)
{
    return *(struct box **)lua_getextraspace(L);
}

/* Its setup is done: struct setup_ready. */
void box_say_ready(struct box *b, int listener, uint64_t address);

/* How the process ends; none of these returns, and none closes the state: what a script left behind
 * is the kernel's to clear. Each sends what print and io.write still hold first. */
_Noreturn void box_exit_ok(struct box *b);
_Noreturn void box_exit_error(struct box *b, const char *text, size_t n);
_Noreturn void box_exit_limit(struct box *b, const char *name, const char *text);
_Noreturn void box_exit_setup(struct box *b, const char *text);

/* Everything a script does, from an empty state to box_exit_*() (a lua_CFunction, run protected).
 */
int run_bundle(lua_State *L);

/* The same in a template (SETUP_TEMPLATE): goes on in each box that it forks, never in itself. */
int run_template(lua_State *L);

/* The same for `runbox check` (SETUP_CHECK): compiles every source, runs none, tells what it finds. */
int check_bundle(lua_State *L);

/* Every library that a script of this box may have. */
void run_libraries(lua_State *L);

/* Message handler: the error as text; its traceback is kept. An error in what closes a variable comes instead of the one
 * before it, which may go on: run_tell() tells the log the last one's, once, and raises nothing. */
int run_message(lua_State *L);
void run_tell(lua_State *L);

/* Globals. Each leaves the stack as it was. */
void lib_open_base(lua_State *L);
void lib_open_os(lua_State *L);
void lib_open_io(lua_State *L);
void lib_open_files(lua_State *L); /* after lib_open_io(); SETUP_FILES */
FILE *files_open(const char *path,
                 const char *mode); /* as fopen(3), of files and directories alone */
void lib_open_require(lua_State *L);
void lib_open_box(lua_State *L);   /* all but box.arg, box.options: run_bundle() sets them */
void lib_open_count(lua_State *L); /* where instructions are limited: last */

void lib_warn(void *ud, const char *text, int more); /* lua_WarnFunction; ud is the box */

/* lib_wait.c: box.ratelimit(key, passes, ms). */
int lib_ratelimit(lua_State *L);

/* lib_wait.c: wait for the caller to let the arguments pass, as box.ratelimit does. 1; or push the
 * caller's "Err", 0. */
int wait_ratelimit(lua_State *L);

/* lib_wait.c: wait; the monitor counts the time, since no system call of the box could. */
void wait_sleep(lua_State *L, uint64_t secs, uint64_t nanos);

/* box.artifact */
int lib_artifact(lua_State *L);

#endif
