/* `runbox check` in the box: compiles every source, as text only, and reports what is wrong with it
 * and what it uses. Executes no instruction of the bundle; opens runbox's libraries only to look
 * names up in them. A finding is one Write event, "KIND SOURCE LINE TEXT" (schemas/setup.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/suggest.h"
#include "runtime/script/check/bytecode.h"
#include "runtime/script/check/check.h"
#include "runtime/script/check/members.h"
#include "runtime/script/core/box.h"
#include "runtime/script/core/json.h"
#include "runtime/script/core/source.h"
#include "runtime/script/lib/lib.h"
#include "runtime/script/lib/run.h"

#define TEXT_LONGEST 300

/* Stack indices in check_bundle(): */
enum { GLOBALS = 1, SETS, START, KEYS };

struct check {
    lua_State *L;
    struct box *box;
    uint32_t source; /* index */
    bool exports;    /* some are to be looked for */
    struct text main;
    bool looked;  /* at main's members */
    bool open;    /* what there is may be defined in a way that no source names */
    bool reports; /* second pass; the first gathers the names set, and reports syntax errors */
};

static void report(const struct check *c, char kind, int line, const char *text, size_t n)
{
    char head[64];

    snprintf(head, sizeof head, "{\"Stdio\":{\"Write\":\"%c %u %d ", kind, c->source, line);
    wire_text(&c->box->wire, head, text, n < TEXT_LONGEST ? n : TEXT_LONGEST, "\"}}");
}

static bool is(struct text t, const char *word)
{
    return t.at && t.n == strlen(word) && memcmp(t.at, word, t.n) == 0;
}

/* Push "name", "name.field" or "name.field.text"; for a field of _G, "field". */
static void push_name(lua_State *L, const struct use *use)
{
    if (!use->field.at) {
        lua_pushlstring(L, use->name.at, use->name.n);
    } else if (is(use->name, "_G")) {
        lua_pushlstring(L, use->field.at, use->field.n);
    } else {
        lua_pushlstring(L, use->name.at, use->name.n);
        lua_pushliteral(L, ".");
        lua_pushlstring(L, use->field.at, use->field.n);
        lua_concat(L, 3);
    }
    if (use->kind == USE_MEMBER || use->kind == USE_PUT) {
        lua_pushliteral(L, ".");
        lua_pushlstring(L, use->text.at, use->text.n);
        lua_concat(L, 3);
    }
}

/* What gives a script its globals as a value, or sets some by a text: no name tells what comes of it. */
static bool is_open_use(const struct use *use)
{
    static const char *const open[] = {"_G", "load", "package"};
    bool require = is(use->name, "require");

    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++)
        if (use->kind == USE_READ && is(use->name, open[i]))
            return true;
    return require && use->kind == USE_TEXT && is(use->text, "_G");
}

static void gather(struct check *c, const struct use *use)
{
    c->open = c->open || is_open_use(use);
    if (use->kind != USE_WRITE && use->kind != USE_SET && use->kind != USE_PUT)
        return;
    push_name(c->L, use);
    lua_pushboolean(c->L, 1);
    lua_rawset(c->L, SETS);
}

/* Whether the bundle's sources set the name on top of the stack, which is popped. */
static bool is_set(lua_State *L)
{
    bool set = lua_rawget(L, SETS) != LUA_TNIL;

    lua_pop(L, 1);
    return set;
}

static bool global_exists(lua_State *L, struct text name)
{
    bool there;

    lua_pushlstring(L, name.at, name.n);
    lua_pushvalue(L, -1);
    there = lua_rawget(L, GLOBALS) != LUA_TNIL;
    lua_pop(L, 1);
    if (there) {
        lua_pop(L, 1);
        return true;
    }
    return is_set(L);
}

/* Set from the start line. */
static bool is_given(const struct use *use)
{
    return is(use->name, "box") &&
           (is(use->field, "arg") || is(use->field, "options") || is(use->field, "keyring"));
}

/* Push the library's table that has the field, or the member, if no source replaces it. */
static bool push_library(lua_State *L, const struct use *use)
{
    struct use field = *use;
    int top = lua_gettop(L);

    lua_pushlstring(L, use->name.at, use->name.n);
    lua_pushvalue(L, -1);
    if (!is_set(L) && lua_rawget(L, GLOBALS) == LUA_TTABLE && use->kind == USE_MEMBER) {
        field.kind = USE_FIELD;
        push_name(L, &field);
        if (is_set(L))
            lua_pushnil(L);
        else
            lua_pushlstring(L, use->field.at, use->field.n);
        lua_rawget(L, -2);
    }
    if (lua_istable(L, -1)) {
        lua_replace(L, top + 1);
        lua_settop(L, top + 1);
        return true;
    }
    lua_settop(L, top);
    return false;
}

