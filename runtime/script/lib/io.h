/* The standard streams, for io.c and files.c. */
#ifndef SCRIPT_LIB_IO_H
#define SCRIPT_LIB_IO_H

#include "runtime/script/core/box.h"

enum stream { STREAM_IN, STREAM_OUT, STREAM_ERR };

void stream_push(lua_State *L, enum stream which);

/* Whether the argument at ARG is a standard stream; if so, *WHICH. */
bool stream_test(lua_State *L, int arg, enum stream *which);

/* io.write and io.read of stream WHICH, with the arguments from FIRST on. */
int stream_put(lua_State *L, int first, enum stream which);
int stream_get(lua_State *L, int first, enum stream which);

/* Methods: the stream is argument 1. */
int stream_write(lua_State *L);
int stream_read(lua_State *L);
int stream_lines(lua_State *L);

#endif
