/* xml_decode: a document as tables, {children = {{name, attrs, text, children}}}, by expat; xml_named. As
 * sn0int has it: names without their prefixes, text without white space around it, no entities of a
 * document's own. */
#include <expat.h>
#include <stdbool.h>
#include <string.h>

#include "runtime/script/core/box.h"
#include "runtime/script/core/json.h"
#include "runtime/script/sn0int/sandbox.h"
#include "runtime/script/sn0int/text_out.h"

/* What expat 2.9 (Debian 13) has in place of some functions, 2.5 (Debian 12) has not. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

#define NAMESPACE_END '\n' /* between a name's namespace and the name: in neither */

/* Where a DTD elsewhere might declare an entity, expat leaves it out. */
#define UNDEFINED "undefined entity"

static const char xml_type; /* its address is a registry key */

struct xml {
    XML_Parser parser;
    const char *document;
    lua_State *L;
    struct text_out text; /* since the last tag */
    int open;             /* stack index: the elements that are open, the document first */
    lua_Integer depth;    /* how many */
    const char *refused;  /* what there is that is not supported; or NULL */
};

static int xml_free(lua_State *L)
{
    struct xml *x = lua_touserdata(L, 1);

    if (x->parser)
        XML_ParserFree(x->parser);
    x->parser = NULL;
    return 0;
}

static struct xml *xml_push(lua_State *L)
{
    struct xml *x = lua_newuserdatauv(L, sizeof *x, 0);

    *x = (struct xml){.L = L};
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &xml_type) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushcfunction(L, xml_free);
        lua_setfield(L, -2, "__gc");
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &xml_type);
    }
    lua_setmetatable(L, -2);
    return x;
}

static const char *local_name(const char *name)
{
    const char *end = strrchr(name, NAMESPACE_END);

    return end ? end + 1 : name;
}