/* False only if the field, or the member, is surely absent. */
static bool field_exists(lua_State *L, const struct use *use)
{
    const struct text *key = use->kind == USE_MEMBER ? &use->text : &use->field;
    bool absent = false;

    if (is_given(use))
        return true;
    if (push_library(L, use)) {
        lua_pushlstring(L, key->at, key->n);
        absent = lua_rawget(L, -2) == LUA_TNIL;
        lua_pop(L, 2);
        if (is(use->name, "io") && is(use->field, "open")) /* there, but of no use without files */
            absent = absent || !(box_of(L)->boot.head.flags & SETUP_FILES);
    }
    push_name(L, use);
    return is_set(L) || !absent;
}

/* Push the name that may be meant, or "-". */
static void push_near(lua_State *L, const struct use *use)
{
    struct use right = *use;
    struct text *key = use->kind == USE_MEMBER ? &right.text : &right.field;
    char wrong[64] = "";
    struct suggestion near;

    if (key->n < sizeof wrong)
        memcpy(wrong, key->at, key->n);
    near = suggest(wrong);
    if (*wrong && push_library(L, use)) {
        for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
            if (lua_type(L, -2) == LUA_TSTRING)
                suggest_try(&near, lua_tostring(L, -2));
        lua_pop(L, 1);
    }
    if (!near.best || near.distance == 0) {
        lua_pushliteral(L, "-");
        return;
    }
    *key = (struct text){near.best, strlen(near.best)};
    push_name(L, &right);
}

static void report_field(const struct check *c, const struct use *use)
{
    const char *text;
    size_t n;

    push_near(c->L, use);
    lua_pushliteral(c->L, " ");
    push_name(c->L, use);
    lua_concat(c->L, 3);
    text = lua_tolstring(c->L, -1, &n);
    report(c, CHECK_FIELD, use->line, text, n);
    lua_pop(c->L, 1);
}

static bool module_exists(const struct box *b, lua_State *L, struct text name)
{
    char path[512];
    struct text bytes;
    bool there;

    if (name.n + sizeof "/init.lua" > sizeof path)
        return false;
    for (size_t i = 0; i < name.n; i++)
        path[i] = name.at[i] == '.' ? '/' : name.at[i];
    memcpy(path + name.n, ".lua", 5);
    if (boot_source(&b->boot, path, name.n + 4, &bytes))
        return true;
    memcpy(path + name.n, "/init.lua", 10);
    if (boot_source(&b->boot, path, name.n + 9, &bytes))
        return true;
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_pushlstring(L, name.at, name.n);
    there = lua_rawget(L, -2) != LUA_TNIL;
    lua_pop(L, 2);
    return there;
}

/* Says what require would. */
static void report_std(const struct check *c, const struct use *use)
{
    const char *name = lua_pushlstring(c->L, use->text.at, use->text.n), *text;
    size_t n;

    if (!std_push(c->L, name)) {
        lua_pushfstring(c->L, STD_MISSING, name, lua_tostring(c->L, -1));
        lua_remove(c->L, -2);
        text = lua_tolstring(c->L, -1, &n);
        report(c, CHECK_MODULE, use->line, text, n);
    }
    lua_pop(c->L, 2);
}

static void literal(const struct check *c, const struct use *use)
{
    bool require = !use->field.at && is(use->name, "require");

    if (require && std_named(use->text.at, use->text.n))
        report_std(c, use);
    else if (require && !module_exists(c->box, c->L, use->text))
        report(c, CHECK_REQUIRE, use->line, use->text.at, use->text.n);
    if (is(use->name, "box") && is(use->field, "call"))
        report(c, CHECK_CALL, use->line, use->text.at, use->text.n);
    if (is(use->name, "box") && is(use->field, "keyring"))
        report(c, CHECK_KEYRING, use->line, use->text.at, use->text.n);
}

static void check_tell(const struct check *c, const struct use *use)
{
    bool of_globals = use->field.at && is(use->name, "_G");

    if (use->kind == USE_READ || (use->kind == USE_FIELD && of_globals)) {
        struct text name = of_globals ? use->field : use->name;

        if (!global_exists(c->L, name))
            report(c, CHECK_GLOBAL, use->line, name.at, name.n);
    } else if (use->kind == USE_FIELD && !field_exists(c->L, use)) {
        report_field(c, use);
    } else if (use->kind == USE_SET && is(use->name, "package") &&
               (is(use->field, "path") || is(use->field, "cpath"))) {
        report(c, CHECK_PATH, use->line, use->field.at, use->field.n);
    } else if (use->kind == USE_MEMBER && is(use->name, "box") && is(use->field, "options")) {
        report(c, CHECK_OPTION, use->line, use->text.at, use->text.n);
    } else if (use->kind == USE_MEMBER && is(use->name, "box") && !field_exists(c->L, use)) {
        report_field(c, use);
    } else if (use->kind == USE_TEXT) {
        literal(c, use);
    }
}

