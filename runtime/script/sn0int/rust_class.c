/* Rust's patterns: classes. PCRE2 has no class within a class and no difference of two, but each stands
 * for one character, and so one can be looked at ahead of, or behind, another. */
#include <lauxlib.h>
#include <string.h>

#include "runtime/script/sn0int/rust.h"

/* The union that is being written: "[", its simple items, "]", and other classes, separated by "|". */
struct parts {
    size_t from;
    int count;
    bool open; /* within [ */
};

static void parts_close(struct rust *r, struct parts *p)
{
    if (p->open)
        out_text(r->o, "]");
    p->open = false;
}

/* Before a class of its own. */
static void parts_next(struct rust *r, struct parts *p)
{
    parts_close(r, p);
    if (p->count++)
        out_text(r->o, "|");
}

/* Before a simple item. */
static void parts_open(struct rust *r, struct parts *p)
{
    if (p->open)
        return;
    parts_next(r, p);
    out_text(r->o, "[");
    p->open = true;
}

static void parts_end(struct rust *r, struct parts *p)
{
    parts_close(r, p);
    if (!p->count)
        out_text(r->o, "[^\\x{0}-\\x{10ffff}]"); /* none; of one's length, to look behind for */
    if (p->count > 1) {
        out_insert(r->o, p->from, "(?:");
        out_text(r->o, ")");
    }
}

/* "[:alpha:]", of ASCII alone. */
static bool class_posix(struct rust *r, struct rust_set *set)
{
    static const char *const names[][2] = {
        {"alnum", "0-9A-Za-z"},
        {"alpha", "A-Za-z"},
        {"ascii", "\\x{0}-\\x{7f}"},
        {"blank", "\\x{9}\\x{20}"},
        {"cntrl", "\\x{0}-\\x{1f}\\x{7f}"},
        {"digit", "0-9"},
        {"graph", "\\x{21}-\\x{7e}"},
        {"lower", "a-z"},
        {"print", "\\x{20}-\\x{7e}"},
        {"punct", "\\x{21}-\\x{2f}\\x{3a}-\\x{40}\\x{5b}-\\x{60}\\x{7b}-\\x{7e}"},
        {"space", "\\x{9}-\\x{d}\\x{20}"},
        {"upper", "A-Z"},
        {"word", "0-9A-Za-z_"},
        {"xdigit", "0-9A-Fa-f"}};
    const char *from = r->at;

    if (!rust_accept(r, "[:"))
        return false;
    set->negated = rust_accept(r, "^");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (rust_accept(r, names[i][0]) && rust_accept(r, ":]")) {
            set->items = names[i][1];
            return true;
        }
    r->at = from;
    return false;
}

/* A character, escaped or not; or a set: *KIND. */
static bool class_item(struct rust *r, enum rust_escape *kind, uint32_t *c, struct rust_set *set)
{
    const char *assertion;

    *kind = RUST_CHARACTER;
    if (!rust_accept(r, "\\"))
        return rust_character(r, c) &&
               (!r->ascii || *c < 0x80 || rust_refuse(r, "no ASCII character, without u"));
    if (!rust_escaped(r, kind, c, set, &assertion))
        return false;
    return *kind != RUST_ASSERTION || rust_refuse(r, "no such escape in a class");
}

/* Whether "-" and the end of a range come next, not an operator or the end of the class. */
static bool class_is_range(const struct rust *r)
{
    return r->end - r->at > 1 && r->at[0] == '-' && r->at[1] != ']' && r->at[1] != '-';
}

static bool class_put(struct rust *r, struct parts *p)
{
    enum rust_escape kind;
    struct rust_set set;
    uint32_t c, last;

    if (!class_item(r, &kind, &c, &set))
        return false;
    rust_space(r);
    if (kind == RUST_SET && set.negated) {
        parts_next(r, p);
        return rust_put_set(r, &set);
    }
    parts_open(r, p);
    if (kind == RUST_SET)
        return out_text(r->o, set.items), true;
    rust_put(r, c);
    if (!class_is_range(r))
        return true;
    r->at++;
    rust_space(r);
    if (!class_item(r, &kind, &last, &set))
        return false;
    if (kind != RUST_CHARACTER || last < c)
        return rust_refuse(r, "no range of characters");
    out_text(r->o, "-");
    rust_put(r, last);
    return true;
}

/* Items up to "]" or an operator. */
static bool class_union(struct rust *r, int depth, bool first)
{
    struct parts p = {.from = r->o->used};
    struct rust_set set;

    for (;; first = false) {
        rust_space(r);
        if (r->at == r->end)
            return rust_refuse(r, "a class is not closed");
        if (first && *r->at == '-' && rust_accept(r, "-")) {
            for (bool more = true; more; more = rust_accept(r, "-")) {
                parts_open(r, &p);
                rust_put(r, '-');
            }
            continue;
        }
        if ((*r->at == ']' && !first) ||
            (r->end - r->at > 1 && r->at[0] == r->at[1] && strchr("&-~", r->at[0]) && r->at[0]))
            break;
        if (class_posix(r, &set)) {
            parts_next(r, &p);
            if (!rust_put_set(r, &set))
                return false;
        } else if (rust_accept(r, "[")) {
            parts_next(r, &p);
            if (!rust_class(r, depth + 1))
                return false;
        } else if (!class_put(r, &p)) {
            return false;
        }
    }
    parts_end(r, &p);
    return true;
}

/* Of the two classes, each in neither: A without B, or B without A. */
static void class_either(struct rust *r, size_t from, size_t middle)
{
    lua_State *L = r->o->L;
    const char *a = lua_pushlstring(L, r->o->data + from, middle - from);
    const char *b = lua_pushlstring(L, r->o->data + middle, r->o->used - middle);

    r->o->used = from;
    for (const char *const *text =
             (const char *const[]){"(?:", a, "(?<!", b, ")|", b, "(?<!", a, "))", NULL};
         *text; text++)
        out_text(r->o, *text);
    lua_pop(L, 2);
}

/* After an operator, of which the class from FROM on is the left side. */
static bool class_operate(struct rust *r, int depth, size_t from, char op)
{
    size_t middle;

    if (op == '&') {
        out_insert(r->o, from, "(?:(?=");
        out_text(r->o, ")");
    } else if (op == '-') {
        out_insert(r->o, from, "(?:");
        out_text(r->o, "(?<!");
    }
    middle = r->o->used;
    if (!class_union(r, depth, false))
        return false;
    if (op == '~')
        class_either(r, from, middle);
    else
        out_text(r->o, op == '&' ? ")" : "))");
    return r->o->used < 1 << 20 || rust_refuse(r, "a class of too many parts");
}

bool rust_class(struct rust *r, int depth)
{
    size_t from = r->o->used;
    bool negated, simple;

    if (depth > RUST_DEPTH)
        return rust_refuse(r, "too many classes in one another");
    rust_space(r);
    negated = rust_accept(r, "^");
    if (negated && r->ascii)
        return rust_refuse(r, "without u, this would match a part of a character");
    if (!class_union(r, depth, true))
        return false;
    simple = r->o->data[from] == '[' &&
             memchr(r->o->data + from, ']', r->o->used - from) == r->o->data + r->o->used - 1;
    while (!rust_accept(r, "]")) {
        char op = *r->at;

        r->at += 2;
        simple = false;
        if (!class_operate(r, depth, from, op))
            return false;
    }
    if (negated && simple && r->o->data[from + 1] != '^') {
        out_insert(r->o, from + 1, "^");
    } else if (negated) {
        out_insert(r->o, from, "(?:(?!");
        out_text(r->o, ")(?s:.))");
    }
    return true;
}
