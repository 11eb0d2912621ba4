/* CSS selectors: whether an element fits one. */
#include "runtime/script/sn0int/selector.h"

#include <string.h>

#include "runtime/script/sn0int/html.h"

/* What the rest of a search need not try again, once a compound has not fitted. */
enum fit { FITS, NOT_HERE, NOT_IN_PARENT, NOWHERE };

static bool same_text(struct part_text a, const char *b, size_t n, bool any_case)
{
    return a.n == n && (any_case ? strncasecmp(a.at, b, n) : memcmp(a.at, b, n)) == 0;
}

static bool type_fits(const struct part *p, const GumboElement *e)
{
    bool folds;
    GumboStringPiece name = html_name(e, &folds);

    return same_text(p->name, name.data, name.length, folds);
}

/* Whether WORD is one of TEXT's, between white space. */
static bool has_word(const char *text, struct part_text word, bool any_case)
{
    while (*text) {
        size_t n = strcspn(text, " \t\n\r\f");

        if (n && same_text(word, text, n, any_case))
            return true;
        text += n;
        text += strspn(text, " \t\n\r\f");
    }
    return false;
}

static bool value_begins(const char *value, struct part_text with, bool any_case)
{
    return strlen(value) >= with.n && same_text(with, value, with.n, any_case);
}

static bool value_contains(const char *value, size_t n, struct part_text text, bool any_case)
{
    for (; n >= text.n; value++, n--)
        if (same_text(text, value, text.n, any_case))
            return true;
    return false;
}

