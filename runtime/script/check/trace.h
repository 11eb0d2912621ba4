/* Internal to bytecode.c and trace.c: one function of a dump, and a walk over its instructions. */
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
    bool env[256];   /* upvalues that are the main chunk's _ENV */
    const int *line; /* of each instruction */
    size_t *since;   /* 1 + pc of the earliest jump to it, 1 if backward, 0: none; zeroed */
};

/* Call SEEN for each use in F. */
void trace_function(const struct function *f, void (*seen)(void *ud, const struct use *use),
                    void *ud);

#endif
