/* The one box of this process: its setup, its memory, its wire. Reached from any Lua state with
 * box_of(L), so that nothing depends on a global that a script can change. */
#ifndef SCRIPT_CORE_BOX_H
#define SCRIPT_CORE_BOX_H

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/script/core/call.h"
#include "runtime/script/core/input.h"
#include "runtime/script/core/setup.h"
#include "runtime/script/core/wire.h"
#include "schemas/export.h"

struct box {
    struct boot boot;
    struct arena *arena;
    struct input input;
    struct calls calls;
    char export[EXPORT_NAME_MAX + 1]; /* that the start line chooses; "": none */
    bool seeks;                       /* it is being looked up */
    uint64_t left;                    /* instructions that may still run; UINT64_MAX: no limit */
    int64_t verbose;                  /* runbox sandbox: from the start line */
    bool ready;                       /* it has reported so; before, its wire carries no lines */
    bool awaited;                     /* ready, but not yet inspected: await_start() */
    bool warnings;                    /* warn("@on"), the default, or warn("@off") */
    bool warn_goes_on;                /* more pieces of this warning follow */
    struct wire wire;                 /* last: its buffers come after all small members */
};

static inline struct box *box_of(lua_State *L)
{
    return *(struct box **)lua_getextraspace(L);
}

/* Report that the setup is done: struct setup_ready. */
void box_say_ready(struct box *b, int listener, uint64_t address);

/* Ends of the process: none returns, and none closes the state; the kernel frees what a script
 * left. Each first sends what print and io.write still hold. */
_Noreturn void box_exit_ok(struct box *b);
_Noreturn void box_exit_error(struct box *b, const char *text, size_t n);
_Noreturn void box_exit_limit(struct box *b, const char *name, const char *text);
_Noreturn void box_exit_setup(struct box *b, const char *text);

#endif
