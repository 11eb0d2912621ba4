/* Entities: see entity.h. Reads tables raw, so that no metamethod of a module runs. */
#include "runtime/script/sn0int/entity.h"

#include <string.h>

#include "runtime/json/utf8.h"
#include "runtime/script/core/json.h"
#include "runtime/script/sn0int/sandbox.h"
#include "runtime/script/sn0int/text_out.h"

static const struct record records[] = {
#include "schemas/database.def"
};

#define RECORDS  (sizeof records / sizeof records[0])
#define ACTIVITY (&records[RECORDS - 1])

const struct record *entity_find(const char *family)
{
    for (const struct record *r = records; r < ACTIVITY; r++)
        if (strcmp(r->family, family) == 0)
            return r;
    return NULL;
}

const struct record *entity_activity(void)
{
    return ACTIVITY;
}

/* Whether the value on top is a string that the wire carries unchanged. */
static bool entity_is_text(lua_State *L)
{
    size_t n;
    const char *s = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &n) : NULL;

    return s && utf8_valid(s, n) && !memchr(s, 0, n);
}

/* Whether the value on top fits a field of TYPE. Whole floats count as integers, since all of
 * sn0int's numbers are floats. */
static bool entity_fits(lua_State *L, enum field_type type)
{
    int whole = 0;
    lua_Integer i = lua_type(L, -1) == LUA_TNUMBER ? lua_tointegerx(L, -1, &whole) : 0;

    switch (type) {
    case FIELD_INT:
        return whole && i >= INT32_MIN && i <= INT32_MAX;
    case FIELD_LONG:
        return whole;
    case FIELD_REAL:
        return lua_type(L, -1) == LUA_TNUMBER;
    case FIELD_BOOL:
        return lua_isboolean(L, -1);
    case FIELD_BYTES:
        return lua_type(L, -1) == LUA_TSTRING || lua_istable(L, -1);
    case FIELD_JSON:
        return true;
    case FIELD_TIME:
        return entity_is_text(L) && lua_rawlen(L, -1) >= 19 && lua_tostring(L, -1)[10] == 'T';
    default:
        return entity_is_text(L);
    }
}

static const char *type_text(enum field_type type)
{
    static const char *const texts[] = {[FIELD_TEXT] = "a UTF-8 string without NUL",
                                        [FIELD_INT] = "a 32-bit integer",
                                        [FIELD_LONG] = "an integer",
                                        [FIELD_REAL] = "a number",
                                        [FIELD_BOOL] = "a boolean",
                                        [FIELD_TIME] = "a time as sn0int_time() returns it",
                                        [FIELD_BYTES] = "a string of bytes",
                                        [FIELD_JSON] = "a value"};

    return texts[type];
}

static void entity_get(lua_State *L, int table, const char *name)
{
    lua_pushstring(L, name);
    lua_rawget(L, table);
}

void entity_take(lua_State *L, const struct record *r, int from, bool update)
{
    lua_newtable(L);
    for (const struct field *f = r->fields; f->name; f++) {
        if (f->how == FIELD_MADE || (update && f->how != FIELD_MAY))
            continue;
        entity_get(L, from, f->name);
        if (lua_isnil(L, -1)) {
            if (f->how == FIELD_KEY)
                luaL_error(L, "%s: missing field `%s`", r->insert, f->name);
            lua_pop(L, 1);
            continue;
        }
        if (!entity_fits(L, f->type))
            luaL_error(L, "%s: field `%s`: expected %s, not %s", r->insert, f->name,
                       type_text(f->type), luaL_typename(L, -1));
        lua_pushstring(L, f->name);
        lua_insert(L, -2);
        lua_rawset(L, -3);
    }
}

/* Push the form of the value on top, of a field of TYPE, that is encoded as JSON. */
static void entity_plain_value(lua_State *L, enum field_type type)
{
    size_t n;

    if (type == FIELD_BYTES && !sandbox_bytes(L, lua_gettop(L), &n))
        lua_error(L);
    if (type == FIELD_BYTES) {
        sandbox_push_bytes(L, lua_tostring(L, -1), n);
    } else if (type == FIELD_JSON) {
        sandbox_plain(L, -1);

        const char *json = json_encode(L, lua_gettop(L), "content", JSON_WIRE, &n);

        lua_pushlstring(L, json, n);
    } else {
        sandbox_plain(L, -1);
    }
}

static void add_member(struct text_out *o, const struct field *f, int entity)
{
    lua_State *L = o->L;
    int top = lua_gettop(L);
    size_t n;

    out_text(o, "\"");
    out_text(o, f->name);
    out_text(o, "\":");
    entity_get(L, entity, f->name);
    if (lua_isnil(L, -1)) {
        out_text(o, "null");
    } else {
        entity_plain_value(L, f->type);

        const char *json = json_encode(L, lua_gettop(L), f->name, JSON_WIRE, &n);

        out_add(o, json, n);
    }
    lua_settop(L, top);
}

void entity_add(struct text_out *o, const struct record *r, int entity, const char *id)
{
    bool first = !id;

    out_text(o, id ? "{\"id\":" : "{");
    out_text(o, id ? id : "");
    for (const struct field *f = r->fields; f->name; f++) {
        if (id && f->how != FIELD_MAY)
            continue;
        out_text(o, first ? "" : ",");
        first = false;
        add_member(o, f, entity);
    }
    out_char(o, '}');
}

void entity_add_variant(struct text_out *o, const struct record *r, int entity, const char *id)
{
    out_text(o, "{\"");
    out_text(o, r->insert);
    out_text(o, "\":");
    entity_add(o, r, entity, id);
    out_char(o, '}');
}

bool entity_reduce(lua_State *L, const struct record *r, int before, int changes)
{
    bool left = false;

    for (const struct field *f = r->fields; f->name; f++) {
        entity_get(L, before, f->name);
        entity_get(L, changes, f->name);
        if (!lua_isnil(L, -1) && lua_rawequal(L, -1, -2)) {
            lua_pushstring(L, f->name);
            lua_pushnil(L);
            lua_rawset(L, changes);
        } else if (!lua_isnil(L, -1)) {
            left = true;
        }
        lua_pop(L, 2);
    }
    return left;
}

bool entity_is_mutable(const struct record *r)
{
    for (const struct field *f = r->fields; f->name; f++)
        if (f->how == FIELD_MAY)
            return true;
    return false;
}