/* Give the element that is open the text before this tag, if it is not all white space. */
static void flush_text(struct xml *x)
{
    const char *from = x->text.data, *end = from + x->text.used;
    lua_State *L = x->L;

    while (from < end && strchr(" \t\r\n", *from))
        from++;
    while (end > from && strchr(" \t\r\n", end[-1]))
        end--;
    x->text.used = 0;
    if (from == end)
        return;
    lua_rawgeti(L, x->open, x->depth);
    lua_pushliteral(L, "text");
    lua_pushliteral(L, "text");
    if (lua_rawget(L, -3) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_pushliteral(L, "");
    }
    lua_pushlstring(L, from, (size_t)(end - from));
    lua_concat(L, 2);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

/* Push a table for an element, or the document, with no children yet. */
static void push_element(lua_State *L)
{
    lua_createtable(L, 0, 4);
    lua_newtable(L);
    json_push_array_mark(L);
    lua_setmetatable(L, -2);
    lua_setfield(L, -2, "children");
}

static void refuse(struct xml *x, const char *what)
{
    x->refused = what;
    XML_StopParser(x->parser, XML_FALSE);
}

/* Whether the tag that is being read has an entity that XML itself does not have. */
static bool tag_has_entity(const struct xml *x)
{
    const char *at = x->document + XML_GetCurrentByteIndex(x->parser);
    const char *end = at + XML_GetCurrentByteCount(x->parser);

    while ((at = memchr(at, '&', (size_t)(end - at)))) {
        static const char *const own[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#"};
        bool known = false;

        for (size_t i = 0; i < sizeof own / sizeof *own; i++)
            known = known || strncmp(at, own[i], strlen(own[i])) == 0;
        if (!known)
            return true;
        at++;
    }
    return false;
}

static void on_start(void *data, const XML_Char *name, const XML_Char **attrs)
{
    struct xml *x = data;
    lua_State *L = x->L;
    int written = XML_GetSpecifiedAttributeCount(x->parser); /* others are a DTD's defaults */

    if (tag_has_entity(x)) {
        refuse(x, UNDEFINED);
        return;
    }
    flush_text(x);
    push_element(L);
    lua_pushstring(L, local_name(name));
    lua_setfield(L, -2, "name");
    lua_newtable(L);
    for (int i = 0; i < written; i += 2) {
        lua_pushstring(L, attrs[i + 1]);
        lua_setfield(L, -2, local_name(attrs[i]));
    }
    lua_setfield(L, -2, "attrs");
    lua_rawgeti(L, x->open, x->depth);
    lua_getfield(L, -1, "children");
    lua_pushvalue(L, -3);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    lua_pop(L, 2);
    lua_rawseti(L, x->open, ++x->depth);
}

static void on_end(void *data, const XML_Char *name)
{
    struct xml *x = data;

    (void)name;
    if (x->refused) /* expat still says the end of an empty element */
        return;
    flush_text(x);
    lua_pushnil(x->L);
    lua_rawseti(x->L, x->open, x->depth--);
}

static void on_text(void *data, const XML_Char *text, int n)
{
    struct xml *x = data;

    out_add(&x->text, text, (size_t)n);
}

static void on_entity(void *data, const XML_Char *name, int parameter, const XML_Char *value, int n,
                      const XML_Char *base, const XML_Char *system, const XML_Char *public,
                      const XML_Char *notation)
{
    (void)name, (void)parameter, (void)value, (void)n;
    (void)base, (void)system, (void)public, (void)notation;
    refuse(data, "entities of its own are not supported");
}

static void on_skipped(void *data, const XML_Char *name, int parameter)
{
    (void)name;
    if (!parameter)
        refuse(data, UNDEFINED);
}

/* The salt of its hashes is ours: it would ask the kernel for one. */
static void xml_begin(lua_State *L, struct xml *x)
{
    sandbox_lend(L);
    x->parser = XML_ParserCreateNS("UTF-8", NAMESPACE_END);
    XML_SetHashSalt(x->parser, (unsigned long)box_of(L)->boot.seed | 1);
    XML_SetUserData(x->parser, x);
    XML_SetElementHandler(x->parser, on_start, on_end);
    XML_SetCharacterDataHandler(x->parser, on_text);
    XML_SetEntityDeclHandler(x->parser, on_entity);
    XML_SetSkippedEntityHandler(x->parser, on_skipped);
    out_open(L, &x->text);
    lua_newtable(L);
    x->open = lua_gettop(L);
    push_element(L);
    lua_pushvalue(L, -1);
    lua_rawseti(L, x->open, ++x->depth);
}

static int xml_decode(lua_State *L)
{
    size_t n;
    const char *text = luaL_checklstring(L, 1, &n);
    struct xml *x;
    bool whole;
    int document;

    lua_settop(L, 1);
    x = xml_push(L);
    x->document = text;
    xml_begin(L, x);
    document = lua_gettop(L);
    luaL_checkstack(L, 20, "xml");
    whole = n <= INT32_MAX && XML_Parse(x->parser, text, (int)n, XML_TRUE) == XML_STATUS_OK;
    if (!whole)
        lua_pushfstring(L, "xml: %d:%d: %s", (int)XML_GetCurrentLineNumber(x->parser),
                        (int)XML_GetCurrentColumnNumber(x->parser) + 1,
                        x->refused ? x->refused : XML_ErrorString(XML_GetErrorCode(x->parser)));
    XML_ParserFree(x->parser);
    x->parser = NULL;
    if (!whole)
        return sandbox_fail_top(L);
    lua_settop(L, document);
    return 1;
}

/* The first child of this name. */
static int xml_named(lua_State *L)
{
    luaL_checkany(L, 1);
    luaL_checkstring(L, 2);
    lua_settop(L, 2);
    lua_pushliteral(L, "children");
    if (!lua_istable(L, 1) || lua_rawget(L, 1) != LUA_TTABLE)
        return lua_pushnil(L), 1;
    for (lua_Integer i = 1; lua_rawgeti(L, 3, i) != LUA_TNIL; i++) {
        if (lua_istable(L, 4)) {
            lua_pushliteral(L, "name");
            lua_rawget(L, 4);
            if (lua_rawequal(L, 5, 2))
                return lua_settop(L, 4), 1;
        }
        lua_settop(L, 3);
    }
    return 1;
}

void sandbox_open_xml(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"xml_decode", xml_decode}, {"xml_named", xml_named}, {NULL, NULL}};

    lua_pushglobaltable(L);
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}
