/* Calls of the caller, and the callbacks that it may make meanwhile. */
#ifndef SCRIPT_CORE_CALL_H
#define SCRIPT_CORE_CALL_H

#include <lua.h>

#include "schemas/setup.h"

/* What runs now of calls within callbacks within calls. Changed only around protected calls, so that no
 * error leaves it wrong. */
struct calls {
    lua_Integer lent; /* functions so far: no number is used twice in a run */
    int callbacks;    /* that run */
    struct {
        lua_Integer first, count; /* numbers lent by the call that the callback answers to */
    } open[WIRE_CALLS_DEEP / 2];
};

/* Once for a state. */
void lib_call_open(lua_State *L);

/* box.call(method, params) */
int lib_call(lua_State *L);

/* object:method(params); upvalue: the method. */
int lib_method(lua_State *L);

#endif
