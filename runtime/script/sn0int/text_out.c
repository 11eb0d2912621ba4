/* A growing text: see text_out.h. Raises only Lua's memory error. */
#include "runtime/script/sn0int/text_out.h"

#include <string.h>

void out_open(lua_State *L, struct text_out *o)
{
    *o = (struct text_out){.L = L, .cap = 256};
    lua_checkstack(L, 4);
    o->data = lua_newuserdatauv(L, o->cap, 0);
    o->slot = lua_gettop(L);
}

void out_add(struct text_out *o, const char *bytes, size_t n)
{
    if (o->cap - o->used < n) {
        size_t cap = o->cap * 2 > o->used + n ? o->cap * 2 : o->used + n;
        char *more = lua_newuserdatauv(o->L, cap, 0);

        memcpy(more, o->data, o->used);
        lua_replace(o->L, o->slot);
        o->data = more;
        o->cap = cap;
    }
    memcpy(o->data + o->used, bytes, n);
    o->used += n;
}

void out_text(struct text_out *o, const char *text)
{
    out_add(o, text, strlen(text));
}

void out_char(struct text_out *o, char c)
{
    out_add(o, &c, 1);
}

void out_insert(struct text_out *o, size_t at, const char *text)
{
    size_t n = strlen(text);

    out_text(o, text); /* for its room */
    memmove(o->data + at + n, o->data + at, o->used - n - at);
    memcpy(o->data + at, text, n);
}

void out_percent(struct text_out *o, unsigned char byte)
{
    static const char hex[] = "0123456789ABCDEF";
    const char code[3] = {'%', hex[byte >> 4], hex[byte & 15]};

    out_add(o, code, sizeof code);
}

void out_push(struct text_out *o)
{
    lua_pushlstring(o->L, o->data, o->used);
}