bool selector_folds(struct part_text name)
{
    static const char *const names[] = {
        /* HTML, 4.16.2 */
        "accept",     "accept-charset", "align",     "alink",    "axis",     "bgcolor", "charset",
        "checked",    "clear",          "codetype",  "color",    "compact",  "declare", "defer",
        "dir",        "direction",      "disabled",  "enctype",  "face",     "frame",   "hreflang",
        "http-equiv", "lang",           "language",  "link",     "media",    "method",  "multiple",
        "nohref",     "noresize",       "noshade",   "nowrap",   "readonly", "rel",     "rev",
        "rules",      "scope",          "scrolling", "selected", "shape",    "target",  "text",
        "type",       "valign",         "valuetype", "vlink"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (same_text(name, names[i], strlen(names[i]), false))
            return true;
    return false;
}

static bool attribute_fits(const struct part *p, const GumboElement *e)
{
    const char *value = html_attribute(e, p->name.at, p->name.n);
    bool any_case = p->any_case || (p->html_any_case && e->tag_namespace == GUMBO_NAMESPACE_HTML);
    size_t n = value ? strlen(value) : 0;

    if (!value || !p->op)
        return value != NULL;
    switch (p->op) {
    case '=':
        return same_text(p->value, value, n, any_case);
    case '~':
        return has_word(value, p->value, any_case);
    case '|':
        return value_begins(value, p->value, any_case) &&
               (value[p->value.n] == '\0' || value[p->value.n] == '-');
    case '^':
        return p->value.n && value_begins(value, p->value, any_case);
    case '$':
        return p->value.n && n >= p->value.n &&
               same_text(p->value, value + n - p->value.n, p->value.n, any_case);
    default:
        return p->value.n && value_contains(value, n, p->value, any_case);
    }
}

static bool same_type(const struct html *h, size_t a, size_t b)
{
    const GumboElement *x = html_element(h, a), *y = html_element(h, b);
    bool folds_x, folds_y;
    GumboStringPiece one = html_name(x, &folds_x), other = html_name(y, &folds_y);

    return x->tag_namespace == y->tag_namespace && one.length == other.length &&
           (folds_x ? strncasecmp(one.data, other.data, one.length)
                    : memcmp(one.data, other.data, one.length)) == 0;
}

/* The place of element I among the elements beside it, from 1 on. */
static long place_of(const struct html *h, size_t i, bool last, bool of_type)
{
    const struct html_node *node = &h->nodes[i], *parent = &h->nodes[node->parent];
    long place = 1;

    if (!of_type)
        return (long)(last ? h->nodes[parent->last].number - node->number + 1 : node->number);
    for (size_t k = i; (k = last ? h->nodes[k].after : h->nodes[k].before) != HTML_NONE;)
        place += !of_type || same_type(h, k, i);
    return place;
}

static bool nth_fits(const struct part *p, const struct html *h, size_t i)
{
    long beyond = place_of(h, i, p->last, p->of_type) - p->b;

    return p->a ? beyond % p->a == 0 && beyond / p->a >= 0 : beyond == 0;
}

static bool is_empty(const struct html *h, size_t i)
{
    for (size_t k = i + 1; k < h->count && h->nodes[k].depth > h->nodes[i].depth; k++)
        if (html_element(h, k) || (html_text(h, k) && *html_text(h, k)))
            return false;
    return true;
}

static bool has_attribute(const GumboElement *e, const char *name)
{
    return html_attribute(e, name, strlen(name)) != NULL;
}

static bool is_control(const GumboElement *e)
{
    return e->tag == GUMBO_TAG_BUTTON || e->tag == GUMBO_TAG_INPUT || e->tag == GUMBO_TAG_SELECT ||
           e->tag == GUMBO_TAG_TEXTAREA || e->tag == GUMBO_TAG_OPTGROUP ||
           e->tag == GUMBO_TAG_OPTION || e->tag == GUMBO_TAG_FIELDSET;
}

static bool part_fits(const struct part *p, const struct html *h, size_t i)
{
    const GumboElement *e = html_element(h, i);
    const char *value;

    switch (p->kind) {
    case PART_ANY:
        return true;
    case PART_TYPE:
        return type_fits(p, e);
    case PART_ID:
        value = html_attribute(e, "id", 2);
        return value && same_text(p->value, value, strlen(value), false);
    case PART_CLASS:
        value = html_attribute(e, "class", 5);
        return value && has_word(value, p->value, false);
    case PART_ATTRIBUTE:
        return attribute_fits(p, e);
    case PART_NTH:
        return nth_fits(p, h, i);
    case PART_ONLY:
        return place_of(h, i, false, p->of_type) == 1 && place_of(h, i, true, p->of_type) == 1;
    case PART_ROOT:
        return h->nodes[i].parent == 0;
    case PART_EMPTY:
        return is_empty(h, i);
    case PART_LINK:
        return (e->tag == GUMBO_TAG_A || e->tag == GUMBO_TAG_AREA || e->tag == GUMBO_TAG_LINK) &&
               has_attribute(e, "href");
    case PART_ENABLED:
    case PART_DISABLED:
        return is_control(e) && has_attribute(e, "disabled") == (p->kind == PART_DISABLED);
    case PART_CHECKED:
        return (e->tag == GUMBO_TAG_INPUT && has_attribute(e, "checked")) ||
               (e->tag == GUMBO_TAG_OPTION && has_attribute(e, "selected"));
    case PART_IS:
    case PART_NOT:
        return selector_fits(p->list, h, i) == (p->kind == PART_IS);
    default:
        return false;
    }
}

/* Which element comes next to the left of element I; HTML_NONE: none. */
static size_t next_left(const struct html *h, size_t i, char combinator)
{
    if (combinator == '+' || combinator == '~')
        return h->nodes[i].before;
    return h->nodes[i].parent ? h->nodes[i].parent : HTML_NONE;
}

/* From right to left. A descendant's ancestors are tried from the nearest on; where none fits what
 * stands left of it, none of a further one's will either, and the search is over. */
static enum fit compound_fits(const struct compound *c, const struct html *h, size_t i)
{
    bool beside = c->combinator == '+' || c->combinator == '~';

    for (const struct part *p = c->parts; p; p = p->next)
        if (!part_fits(p, h, i))
            return NOT_HERE;
    if (!c->left)
        return FITS;
    for (;;) {
        enum fit fit;

        i = next_left(h, i, c->combinator);
        if (i == HTML_NONE)
            return beside ? NOT_IN_PARENT : NOWHERE;
        fit = compound_fits(c->left, h, i);
        if (fit == FITS || fit == NOWHERE || c->combinator == '+')
            return fit;
        if (c->combinator == '>')
            return NOT_IN_PARENT;
        if (fit == NOT_IN_PARENT && c->combinator == '~')
            return fit;
    }
}

bool selector_fits(const struct selector *s, const struct html *h, size_t i)
{
    for (; s; s = s->next)
        if (compound_fits(s->right, h, i) == FITS)
            return true;
    return false;
}