static void seen(void *ud, const struct use *use)
{
    struct check *c = ud;

    luaL_checkstack(c->L, 16, "check");
    if (c->reports)
        check_tell(c, use);
    else
        gather(c, use);
}

/* The compiler's message is on top: "?:LINE: TEXT", or "?: TEXT" without a line. */
static void syntax_error(const struct check *c)
{
    size_t n;
    const char *text = lua_tolstring(c->L, -1, &n), *rest = text;
    long line = 0;

    if (strncmp(text, "?:", 2) == 0) {
        char *end;

        line = strtol(text + 2, &end, 10);
        rest = strncmp(end, ": ", 2) == 0 ? end + 2 : end + (*end == ' ');
    }
    report(c, CHECK_SYNTAX, (int)line, rest, n - (size_t)(rest - text));
}

/* In the chunk on top, which is from PATH. */
static void look_for_members(struct check *c, struct text path)
{
    bool main = path.n == c->main.n && memcmp(path.at, c->main.at, path.n) == 0;
    struct members m = {.keys = KEYS};

    if (!main) { /* what it sets by name, main may take for its own; what it returns, only as a whole */
        lua_newtable(c->L);
        lua_insert(c->L, -2);
        m.keys = lua_gettop(c->L) - 1;
    }
    c->open = members_look(c->L, &m) < 0 || c->open || m.globals || (main && m.open);
    c->looked = c->looked || main;
    if (!main)
        lua_remove(c->L, m.keys);
}

static void check_source(struct check *c, struct text path, struct text bytes)
{
    lua_State *L = c->L;
    int top = lua_gettop(L), status = source_load(L, "?", bytes);

    if (status == LUA_ERRMEM)
        lua_error(L);
    if (status != LUA_OK) {
        if (!c->reports)
            syntax_error(c);
        c->open = true;
        lua_settop(L, top);
        return;
    }
    if (c->exports && !c->reports)
        look_for_members(c, path);
    if (bytecode_function_uses(L, seen, c) < 0)
        luaL_error(L, "the bytecode of source %d has an unknown format", (int)c->source);
    lua_settop(L, top);
}

static void check_entry(struct check *c)
{
    const struct boot *g = &c->box->boot;

    if (!(g->head.flags & SETUP_ENTRY_NAMED))
        return;
    c->source = 0;
    lua_pushlstring(c->L, g->entry.at, g->entry.n);
    if (!is_set(c->L))
        report(c, CHECK_ENTRY, 0, g->entry.at, g->entry.n);
}

/* The names in the start line that no source can define. */
static void check_exports(struct check *c)
{
    lua_State *L = c->L;
    size_t n;

    if (!c->exports || c->open || !c->looked)
        return;
    c->source = 0;
    lua_getfield(L, START, "exports");
    for (lua_Integer i = 1; lua_rawgeti(L, -1, i) == LUA_TSTRING; i++) {
        const char *name = lua_tolstring(L, -1, &n);

        lua_pushvalue(L, -1);
        lua_pushvalue(L, -1);
        if (!is_set(L) && lua_rawget(L, KEYS) == LUA_TNIL)
            report(c, CHECK_EXPORT, 0, name, n);
        lua_settop(L, KEYS + 1);
    }
    lua_settop(L, KEYS);
}

/* The stack as check_bundle() has it. No source is parsed before the start line arrives. */
static void check_begin(struct check *c)
{
    lua_State *L = c->L;
    const char *line;
    size_t n;

    run_libraries(L);
    lua_settop(L, 0);
    lua_pushglobaltable(L);
    lua_newtable(L);
    line = wire_line(L, &c->box->wire, &n);
    json_decode(L, line, n, JSON_LINE);
    lua_remove(L, -2);
    luaL_checktype(L, START, LUA_TTABLE);
    lua_newtable(L);
    c->exports = lua_getfield(L, START, "exports") == LUA_TTABLE &&
                 lua_getfield(L, START, "main") == LUA_TSTRING;
    if (c->exports)
        c->main.at = lua_tolstring(L, -1, &c->main.n);
    lua_settop(L, KEYS);
}

int check_bundle(lua_State *L)
{
    struct check c = {.L = L, .box = box_of(L)};

    check_begin(&c);
    for (int pass = 0; pass < 2; pass++) {
        const char *at = c.box->boot.sources;

        c.reports = pass == 1;
        for (c.source = 0; c.source < c.box->boot.head.source_count; c.source++) {
            struct text path = boot_text(&at);

            report(&c, CHECK_BEGUN, 0, "", 0);
            check_source(&c, path, boot_text(&at));
        }
    }
    check_entry(&c);
    check_exports(&c);
    return 0;
}
