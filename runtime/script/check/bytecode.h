/* Finds what a source uses, in the bytecode that this process's own compiler just made from it.
 * Exact where a scan of the text would guess: comments, strings, locals and upvalues cannot be
 * mistaken for globals. Only ever given dumps in Lua 5.4's own format, made here. */
#ifndef SCRIPT_CHECK_BYTECODE_H
#define SCRIPT_CHECK_BYTECODE_H

#include <lua.h>

#include "runtime/script/core/setup.h"

enum use_kind {
    USE_READ,   /* a global: .name */
    USE_WRITE,  /* a global is set: .name */
    USE_FIELD,  /* .name.field is read */
    USE_SET,    /* .name.field is set */
    USE_MEMBER, /* .name.field.text is read */
    USE_PUT,    /* .name.field.text is set */
    USE_TEXT    /* .name(.text) or .name.field(.text): the first argument is a literal */
};

struct use {
    enum use_kind kind;
    struct text name, field, text; /* .field.at is NULL if there is none */
    int line;
};

/* Call SEEN for each use in the N bytes that lua_dump() made, not stripped. 0, or -1 if this reader
 * does not know their format. May raise Lua's memory error. */
int bytecode_uses(lua_State *L, const char *dump, size_t n,
                  void (*seen)(void *ud, const struct use *use), void *ud);

/* The same for the function on top of the stack, which stays there. */
int bytecode_function_uses(lua_State *L, void (*seen)(void *ud, const struct use *use), void *ud);

/* known.c: whether this reader knows what the linked compiler makes: of a source whose uses are known. May
 * raise Lua's memory error. */
bool bytecode_known(lua_State *L);

#endif
