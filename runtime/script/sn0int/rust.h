/* Patterns as Rust's regex crate writes them, in the syntax of PCRE2. What that crate refuses is
 * refused here: look-around, references back, and what PCRE2 has of its own. */
#ifndef SCRIPT_SN0INT_RUST_H
#define SCRIPT_SN0INT_RUST_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/script/sn0int/text_out.h"

#define RUST_DEPTH 250 /* groups, or classes, in one another: the crate's own limit */

struct rust {
    const char *begin, *at, *end; /* the pattern: UTF-8 */
    struct text_out *o;
    const char *why;     /* once something has returned false; else NULL */
    bool ascii, verbose; /* (?-u), (?x) */
    char property[80];
};

/* A set of characters, as what stands between brackets in PCRE2. */
struct rust_set {
    const char *items;
    bool negated;
};

enum rust_escape { RUST_CHARACTER, RUST_SET, RUST_ASSERTION };

/* Translate the whole pattern. False: .why, and .at where. */
bool rust_translate(struct rust *r);

/* False, with WHY. */
bool rust_refuse(struct rust *r, const char *why);

/* Whether TEXT is next: then it is skipped. */
bool rust_accept(struct rust *r, const char *text);

/* In verbose mode, skip white space and comments. */
void rust_space(struct rust *r);

/* Take one character, literally. */
bool rust_character(struct rust *r, uint32_t *c);

/* rust_escape.c: what follows a backslash, which was skipped. RUST_ASSERTION: *ASSERTION is PCRE2's. */
bool rust_escaped(struct rust *r, enum rust_escape *kind, uint32_t *c, struct rust_set *set,
                  const char **assertion);

/* rust_class.c: what follows "[", which was skipped: one character's worth of PCRE2. */
bool rust_class(struct rust *r, int depth);

/* Append C, so that PCRE2 takes it literally. */
void rust_put(struct rust *r, uint32_t c);

/* Append SET as a class. */
bool rust_put_set(struct rust *r, const struct rust_set *set);

#endif
