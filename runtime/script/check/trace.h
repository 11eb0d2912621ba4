/* Internal to bytecode.c, trace.c and members.c: one function of a dump, and a walk over its instructions. */
#ifndef SCRIPT_CHECK_TRACE_H
#define SCRIPT_CHECK_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/script/check/bytecode.h"

struct function {
    const unsigned char *code; /* .size instructions of 4 bytes */
    size_t size;
    const struct text *constant; /* .at is NULL unless a string */
    size_t constants;
    bool env[256]; /* upvalues that are the main chunk's _ENV */
    const unsigned char
        *upvalue; /* .upvalues of 3 bytes: whether a register of .around, its number, kind */
    size_t upvalues;
    struct function *around; /* NULL: the main chunk */
    bool leaks[256],
        upvalue_leaks[256]; /* members.c: registers and upvalues that functions within share */
    const int *line;        /* of each instruction */
    size_t *since;          /* 1 + pc of the earliest jump to it, 1 if backward, 0: none; zeroed */
};

/* bytecode.c: call EACH for every function of the one on top of the stack, a main chunk, which stays
 * there: those within come before what surrounds them. 0, or -1 if this reader does not know the format. */
int bytecode_functions(lua_State *L, void (*each)(void *ud, struct function *f), void *ud);

/* Call SEEN for each use in F. */
void trace_function(const struct function *f, void (*seen)(void *ud, const struct use *use),
                    void *ud);

#endif
