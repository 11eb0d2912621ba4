/* A document of HTML as gumbo has parsed it, its nodes in the order of the text. */
#ifndef SCRIPT_SN0INT_HTML_H
#define SCRIPT_SN0INT_HTML_H

#include <gumbo.h>
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#define HTML_NONE SIZE_MAX

struct html_node {
    GumboNode *node;
    size_t parent;        /* index of; HTML_NONE: of the document itself */
    size_t before, after; /* the elements beside this one; HTML_NONE: none */
    size_t last;          /* the last child that is an element */
    size_t number;        /* elements before it, and this one */
    unsigned depth;
    bool hidden; /* in a template: nothing selects it */
};

struct html {
    GumboOutput *output;
    struct html_node *nodes; /* the first is the document */
    size_t count;
};

/* Push a document, which is freed with its userdata. */
struct html *html_parse(lua_State *L, const char *text, size_t n);

/* Free what a document takes, as its end would. */
void html_free(struct html *h);

/* The element, or NULL: another node. */
const GumboElement *html_element(const struct html *h, size_t i);

/* An element's name, as it is written; *FOLD: its case does not count. */
GumboStringPiece html_name(const GumboElement *e, bool *fold);

/* The value of an element's attribute NAME, of N bytes; or NULL. */
const char *html_attribute(const GumboElement *e, const char *name, size_t n);

/* The text of a node that is one, or NULL. */
const char *html_text(const struct html *h, size_t i);

/* selector_parse.c: push the memory of the selectors at TEXT, separated by commas. NULL: it is none. */
struct selector;
const struct selector *selector_parse(lua_State *L, const char *text, size_t n);

/* Whether one of them selects element I. */
bool selector_fits(const struct selector *s, const struct html *h, size_t i);

#endif
