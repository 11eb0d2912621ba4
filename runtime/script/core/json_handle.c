/* Handles in what a script sends: {"$fn":3} for a function that a call lends, {"$ref":"id"} for an
 * object of the caller. Only runbox writes them: a script's table that would read as one is
 * refused, so that no number or id can be forged. */
#include <inttypes.h>
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "runtime/script/core/json_writer.h"
#include "runtime/script/core/ref.h"

/* A handle is an object like any other, and counts towards the depth that the reader accepts. */
static void check_depth(struct writer *w)
{
    if (w->depth == JSON_DEPTH)
        writer_fail(w, "nested too deeply");
}

static void lend(struct writer *w, int index)
{
    struct json_lend *l = w->lend;
    char text[40];

    if (!l->count) {
        lua_newtable(w->L);
        lua_replace(w->L, l->slot);
    }
    lua_pushvalue(w->L, index);
    lua_rawseti(w->L, l->slot, l->count + 1);

    int n = snprintf(text, sizeof text, "{\"$fn\":%" PRId64 "}", (int64_t)(l->first + l->count++));

    writer_put(w, text, (size_t)n);
}

bool writer_handle(struct writer *w, int index)
{
    const char *id;
    size_t n;

    if (w->use == JSON_LEND && lua_type(w->L, index) == LUA_TFUNCTION) {
        check_depth(w);
        lend(w, index);
        return true;
    }
    if (w->use < JSON_REFS || !(id = ref_id(w->L, index, &n)))
        return false;
    check_depth(w);
    writer_put(w, "{\"$ref\":", 8);
    writer_quote(w, id, n);
    writer_put(w, "}", 1);
    return true;
}

void writer_no_forgery(struct writer *w, int index)
{
    const char *text;
    size_t n;

    lua_pushliteral(w->L, "$fn");
    if (lua_rawget(w->L, index) == LUA_TNUMBER)
        writer_fail(w, "a table of \"$fn\" and a number would pass for a function");
    lua_pushliteral(w->L, "$ref");
    if (lua_rawget(w->L, index) == LUA_TSTRING) {
        text = lua_tolstring(w->L, -1, &n);
        if (ref_shaped(text, n))
            writer_fail(w,
                        "a table of \"$ref\" and an id would pass for an object of the caller's");
    }
    lua_pop(w->L, 2);
}
