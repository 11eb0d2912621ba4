/* db_add, db_add_ttl, db_update, db_select, db_activity: check an entity against its record
 * (schemas/database.def), send it as one event, return the entity's id from the caller's reply. */
#include <string.h>

#include "runtime/script/core/box.h"
#include "runtime/script/core/json.h"
#include "runtime/script/sn0int/entity.h"
#include "runtime/script/sn0int/family.h"
#include "runtime/script/sn0int/sandbox.h"
#include "runtime/script/sn0int/text_out.h"

/* Send the event and push the caller's reply; raise its "Err", prefixed with CONTEXT. */
static void database_ask(struct text_out *o, const char *context)
{
    lua_State *L = o->L;
    struct wire *w = &box_of(L)->wire;

    if (o->used + 1 > w->line_max)
        luaL_error(L, "%s: %d bytes of JSON do not fit in a line of %d", context, (int)o->used,
                   (int)w->line_max);
    wire_drop_reply(w);
    wire_json(w, "", o->data, o->used, "");
    if (!wire_reply(L, w))
        luaL_error(L, "%s: Database error: \"%s\"", context, lua_tostring(L, -1));
}

/* Push the id in the reply on top, or nil. */
static int push_id(lua_State *L)
{
    if (lua_istable(L, -1)) {
        lua_pushnil(L);
        lua_next(L, -2);
    }
    if (lua_type(L, -1) != LUA_TNUMBER)
        lua_pushnil(L);
    return 1;
}

static int database_add(lua_State *L)
{
    const struct record *r = entity_find(lua_tostring(L, 1));
    bool ttl = lua_gettop(L) == 3;
    struct text_out o;

    if (!r)
        return luaL_error(L, "no such family: \"%s\"", lua_tostring(L, 1));
    entity_take(L, r, 2, false);
    if (!family_check(L, r))
        return lua_error(L);

    int entity = lua_gettop(L);

    out_open(L, &o);
    out_text(&o, ttl ? "{\"Database\":{\"InsertTtl\":[" : "{\"Database\":{\"Insert\":");
    entity_add_variant(&o, r, entity, NULL);
    if (ttl) {
        lua_pushfstring(L, ",%I]", (LUAI_UACINT)lua_tointeger(L, 3));
        out_text(&o, lua_tostring(L, -1));
    }
    out_text(&o, "}}");
    database_ask(&o, "Failed to add to database");
    return push_id(L);
}

static int db_add(lua_State *L)
{
    luaL_checkstring(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    return sandbox_try(L, database_add, 2);
}

static int db_add_ttl(lua_State *L)
{
    lua_Integer ttl = luaL_checkinteger(L, 3);

    luaL_checkstring(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    luaL_argcheck(L, ttl >= INT32_MIN && ttl <= INT32_MAX, 3, "expected a 32-bit integer");
    lua_settop(L, 3);
    return sandbox_try(L, database_add, 3);
}

static int select_one(lua_State *L)
{
    const struct record *r = entity_find(lua_tostring(L, 1));
    struct text_out o;
    size_t n;

    if (!r)
        return luaL_error(L, "no such family: \"%s\"", lua_tostring(L, 1));

    const char *json = json_encode(L, 2, "value", JSON_WIRE, &n);

    out_open(L, &o);
    out_text(&o, "{\"Database\":{\"Select\":[\"");
    out_text(&o, r->select);
    out_text(&o, "\",");
    out_add(&o, json, n);
    out_text(&o, "]}}");
    database_ask(&o, "Failed to query database");
    return push_id(L);
}

static int db_select(lua_State *L)
{
    luaL_checkstring(L, 1);
    luaL_checkstring(L, 2);
    lua_settop(L, 2);
    lua_tostring(L, 2);
    return sandbox_try(L, select_one, 2);
}

static int update(lua_State *L)
{
    const struct record *r = entity_find(lua_tostring(L, 1));
    const char *json;
    struct text_out o;
    lua_Integer id;
    int whole;
    size_t n;

    if (!r || !entity_is_mutable(r))
        return luaL_error(L, r ? "%s doesn't have mutable fields" : "no such family: \"%s\"",
                          r ? r->insert : lua_tostring(L, 1));
    lua_pushliteral(L, "id");
    lua_rawget(L, 2);
    lua_pushliteral(L, "value");
    lua_rawget(L, 2);
    id = lua_tointegerx(L, 4, &whole);
    if (lua_type(L, 4) != LUA_TNUMBER || !whole || lua_type(L, 5) != LUA_TSTRING)
        return luaL_error(L, "%s: the entity lacks `id` or `value`: is it the module's argument?",
                          r->insert);
    entity_take(L, r, 3, true);
    if (!entity_reduce(L, r, 2, 6)) {
        lua_pushvalue(L, 4);
        return 1;
    }
    out_open(L, &o);
    out_text(&o, "{\"Database\":{\"Update\":[\"");
    out_text(&o, r->select);
    out_text(&o, "\",");
    json = json_encode(L, 5, "value", JSON_WIRE, &n);
    out_add(&o, json, n);
    out_char(&o, ',');
    entity_add_variant(&o, r, 6, lua_pushfstring(L, "%I", (LUAI_UACINT)id));
    out_text(&o, "]}}");
    database_ask(&o, "Failed to update database");
    return push_id(L);
}

static int db_update(lua_State *L)
{
    luaL_checkstring(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    luaL_checktype(L, 3, LUA_TTABLE);
    lua_settop(L, 3);
    return sandbox_try(L, update, 3);
}

/* Returns false if the activity is new, true if the caller already knew it. */
static int activity(lua_State *L)
{
    struct text_out o;

    entity_take(L, entity_activity(), 1, false);
    out_open(L, &o);
    out_text(&o, "{\"Database\":{\"Activity\":");
    entity_add(&o, entity_activity(), 2, NULL);
    out_text(&o, "}}");
    database_ask(&o, "Failed to log activity");
    lua_pushboolean(L, lua_istable(L, -1) && lua_getfield(L, -1, "NoChange") != LUA_TNIL);
    return 1;
}

static int db_activity(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    return sandbox_try(L, activity, 1);
}

void sandbox_open_database(lua_State *L)
{
    static const luaL_Reg functions[] = {{"db_add", db_add},           {"db_add_ttl", db_add_ttl},
                                         {"db_select", db_select},     {"db_update", db_update},
                                         {"db_activity", db_activity}, {NULL, NULL}};

    lua_pushglobaltable(L);
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}
