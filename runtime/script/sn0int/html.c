/* Documents of HTML: see html.h. Nothing here recurses: how deep a document goes is up to its author. */
#include "runtime/script/sn0int/html.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/script/sn0int/sandbox.h"

static const char html_type; /* its address is a registry key */

static GumboVector *html_children(GumboNode *node)
{
    if (node->type == GUMBO_NODE_DOCUMENT)
        return &node->v.document.children;
    return node->type == GUMBO_NODE_ELEMENT || node->type == GUMBO_NODE_TEMPLATE
               ? &node->v.element.children
               : NULL;
}

/* gumbo 0.10 frees a tree by recursion: give it one that is flat, all nodes below the document. The list of
 * them takes the place of our own, which it frees: there may be no memory for another. */
static void html_flatten(struct html *h)
{
    void **all = (void *)h->nodes;
    GumboVector *top = &h->output->document->v.document.children;

    for (size_t i = 0; i < h->count; i++) {
        GumboNode *node = h->nodes[i].node;
        GumboVector *children = html_children(node);

        if (children)
            children->length = 0;
        if (i)
            all[i - 1] = node;
    }
    free(top->data);
    top->data = all;
    top->length = top->capacity = (unsigned)h->count - 1;
    h->nodes = NULL;
}

void html_free(struct html *h)
{
    if (h->output && h->nodes)
        html_flatten(h);
    if (h->output)
        gumbo_destroy_output(&kGumboDefaultOptions, h->output);
    free(h->nodes);
    *h = (struct html){.output = NULL};
}

static int html_collect(lua_State *L)
{
    html_free(lua_touserdata(L, 1));
    return 0;
}

static struct html *html_push(lua_State *L)
{
    struct html *h = lua_newuserdatauv(L, sizeof *h, 0);

    *h = (struct html){.output = NULL};
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &html_type) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushcfunction(L, html_collect);
        lua_setfield(L, -2, "__gc");
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &html_type);
    }
    lua_setmetatable(L, -2);
    return h;
}

/* How many nodes there are. */
static size_t html_count(GumboNode *root)
{
    GumboNode **stack = NULL;
    size_t used = 0, room = 0, count = 0;

    for (GumboNode *node = root; node; node = used ? stack[--used] : NULL) {
        const GumboVector *children = html_children(node);
        size_t n = children ? children->length : 0;

        if (!stack || used + n > room) {
            GumboNode **more = realloc(stack, ((used + n) * 2 + 64) * sizeof *stack);

            if (!more)
                abort();
            stack = more;
            room = (used + n) * 2 + 64;
        }
        for (size_t i = 0; i < n; i++)
            stack[used++] = children->data[n - 1 - i];
        count++;
    }
    free(stack);
    return count;
}

/* Where node I stands among the elements beside it. */
static void html_link(struct html *h, size_t i)
{
    struct html_node *node = &h->nodes[i], *parent = &h->nodes[node->parent];

    node->before = node->after = node->last = HTML_NONE;
    if (!html_element(h, i))
        return;
    node->before = parent->last;
    node->number = node->before == HTML_NONE ? 1 : h->nodes[node->before].number + 1;
    if (node->before != HTML_NONE)
        h->nodes[node->before].after = i;
    parent->last = i;
}

/* Nodes wait at the end of the list, and move to its beginning in the order of the text. */
static void html_list(struct html *h)
{
    size_t total = html_count(h->output->document), end = total, done = 0;

    h->nodes = calloc(total, sizeof *h->nodes);
    if (!h->nodes)
        abort(); /* the run has ended: heap_on_short() */
    h->nodes[--end] = (struct html_node){.node = h->output->document, .parent = HTML_NONE};
    while (end < total) {
        struct html_node node = h->nodes[end++];
        const GumboVector *children = html_children(node.node);

        h->nodes[done] = node;
        h->nodes[done].last = HTML_NONE;
        h->count = done + 1;
        if (done)
            html_link(h, done);
        for (unsigned i = children ? children->length : 0; i > 0; i--)
            h->nodes[--end] =
                (struct html_node){.node = children->data[i - 1],
                                   .parent = done,
                                   .depth = node.depth + 1,
                                   .hidden = node.hidden || node.node->type == GUMBO_NODE_TEMPLATE};
        done++;
    }
}

struct html *html_parse(lua_State *L, const char *text, size_t n)
{
    struct html *h = html_push(L);
    GumboOptions options = kGumboDefaultOptions;

    sandbox_lend(L);
    options.max_errors = 0;
    if (n >= 4096)
        lua_gc(L, LUA_GCSTEP, (int)(n < 1 << 26 ? n / 1024 * 16 : 1 << 20)); /* what it will take */
    h->output = gumbo_parse_with_options(&options, text, n);
    if (h->output)
        html_list(h);
    else
        luaL_error(L, "html: not parsed");
    return h;
}

const GumboElement *html_element(const struct html *h, size_t i)
{
    const GumboNode *node = h->nodes[i].node;

    return node->type == GUMBO_NODE_ELEMENT || node->type == GUMBO_NODE_TEMPLATE ? &node->v.element
                                                                                 : NULL;
}

GumboStringPiece html_name(const GumboElement *e, bool *fold)
{
    const char *known = gumbo_normalized_tagname(e->tag), *svg;
    GumboStringPiece name = e->original_tag;

    *fold = e->tag_namespace == GUMBO_NAMESPACE_HTML;
    gumbo_tag_from_original_text(&name);
    if (e->tag_namespace == GUMBO_NAMESPACE_SVG && (svg = gumbo_normalize_svg_tagname(&name)))
        known = svg;
    if (*known)
        name = (GumboStringPiece){known, strlen(known)};
    return name;
}

const char *html_attribute(const GumboElement *e, const char *name, size_t n)
{
    for (unsigned i = 0; i < e->attributes.length; i++) {
        const GumboAttribute *a = e->attributes.data[i];

        if (strlen(a->name) == n && memcmp(a->name, name, n) == 0)
            return a->value;
    }
    return NULL;
}

const char *html_text(const struct html *h, size_t i)
{
    const GumboNode *node = h->nodes[i].node;

    return node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE ||
                   node->type == GUMBO_NODE_CDATA
               ? node->v.text.text
               : NULL;
}
