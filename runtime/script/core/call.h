/* Calls to the caller, and the callbacks that it may make meanwhile. */
#ifndef SCRIPT_CORE_CALL_H
#define SCRIPT_CORE_CALL_H

#include <lua.h>

#include "schemas/setup.h"

/* The open calls and callbacks, nested in each other. Changed only around protected calls, so that
 * no error leaves it wrong. */
struct calls {
    lua_Integer lent; /* functions lent so far: no number is used twice in a run */
    int callbacks;    /* running now */
    struct {
        lua_Integer first, count; /* numbers lent by the call that the callback interrupts */
    } open[WIRE_CALLS_DEEP / 2];
};

/* Call once per state. */
void lib_call_open(lua_State *L);

/* box.call(method, params) */
int lib_call(lua_State *L);

/* object:method(params); upvalue: the method. */
int lib_method(lua_State *L);

#endif
