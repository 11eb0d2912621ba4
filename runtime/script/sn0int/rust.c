/* Rust's patterns: see rust.h. Here are groups, flags and repetitions. */
#include "runtime/script/sn0int/rust.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "runtime/json/utf8.h"

/* Where in the output the last atom begins, and what may follow it. */
struct atom {
    size_t from;
    bool there, repeated;
};

struct group {
    struct atom atom;
    bool ascii, verbose;
};

struct walk {
    struct rust *r;
    struct atom atom;
    struct group open[RUST_DEPTH];
    int depth, names; /* .names: stack index of a table */
};

bool rust_refuse(struct rust *r, const char *why)
{
    r->why = why;
    return false;
}

bool rust_accept(struct rust *r, const char *text)
{
    size_t n = strlen(text);

    if ((size_t)(r->end - r->at) < n || memcmp(r->at, text, n) != 0)
        return false;
    r->at += n;
    return true;
}

void rust_space(struct rust *r)
{
    while (r->verbose && r->at < r->end) {
        if (*r->at == '#')
            while (r->at < r->end && *r->at != '\n')
                r->at++;
        else if (strchr(" \t\n\v\f\r", *r->at) && *r->at)
            r->at++;
        else
            break;
    }
}

bool rust_character(struct rust *r, uint32_t *c)
{
    size_t n = r->at < r->end ? utf8_decode(r->at, r->end, c) : 0;

    r->at += n;
    return n || rust_refuse(r, "a character expected");
}

void rust_put(struct rust *r, uint32_t c)
{
    char text[16];

    snprintf(text, sizeof text, "\\x{%x}", (unsigned)c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
        out_char(r->o, (char)c);
    else
        out_text(r->o, text);
}

bool rust_put_set(struct rust *r, const struct rust_set *set)
{
    if (set->negated && r->ascii)
        return rust_refuse(r, "without u, this would match a part of a character");
    out_text(r->o, set->negated ? "[^" : "[");
    out_text(r->o, set->items);
    out_text(r->o, "]");
    return true;
}

static void atom_begin(struct walk *w)
{
    w->atom = (struct atom){w->r->o->used, true, false};
}

/* "i-s" up to ":" or ")": PCRE2's of the same letters are appended. */
static bool walk_flags(struct walk *w, bool *group)
{
    struct rust *r = w->r;
    bool on = true, last_minus = false, any = false;

    out_text(r->o, "(?");
    for (;;) {
        char c = r->at < r->end ? *r->at++ : '\0';

        if (c == ':' || c == ')') {
            if (last_minus || (c == ')' && !any))
                return rust_refuse(r, "flags expected");
            *group = c == ':';
            out_text(r->o, *group ? ":" : ")");
            return true;
        }
        if (c == '-' && on) {
            out_text(r->o, "-");
            on = false;
        } else if (c == 'u') {
            r->ascii = !on;
        } else if (c == 'x') {
            r->verbose = on;
        } else if (c && strchr("imsU", c)) {
            out_char(r->o, c);
        } else {
            r->at -= c != '\0';
            return rust_refuse(r, c == 'R'               ? "flag R, which is not supported here"
                                  : c == '=' || c == '!' ? "look-around is not supported"
                                                         : "no such flag");
        }
        last_minus = c == '-';
        any = true;
    }
}

/* After "(?<" or "(?P<": a name of its own, which PCRE2 does not get. */
static bool walk_name(struct walk *w)
{
    lua_State *L = w->r->o->L;
    const char *name = w->r->at, *stop = memchr(name, '>', (size_t)(w->r->end - name));
    bool known;

    if (name < w->r->end && (*name == '=' || *name == '!'))
        return rust_refuse(w->r, "look-around is not supported");
    if (!stop || stop == name || (*name >= '0' && *name <= '9'))
        return rust_refuse(w->r, "a name of a group expected, and >");
    for (const char *c = name; c < stop; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
              (*c && strchr("_.[]", *c)) || (unsigned char)*c >= 0x80))
            return rust_refuse(w->r, "no character of a group's name");
    lua_pushlstring(L, name, (size_t)(stop - name));
    lua_pushvalue(L, -1);
    known = lua_rawget(L, w->names) != LUA_TNIL;
    lua_pop(L, 1);
    lua_pushboolean(L, true);
    lua_rawset(L, w->names);
    w->r->at = stop + 1;
    out_text(w->r->o, "(");
    return !known || rust_refuse(w->r, "two groups of this name");
}

