/* What the box programs share, from their first instruction to the run of their script. */
#ifndef SCRIPT_START_START_H
#define SCRIPT_START_START_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct program {
    const char *name;
    /* What a box with these SETUP_* runs, in protected mode; NULL: such a box is another program's. */
    lua_CFunction (*job)(uint32_t flags);
    /* What --version says of its own libraries, a line each; NULL: it has none. */
    void (*libraries)(char *text, size_t size);
    /* Whether it can read this Lua's bytecode, asked for SETUP_CHECK. */
    bool (*reads)(lua_State *L);
};

/* main(): runs the one script of this process. Returns only after --version. */
int start_program(const struct program *p, int argc, char **argv);

#endif
