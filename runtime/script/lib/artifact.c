/* box.artifact: sends a named byte string to the caller, in base64 and in as many lines as needed,
 * each answered before the next is sent. The name is restricted: it may become a file name. */
#include <string.h>

#include "runtime/json/base64.h"
#include "runtime/script/core/box.h"
#include "runtime/script/core/json.h"
#include "runtime/script/lib/lib.h"

#define NAME_MAX_BYTES 128
#define PIECE_MOST     (192 * 1024) /* bytes; a multiple of 3 */

/* The wire's own rule (event.schema.json): any other name would violate the protocol. */
static bool plain_name(const char *s, size_t n)
{
    if (n == 0 || n > NAME_MAX_BYTES || s[0] == '.' || s[0] == '-')
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = s[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
            c != '.' && c != '_' && c != '-')
            return false;
    }
    return true;
}

static void send_piece(lua_State *L, const char *head, const char *bytes, size_t n, bool more)
{
    struct wire *w = &box_of(L)->wire;
    char *coded = lua_newuserdatauv(L, base64_size(n) + 1, 0);

    base64_encode(bytes, n, coded);
    wire_drop_reply(w);
    wire_json(w, head, coded, base64_size(n), more ? "\",\"more\":true}}" : "\"}}");
    if (!wire_reply(L, w))
        lua_error(L);
    lua_pop(L, 2);
}

int lib_artifact(lua_State *L)
{
    size_t name_len, n, json_len, piece;
    const char *name = luaL_checklstring(L, 1, &name_len);
    const char *bytes = luaL_checklstring(L, 2, &n);
    size_t line = box_of(L)->wire.line_max;

    luaL_argcheck(
        L, plain_name(name, name_len), 1,
        "an artifact's name is 1 to 128 of the characters A-Z a-z 0-9 . _ - and does not start "
        "with '.' or '-'");
    lua_settop(L, 2);

    const char *json = json_encode(L, 1, "name", JSON_WIRE, &json_len);
    luaL_Buffer b;

    luaL_buffinit(L, &b);
    luaL_addstring(&b, "{\"Artifact\":{\"name\":");
    luaL_addlstring(&b, json, json_len);
    luaL_addstring(&b, ",\"data\":\"");
    luaL_pushresult(&b);

    const char *head = lua_tolstring(L, -1, &json_len);

    piece = (line - json_len - 24) / 4 * 3;
    if (piece > PIECE_MOST)
        piece = PIECE_MOST;
    do {
        size_t part = n < piece ? n : piece;

        n -= part;
        send_piece(L, head, bytes, part, n > 0);
        bytes += part;
    } while (n);
    return 0;
}
