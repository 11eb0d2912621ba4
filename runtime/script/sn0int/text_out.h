/* A text that grows in Lua's memory, in one stack slot, while other values come and go above it,
 * which luaL_Buffer does not allow. */
#ifndef SCRIPT_SN0INT_TEXT_OUT_H
#define SCRIPT_SN0INT_TEXT_OUT_H

#include <lua.h>
#include <stddef.h>

struct text_out {
    lua_State *L;
    int slot; /* stack index of the bytes' userdata */
    char *data;
    size_t used, cap;
};

/* Pushes one value, whose slot O keeps from then on. */
void out_open(lua_State *L, struct text_out *o);

void out_add(struct text_out *o, const char *bytes, size_t n);
void out_text(struct text_out *o, const char *text); /* up to its NUL */
void out_char(struct text_out *o, char c);

/* Make room for TEXT at byte AT. */
void out_insert(struct text_out *o, size_t at, const char *text);

/* "%XX", upper case, as in a URL. */
void out_percent(struct text_out *o, unsigned char byte);

/* Push the text as a Lua string. */
void out_push(struct text_out *o);

#endif
