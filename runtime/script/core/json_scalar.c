/* JSON text: strings, numbers, and the output buffer, which Lua's collector owns. A string that is
 * not UTF-8 or a number that is not finite is an error that names its place. */
#include <inttypes.h>
#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/json/utf8.h"
#include "runtime/script/core/json_writer.h"

static int print_step(const struct step *s, char *out, size_t room)
{
    return s->key ? snprintf(out, room, ".%.*s", s->n < 40 ? (int)s->n : 40, s->key)
                  : snprintf(out, room, "[%" PRId64 "]", (int64_t)s->index);
}

_Noreturn void writer_fail(struct writer *w, const char *why)
{
    char place[256] = "";
    size_t used = 0;

    for (int i = 0; i < w->depth && used < sizeof place - 64; i++) {
        if (!w->path[i].key && !w->path[i].index)
            break; /* the error is about the table itself */

        int n = print_step(&w->path[i], place + used, sizeof place - used);

        used += n > 0 ? (size_t)n : 0;
    }
    luaL_error(w->L, "%s%s: %s", w->what, used < sizeof place ? place : "", why);
    __builtin_unreachable();
}

static char *room(struct writer *w, size_t n)
{
    if (w->cap - w->used < n) {
        size_t cap = w->cap * 2 > w->used + n ? w->cap * 2 : w->used + n;
        char *more = lua_newuserdatauv(w->L, cap, 0);

        memcpy(more, w->data, w->used);
        lua_replace(w->L, w->slot);
        w->data = more;
        w->cap = cap;
    }
    return w->data + w->used;
}

void writer_put(struct writer *w, const char *bytes, size_t n)
{
    memcpy(room(w, n), bytes, n);
    w->used += n;
}

void writer_quote(struct writer *w, const char *s, size_t n)
{
    static const char hex[] = "0123456789abcdef", shorts[] = "\bb\ff\nn\rr\tt";

    if (!utf8_valid(s, n))
        writer_fail(w, "a string is not UTF-8");
    writer_put(w, "\"", 1);
    for (size_t at = 0, run = 0;; at = ++run) {
        while (run < n && (unsigned char)s[run] >= 0x20 && s[run] != '"' && s[run] != '\\')
            run++;
        writer_put(w, s + at, run - at);
        if (run == n)
            break;

        char c = s[run], out[6] = {'\\', c};
        const char *found = (unsigned char)c < 0x20 && c ? strchr(shorts, c) : NULL;

        if (found) {
            out[1] = found[1];
        } else if ((unsigned char)c < 0x20) {
            memcpy(out, "\\u00", 4);
            out[4] = hex[c >> 4];
            out[5] = hex[c & 15];
        }
        writer_put(w, out, found || (unsigned char)c >= 0x20 ? 2 : 6);
    }
    writer_put(w, "\"", 1);
}

void writer_number(struct writer *w, int index)
{
    char text[40];
    int n = 0;

    if (lua_isinteger(w->L, index)) {
        n = snprintf(text, sizeof text, "%" PRId64, (int64_t)lua_tointeger(w->L, index));
        writer_put(w, text, (size_t)n);
        return;
    }

    double d = lua_tonumber(w->L, index);

    if (isnan(d) || isinf(d))
        writer_fail(w, isnan(d) ? "NaN has no JSON form" : "an infinity has no JSON form");
    for (int precision = 15; precision <= 17; precision++) {
        n = snprintf(text, sizeof text, "%.*g", precision, d);
        if (strtod(text, NULL) == d)
            break;
    }
    writer_put(w, text, (size_t)n);
    if (!strpbrk(text, ".e"))
        writer_put(w, ".0", 2);
}
