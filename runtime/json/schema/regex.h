/* Internal to schema/: regular expressions of ECMA-262 (2024) in its "u" mode, parsed (regex_*.c) and
 * compiled (program.c) for machine.c. Patterns come from bundles: what the grammar does not have is refused
 * with its place, and all work and memory is counted. */
#ifndef JSON_SCHEMA_REGEX_H
#define JSON_SCHEMA_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/json/schema/scratch.h"

#define REGEX_FOREVER \
    UINT32_C(0x7fffffff) /* no upper bound; larger ones mean the same: no text is so long */
#define REGEX_CHARS UINT32_C(0x110000)

/* A set of code points: its ranges in order, none touching the next. */
struct range {
    uint32_t lo, hi;
};

struct set {
    struct range *at;
    size_t count, cap;
    uint64_t ascii[2]; /* set_finish(): the first 128 as bits */
};

/* False if there is no memory, or no more budget. */
bool set_add(struct scratch *s, struct set *set, uint32_t lo, uint32_t hi);
bool set_add_all(struct scratch *s, struct set *set, const struct set *other);
bool set_invert(struct scratch *s, struct set *set);
void set_finish(struct set *set);
void set_free(struct scratch *s, struct set *set);
bool set_has(const struct set *set, uint32_t cp);

/* The number of the set that \p{...} with these N bytes between its braces stands for, or -1. */
int property_find(const char *text, size_t n);
bool property_add(struct scratch *s, struct set *set, int number);
bool property_has(int number, uint32_t cp);

enum regex_kind {
    REGEX_CHAR,
    REGEX_SET,
    REGEX_START,    /* ^ */
    REGEX_END,      /* $ */
    REGEX_EDGE,     /* \b, \B */
    REGEX_CAPTURE,  /* (...) */
    REGEX_LOOK,     /* (?=...) and its like */
    REGEX_BACKREF,  /* \1, \k<...> */
    REGEX_REPEAT,   /* a quantifier */
    REGEX_SEQUENCE, /* one item after another */
    REGEX_EITHER    /* a|b */
};

struct regex_node {
    enum regex_kind kind;
    bool lazy, negative, behind;
    bool empty;           /* may match the empty text */
    bool narrow;          /* matches no other */
    uint32_t value;       /* code point, number of set or of group */
    uint32_t min, max;    /* of a quantifier */
    uint32_t from, to;    /* the groups in its body: from <= number < to */
    uint32_t first, next; /* child and sibling; 0: none */
};

struct regex_name {
    const char *at, *end; /* between < and > */
    uint32_t group;       /* 0: a reference */
    uint32_t node;        /* that is resolved */
};

/* A parsed pattern, and the state of its parser. */
struct regex {
    struct scratch *scratch;
    const char *text, *at, *end;
    struct regex_node *node; /* [0] is none */
    size_t nodes, node_cap;
    struct set *set;
    size_t sets, set_cap;
    struct regex_name *name;
    size_t names, name_cap;
    uint32_t root, groups;
    unsigned depth;
    bool backrefs;
    const char *quantified; /* where the last quantifier ended */
    const char *what;       /* the error, and its place */
    const char *where;
};

/* Parse N bytes of TEXT, valid UTF-8. False: re->what is wrong at re->where, or if that is NULL, there is
 * not enough memory or budget. Call regex_free() in either case. */
bool regex_parse(struct regex *re, const char *text, size_t n);
void regex_free(struct regex *re);

/* Within the parser. Each returns false, or 0, after an error. */
bool regex_wrong(struct regex *re, const char *where, const char *what);
uint32_t regex_none(struct regex *re, const char *where,
                    const char *what); /* the same, for a node */
void *regex_room(struct regex *re, void *array, size_t *cap, size_t count, size_t size);
uint32_t regex_node(struct regex *re, enum regex_kind kind);
uint32_t regex_assertion(struct regex *re, enum regex_kind kind,
                         bool negative);               /* ^ and its like */
uint32_t regex_either(struct regex *re);               /* a|b, up to a ) or the end */
uint32_t regex_set(struct regex *re, struct set *set); /* takes the ranges of SET */
static inline int regex_peek(const struct regex *re)
{
    return re->at < re->end ? (unsigned char)*re->at : -1;
}
bool regex_skip(struct regex *re, const char *word); /* if it is next */
uint32_t regex_char(struct regex *re);               /* the next one, of at least one */

/* regex_escape.c: behind a backslash. */
bool regex_escape_char(struct regex *re, bool in_class, uint32_t *cp);
bool regex_escape_unicode(struct regex *re, uint32_t *cp);
bool regex_is_set(const struct regex *re); /* \d, \p and so on */
bool regex_escape_set(struct regex *re, struct set *set);
uint32_t regex_class(struct regex *re); /* behind the [ */

/* regex_group.c: behind a (, *LOOKS if it cannot be repeated; and behind the backslash of \1, whose number
 * is checked at the end, when all groups are known, or of \k<name>. */
uint32_t regex_group(struct regex *re, bool *looks);
uint32_t regex_backref(struct regex *re);

/* regex_name.c: a group's name and the >. */
bool regex_name(struct regex *re, uint32_t group, uint32_t node);
bool regex_resolve(struct regex *re);

#endif
