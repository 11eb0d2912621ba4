/* html_select, html_select_list: elements that CSS selectors name, as {text, attrs, html}. */
#include <string.h>

#include "runtime/script/sn0int/html.h"
#include "runtime/script/sn0int/sandbox.h"
#include "runtime/script/sn0int/text_out.h"

static bool name_is_one_of(const GumboElement *e, const char *const *names)
{
    bool fold;
    GumboStringPiece name = html_name(e, &fold);

    for (; *names; names++)
        if (strlen(*names) == name.length && strncasecmp(*names, name.data, name.length) == 0)
            return e->tag_namespace == GUMBO_NAMESPACE_HTML;
    return false;
}

static bool is_void(const GumboElement *e)
{
    static const char *const names[] = {
        "area",  "base",   "basefont", "bgsound", "br",    "col",    "embed", "frame", "hr", "img",
        "input", "keygen", "link",     "meta",    "param", "source", "track", "wbr",   NULL};

    return name_is_one_of(e, names);
}

/* Whether the text within is written as it is. */
static bool is_raw(const GumboElement *e)
{
    static const char *const names[] = {"style",   "script",   "xmp",       "iframe",
                                        "noembed", "noframes", "plaintext", NULL};

    return name_is_one_of(e, names);
}

/* HTML's own rules of serialization (13.3). */
static void add_escaped(struct text_out *o, const char *text, bool attribute)
{
    for (; *text; text++) {
        if (*text == '&')
            out_text(o, "&amp;");
        else if (strncmp(text, "\u00a0", 2) == 0)
            out_text(o, "&nbsp;"), text++;
        else if (attribute && *text == '"')
            out_text(o, "&quot;");
        else if (!attribute && *text == '<')
            out_text(o, "&lt;");
        else if (!attribute && *text == '>')
            out_text(o, "&gt;");
        else
            out_char(o, *text);
    }
}

static void add_name(struct text_out *o, const GumboElement *e)
{
    bool fold;
    GumboStringPiece name = html_name(e, &fold);

    for (size_t i = 0; i < name.length; i++) {
        char c = name.data[i];

        out_char(o, fold && c >= 'A' && c <= 'Z' ? (char)(c | 32) : c);
    }
}

static void add_start(struct text_out *o, const GumboElement *e)
{
    static const char *const prefix[] = {[GUMBO_ATTR_NAMESPACE_NONE] = "",
                                         [GUMBO_ATTR_NAMESPACE_XLINK] = "xlink:",
                                         [GUMBO_ATTR_NAMESPACE_XML] = "xml:",
                                         [GUMBO_ATTR_NAMESPACE_XMLNS] = "xmlns:"};

    out_char(o, '<');
    add_name(o, e);
    for (unsigned i = 0; i < e->attributes.length; i++) {
        const GumboAttribute *a = e->attributes.data[i];

        out_char(o, ' ');
        out_text(o, strcmp(a->name, "xmlns") == 0 ? "" : prefix[a->attr_namespace]);
        out_text(o, a->name);
        out_text(o, "=\"");
        add_escaped(o, a->value, true);
        out_char(o, '"');
    }
    out_char(o, '>');
}

static void add_end(struct text_out *o, const GumboElement *e)
{
    if (is_void(e))
        return;
    out_text(o, "</");
    add_name(o, e);
    out_char(o, '>');
}

static void add_node(struct text_out *o, const struct html *h, size_t i)
{
    const GumboElement *e = html_element(h, i), *parent = html_element(h, h->nodes[i].parent);
    const char *text = html_text(h, i);

    if (e) {
        add_start(o, e);
    } else if (text && parent && is_raw(parent)) {
        out_text(o, text);
    } else if (text) {
        add_escaped(o, text, false);
    } else if (h->nodes[i].node->type == GUMBO_NODE_COMMENT) {
        out_text(o, "<!--");
        out_text(o, h->nodes[i].node->v.text.text);
        out_text(o, "-->");
    }
}

/* Close the elements from FROM up to, and without, UP. */
static void add_ends(struct text_out *o, const struct html *h, size_t from, size_t up)
{
    for (; from != up; from = h->nodes[from].parent)
        if (html_element(h, from))
            add_end(o, html_element(h, from));
}

/* The first node after element I and what is in it. */
static size_t html_end(const struct html *h, size_t i)
{
    size_t end = i + 1;

    while (end < h->count && h->nodes[end].depth > h->nodes[i].depth)
        end++;
    return end;
}

static void push_html(lua_State *L, const struct html *h, size_t i)
{
    size_t end = html_end(h, i), last = i;
    struct text_out o;

    out_open(L, &o);
    for (size_t k = i; k < end; last = k++) {
        if (k > i)
            add_ends(&o, h, last, h->nodes[k].parent);
        add_node(&o, h, k);
    }
    add_ends(&o, h, last, h->nodes[i].parent);
    out_push(&o);
    lua_remove(L, -2);
}

static void push_text(lua_State *L, const struct html *h, size_t i)
{
    size_t end = html_end(h, i);
    struct text_out o;

    out_open(L, &o);
    for (size_t k = i; k < end; k++)
        if (html_text(h, k) && (!h->nodes[k].hidden || h->nodes[i].hidden))
            out_text(&o, html_text(h, k));
    out_push(&o);
    lua_remove(L, -2);
}

static void push_element(lua_State *L, const struct html *h, size_t i)
{
    const GumboElement *e = html_element(h, i);

    luaL_checkstack(L, 12, "html");
    lua_createtable(L, 0, 3);
    push_text(L, h, i);
    lua_setfield(L, -2, "text");
    push_html(L, h, i);
    lua_setfield(L, -2, "html");
    lua_createtable(L, 0, (int)e->attributes.length);
    for (unsigned k = 0; k < e->attributes.length; k++) {
        const GumboAttribute *a = e->attributes.data[k];

        lua_pushstring(L, a->value);
        lua_setfield(L, -2, a->name);
    }
    lua_setfield(L, -2, "attrs");
}

/* Arguments: the document, the selectors; of a list MOST elements at most, which is pushed. */
static int html_found(lua_State *L, lua_Integer most)
{
    size_t n, m;
    const char *text = luaL_checklstring(L, 1, &n), *selectors = luaL_checklstring(L, 2, &m);
    const struct selector *s;
    struct html *h;
    lua_Integer found = 0;

    lua_settop(L, 2);
    s = selector_parse(L, selectors, m);
    if (!s)
        return sandbox_fail(L, "css selector failed: \"%s\" is none", selectors);
    h = html_parse(L, text, n);
    lua_newtable(L);
    for (size_t i = 0; i < h->count && found < most; i++)
        if (html_element(h, i) && !h->nodes[i].hidden && selector_fits(s, h, i)) {
            push_element(L, h, i);
            lua_rawseti(L, -2, ++found);
        }
    html_free(h);
    return 1;
}

static int html_select_list(lua_State *L)
{
    return html_found(L, LUA_MAXINTEGER);
}

static int html_select(lua_State *L)
{
    int count = html_found(L, 1);

    if (count > 1)
        return count;
    if (lua_rawgeti(L, -1, 1) == LUA_TNIL)
        return sandbox_fail(L, "css selector failed: nothing is selected");
    return 1;
}

void sandbox_open_html(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"html_select", html_select}, {"html_select_list", html_select_list}, {NULL, NULL}};

    lua_pushglobaltable(L);
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}