static bool walk_open(struct walk *w)
{
    struct rust *r = w->r;
    struct group before = {.ascii = r->ascii, .verbose = r->verbose};
    bool group = true;

    if (w->depth == RUST_DEPTH)
        return rust_refuse(r, "too many groups in one another");
    atom_begin(w);
    if (rust_accept(r, "?P<") || rust_accept(r, "?<")) {
        if (!walk_name(w))
            return false;
    } else if (rust_accept(r, "?")) {
        if (!walk_flags(w, &group))
            return false;
    } else {
        out_text(r->o, "(");
    }
    if (group) {
        before.atom = w->atom;
        w->open[w->depth++] = before;
    }
    w->atom = (struct atom){.there = false}; /* nothing to repeat yet */
    return true;
}

static bool walk_close(struct walk *w)
{
    struct group *g = w->depth ? &w->open[--w->depth] : NULL;

    if (!g)
        return rust_refuse(w->r, "a group is closed that was not opened");
    out_text(w->r->o, ")");
    w->r->ascii = g->ascii;
    w->r->verbose = g->verbose;
    w->atom = g->atom;
    return true;
}

static bool walk_number(struct rust *r, unsigned *number)
{
    const char *from = r->at;

    *number = 0;
    for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++)
        if ((*number = *number * 10 + (unsigned)(*r->at - '0')) > 65535)
            return rust_refuse(r, "more repetitions than 65535");
    return r->at > from || rust_refuse(r, "a number of repetitions expected");
}

/* After "{". */
static bool walk_count(struct rust *r, char *text, size_t size)
{
    unsigned least, most;

    if (!walk_number(r, &least))
        return false;
    snprintf(text, size, "{%u}", least);
    if (rust_accept(r, ",")) {
        snprintf(text, size, "{%u,}", least);
        if (r->at < r->end && *r->at != '}') {
            if (!walk_number(r, &most))
                return false;
            if (most < least)
                return rust_refuse(r, "fewer repetitions at most than at least");
            snprintf(text, size, "{%u,%u}", least, most);
        }
    }
    return rust_accept(r, "}") || rust_refuse(r, "} expected");
}

/* A repetition may be repeated: in PCRE2, a second sign would be part of the first. */
static bool walk_repeat(struct walk *w, char sign)
{
    struct rust *r = w->r;
    char text[24] = {sign};

    if (!w->atom.there)
        return rust_refuse(r, "nothing to repeat");
    if (sign == '{' && !walk_count(r, text, sizeof text))
        return false;
    if (w->atom.repeated) {
        out_insert(r->o, w->atom.from, "(?:");
        out_text(r->o, ")");
    }
    out_text(r->o, text);
    if (rust_accept(r, "?"))
        out_text(r->o, "?");
    w->atom.repeated = true;
    return true;
}

static bool walk_escape(struct walk *w)
{
    struct rust *r = w->r;
    enum rust_escape kind;
    struct rust_set set;
    const char *assertion;
    uint32_t c;

    if (!rust_escaped(r, &kind, &c, &set, &assertion))
        return false;
    if (kind == RUST_SET)
        return rust_put_set(r, &set);
    if (kind == RUST_ASSERTION)
        out_text(r->o, assertion);
    else
        rust_put(r, c);
    return true;
}

static bool walk_dot(struct rust *r)
{
    out_text(r->o, ".");
    return !r->ascii || rust_refuse(r, "without u, this would match a part of a character");
}

static bool walk_atom(struct walk *w)
{
    struct rust *r = w->r;
    uint32_t c;

    atom_begin(w);
    if (rust_accept(r, "\\"))
        return walk_escape(w);
    if (rust_accept(r, "["))
        return rust_class(r, 1);
    if (rust_accept(r, "."))
        return walk_dot(r);
    if (rust_accept(r, "^"))
        return out_text(r->o, "(?:^)"), true;
    if (rust_accept(r, "$"))
        return out_text(r->o, "(?:$)"), true;
    if (!rust_character(r, &c))
        return false;
    rust_put(r, c);
    return true;
}

static bool walk_step(struct walk *w)
{
    struct rust *r = w->r;
    char c = *r->at;

    if (c && strchr("*+?{", c))
        return r->at++, walk_repeat(w, c);
    if (rust_accept(r, "("))
        return walk_open(w);
    if (rust_accept(r, ")"))
        return walk_close(w);
    if (rust_accept(r, "|")) {
        out_text(r->o, "|");
        w->atom = (struct atom){.there = false};
        return true;
    }
    return walk_atom(w);
}

bool rust_translate(struct rust *r)
{
    lua_State *L = r->o->L;
    struct walk w = {.r = r};

    lua_newtable(L);
    w.names = lua_gettop(L);
    for (rust_space(r); r->at < r->end; rust_space(r))
        if (!walk_step(&w))
            return false;
    return !w.depth || rust_refuse(r, "a group is not closed");
}
